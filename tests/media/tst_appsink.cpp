// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "media/engine/fault.h"
#include "media/engine/gstparts.h"

#include <QtTest/qtest.h>

#include <vector>

using namespace peer::media;

namespace {

int criticals = 0;

void countCritical(const gchar *, GLogLevelFlags, const gchar *message, gpointer)
{
    ++criticals;
    qInfo("%s", message);
}

GstPointer<GstCaps> pictureOf(int width)
{
    const std::string text = "video/x-raw,format=I420,height=2,framerate=30/1,width="
        + std::to_string(width);
    return GstPointer<GstCaps>(gst_caps_from_string(text.c_str()));
}

} // namespace

/// How samples come out of GStreamer.
class tst_AppSink : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { QVERIFY(!initializeGStreamer()); }
    void aSampleMayBeKeptWhileAFilmBeginsAgain_data();
    void aSampleMayBeKeptWhileAFilmBeginsAgain();
};

void tst_AppSink::aSampleMayBeKeptWhileAFilmBeginsAgain_data()
{
    QTest::addColumn<int>("width");
    QTest::newRow("with pictures of the same size") << 2;
    QTest::newRow("with pictures of another size") << 4;
}

/// appsink tells the format anew, after it was flushed, in the sample that it has handed out last:
/// nobody else may have that one then.
void tst_AppSink::aSampleMayBeKeptWhileAFilmBeginsAgain()
{
    QFETCH(const int, width);
    criticals = 0;
    const guint handler = g_log_set_handler("GStreamer", G_LOG_LEVEL_CRITICAL, countCritical,
                                            nullptr);
    const GstPointer<GstElement> sink(
        GST_ELEMENT(gst_object_ref_sink(gst_element_factory_make("appsink", nullptr))));
    g_object_set(sink.get(), "sync", FALSE, "async", FALSE, nullptr);
    std::vector<GstPointer<GstSample>> kept;
    takeSamples(sink.get(),
                [&kept](GstSample *sample) { kept.emplace_back(gst_sample_ref(sample)); });
    gst_element_set_state(sink.get(), GST_STATE_PLAYING);
    const GstPointer<GstPad> pad(gst_element_get_static_pad(sink.get(), "sink"));
    GstSegment segment;
    gst_segment_init(&segment, GST_FORMAT_TIME);
    const auto play = [&](int pictureWidth) {
        const GstPointer<GstCaps> caps = pictureOf(pictureWidth);
        gst_pad_send_event(pad.get(), gst_event_new_caps(caps.get()));
        gst_pad_send_event(pad.get(), gst_event_new_segment(&segment));
        GstBuffer *picture = gst_buffer_new_allocate(nullptr, gsize(pictureWidth) * 3, nullptr);
        GST_BUFFER_PTS(picture) = 0;
        return gst_pad_chain(pad.get(), picture);
    };
    gst_pad_send_event(pad.get(), gst_event_new_stream_start("film"));
    QCOMPARE(play(2), GST_FLOW_OK);
    gst_pad_send_event(pad.get(), gst_event_new_flush_start());
    gst_pad_send_event(pad.get(), gst_event_new_flush_stop(TRUE));
    QCOMPARE(play(width), GST_FLOW_OK);
    gst_element_set_state(sink.get(), GST_STATE_NULL);
    g_log_remove_handler("GStreamer", handler);

    QCOMPARE(criticals, 0);
    QCOMPARE(kept.size(), 2U);
    for (std::size_t i = 0; i < kept.size(); ++i) {
        const GstPointer<GstCaps> expected = pictureOf(i == 0 ? 2 : width);
        QVERIFY(gst_caps_is_equal(gst_sample_get_caps(kept[i].get()), expected.get()));
        QVERIFY(gst_sample_get_buffer(kept[i].get()));
    }
}

QTEST_APPLESS_MAIN(tst_AppSink)

#include "tst_appsink.moc"
