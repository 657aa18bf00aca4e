// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "media/engine/gstparts.h"
#include "media/engine/videopicture.h"
#include "mediapair.h"

#include <gst/app/gstappsrc.h>

#include <QtTest/qtest.h>

using namespace peer;
using namespace peer::media;
using namespace peer::test;

namespace {

constexpr int Frames = 90; // three seconds

/// What is left of a test picture after VP8, all of it in memory and as fast as it goes.
std::vector<StripContent> decodedStrips(int bitrate, int width, int height)
{
    std::vector<StripContent> strips;
    const auto bin = makeBin(
        "appsrc name=in format=time ! vp8enc deadline=1 cpu-used=8 threads=1"
        " end-usage=cbr lag-in-frames=0 keyframe-max-dist=2000 buffer-size=1000"
        " buffer-initial-size=500 buffer-optimal-size=600 max-quantizer=56"
        " target-bitrate="
        + std::to_string(bitrate) + " ! vp8dec ! appsink name=out sync=false");
    takeSamples(childOf(bin.get(), "out").get(), [&](GstSample *sample) {
        const MappedPicture mapped(sample);
        if (const auto content = TestStrip::read(asView(mapped.picture())))
            strips.push_back(*content);
    });
    const GstPointer<GstElement> pipeline(
        GST_ELEMENT(gst_object_ref_sink(gst_pipeline_new(nullptr))));
    gst_bin_add(GST_BIN(pipeline.get()), bin.get());
    gst_element_set_state(pipeline.get(), GST_STATE_PLAYING);
    const auto in = childOf(bin.get(), "in");
    const std::string caps = "video/x-raw,format=I420,width=" + std::to_string(width)
        + ",height=" + std::to_string(height) + ",framerate=30/1";
    const GstPointer<GstCaps> described(gst_caps_from_string(caps.c_str()));
    gst_app_src_set_caps(GST_APP_SRC(in.get()), described.get());
    const TestPicture picture(7, "alice");
    GstVideoInfo info;
    gst_video_info_from_caps(&info, described.get());
    for (std::uint32_t frame = 0; frame < Frames; ++frame) {
        GstBuffer *buffer = gst_buffer_new_allocate(nullptr, info.size, nullptr);
        GST_BUFFER_PTS(buffer) = gst_util_uint64_scale(frame, GST_SECOND, 30);
        {
            const MappedPicture mapped(buffer, width, height);
            picture.paint(mapped.picture(), frame, frame * 33, "12:34:56");
        }
        gst_app_src_push_buffer(GST_APP_SRC(in.get()), buffer);
    }
    gst_app_src_end_of_stream(GST_APP_SRC(in.get()));
    const GstPointer<GstBus> bus(gst_element_get_bus(pipeline.get()));
    const GstPointer<GstMessage> end(gst_bus_timed_pop_filtered(
        bus.get(), 30 * GST_SECOND, GstMessageType(GST_MESSAGE_EOS | GST_MESSAGE_ERROR)));
    gst_element_set_state(pipeline.get(), GST_STATE_NULL);
    return strips;
}

} // namespace

class tst_TestSources : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void theStripSurvivesEncoding_data();
    void theStripSurvivesEncoding();
    void picturesComeAtTheirSizeAndCount();
    void theToneIsInTheSound();
    void aSourceCanBeStoppedAtAnyTime();
};

void tst_TestSources::initTestCase()
{
    const auto missing = initializeGStreamer();
    QVERIFY2(!missing, missing ? missing->text.c_str() : "");
}

void tst_TestSources::theStripSurvivesEncoding_data()
{
    QTest::addColumn<int>("bitrate");
    QTest::addColumn<int>("width");
    QTest::addColumn<int>("height");
    QTest::newRow("at 150 kbit/s") << 150'000 << 640 << 360;
    QTest::newRow("at 100 kbit/s in a quarter of the size") << 100'000 << 320 << 180;
}

void tst_TestSources::theStripSurvivesEncoding()
{
    QFETCH(int, bitrate);
    QFETCH(int, width);
    QFETCH(int, height);
    const std::vector<StripContent> strips = decodedStrips(bitrate, width, height);
    // One or two may be unreadable while the encoder finds its rate.
    QVERIFY2(strips.size() >= Frames - 4, qPrintable(QString::number(strips.size())));
    for (std::size_t i = 0; i < strips.size(); ++i) {
        QCOMPARE(strips[i].sender, 7);
        QCOMPARE(strips[i].paintedAt, strips[i].frame * 33);
        QVERIFY(i == 0 || strips[i].frame > strips[i - 1].frame);
    }
}

void tst_TestSources::picturesComeAtTheirSizeAndCount()
{
    std::mutex mutex;
    std::vector<StripContent> strips;
    bool isOfSize = true;
    SourceTaker taker;
    taker.video = [&](GstSample *sample) {
        const MappedPicture mapped(sample);
        const Picture picture = mapped.picture();
        const auto content = TestStrip::read(asView(picture));
        const std::lock_guard lock(mutex);
        isOfSize = isOfSize && picture.width == PictureWidth && picture.height == PictureHeight;
        if (content)
            strips.push_back(*content);
    };
    TestPictureSource source(5, "alice", taker);
    source.start();
    QVERIFY(eventually([&] {
        const std::lock_guard lock(mutex);
        return strips.size() >= 10;
    }));
    source.stop();
    QVERIFY(isOfSize);
    for (std::size_t i = 0; i < strips.size(); ++i) {
        QCOMPARE(strips[i].sender, 5);
        QCOMPARE(strips[i].frame, i);
        QVERIFY(stripTime() - strips[i].paintedAt < 60'000); // a clock of this minute
    }
}

void tst_TestSources::theToneIsInTheSound()
{
    std::atomic<int> right = 0;
    std::atomic<int> wrong = 0;
    SourceTaker taker;
    taker.audio = [&](GstSample *sample) {
        const MappedBuffer mapped(gst_sample_get_buffer(sample));
        const ByteView octets = mapped.octets();
        const auto tone = detectTone(
            {reinterpret_cast<const std::int16_t *>(octets.data()), octets.size() / 2}, 2);
        ++(tone == 21 ? right : wrong);
    };
    TestToneSource source(21, taker);
    source.start();
    QVERIFY(eventually([&] { return right >= 10; }));
    source.stop();
    QCOMPARE(wrong, 0);
}

void tst_TestSources::aSourceCanBeStoppedAtAnyTime()
{
    for (int i = 0; i < 10; ++i) {
        TestPictureSource picture(5, "alice", {[](GstSample *) {}, {}, {}});
        TestToneSource tone(5, {{}, [](GstSample *) {}, {}});
        if (i % 3 > 0) {
            picture.start();
            tone.start();
        }
        if (i % 3 > 1) {
            picture.stop();
            tone.stop();
        }
    }
}

QTEST_GUILESS_MAIN(tst_TestSources)
#include "tst_testsources.moc"
