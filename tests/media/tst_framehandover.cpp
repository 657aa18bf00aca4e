// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "media/display/framehandover.h"
#include "mediapair.h"

#include <QtTest/qsignalspy.h>
#include <QtTest/qtest.h>

#include <thread>

using namespace peer;
using namespace peer::media;
using namespace peer::test;

namespace {

constexpr int Width = 322;
constexpr int Height = 181; // odd: there is one line more of chroma than Qt has room for

/// A picture with the frame's number in its strip.
GstPointer<GstSample> makeSample(std::uint32_t frame)
{
    const std::string text = "video/x-raw,format=I420,framerate=30/1,width=" + std::to_string(Width)
        + ",height=" + std::to_string(Height);
    const GstPointer<GstCaps> caps(gst_caps_from_string(text.c_str()));
    GstVideoInfo info;
    gst_video_info_from_caps(&info, caps.get());
    const GstPointer<GstBuffer> buffer(gst_buffer_new_allocate(nullptr, info.size, nullptr));
    {
        const MappedPicture mapped(buffer.get(), Width, Height);
        TestPicture(9, "bob").paint(mapped.picture(), frame, 0, "");
    }
    return GstPointer<GstSample>(gst_sample_new(buffer.get(), caps.get(), nullptr, nullptr));
}

std::optional<StripContent> stripOf(QVideoFrame frame)
{
    if (!frame.map(QVideoFrame::ReadOnly))
        return {};
    const auto plane = [&](int index) {
        return BasicPlane<const std::uint8_t>{frame.bits(index), frame.bytesPerLine(index)};
    };
    const auto content = TestStrip::read(
        {frame.width(), frame.height(), plane(0), plane(1), plane(2)});
    frame.unmap();
    return content;
}

} // namespace

class tst_FrameHandover : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void aPictureArrivesAsItWas();
    void aStalledThreadGetsTheLatestAlone();
    void picturesForNobodyAreDropped();
    void theSinkMayGo();
    void picturesMayComeAfterTheEnd();
    void clearingTakesTheLastPictureAway();
    void whatIsNoPictureIsNotShown();
};

void tst_FrameHandover::initTestCase()
{
    QVERIFY(!initializeGStreamer());
}

void tst_FrameHandover::aPictureArrivesAsItWas()
{
    QVideoSink sink;
    FrameHandover handover;
    handover.setSink(&sink);
    const auto sample = makeSample(77);
    std::thread([&] { handover.entrance().offer(sample.get()); }).join();
    QVERIFY(eventually([&] { return sink.videoFrame().isValid(); }));
    QVideoFrame frame = sink.videoFrame();
    QCOMPARE(frame.size(), QSize(Width, Height));
    QCOMPARE(frame.pixelFormat(), QVideoFrameFormat::Format_YUV420P);
    QVERIFY(stripOf(frame) == (StripContent{9, 77, 0}));
    const MappedPicture mapped(sample.get());
    const Picture picture = mapped.picture();
    QVERIFY(frame.map(QVideoFrame::ReadOnly));
    for (int y = 0; y < picture.height / 2; ++y) {
        const auto length = std::size_t(picture.chromaWidth());
        QVERIFY(!memcmp(frame.bits(1) + y * frame.bytesPerLine(1), picture.u.line(y), length));
        QVERIFY(!memcmp(frame.bits(2) + y * frame.bytesPerLine(2), picture.v.line(y), length));
    }
    frame.unmap();
}

void tst_FrameHandover::aStalledThreadGetsTheLatestAlone()
{
    QVideoSink sink;
    QSignalSpy changed(&sink, &QVideoSink::videoFrameChanged);
    FrameHandover handover;
    handover.setSink(&sink);
    // This thread does nothing while a thousand come; only one of them is kept.
    std::vector<GstPointer<GstBuffer>> buffers;
    std::thread([&] {
        for (std::uint32_t frame = 0; frame < 1000; ++frame) {
            const auto sample = makeSample(frame);
            handover.entrance().offer(sample.get());
            if (frame % 100 == 50)
                buffers.emplace_back(gst_buffer_ref(gst_sample_get_buffer(sample.get())));
        }
    }).join();
    for (const auto &buffer : buffers)
        QCOMPARE(GST_MINI_OBJECT_REFCOUNT(buffer.get()), 1);
    QVERIFY(eventually([&] { return changed.size() > 0; }));
    QCoreApplication::processEvents();
    QCOMPARE(changed.size(), 1);
    QVERIFY(stripOf(sink.videoFrame()) == (StripContent{9, 999, 0}));
    QCOMPARE(handover.statistics().offered, 1000U);
    QCOMPARE(handover.statistics().shown, 1U);
    // And it goes on.
    handover.entrance().offer(makeSample(1000).get());
    QVERIFY(eventually([&] { return changed.size() == 2; }));
}

void tst_FrameHandover::picturesForNobodyAreDropped()
{
    FrameHandover handover;
    const auto sample = makeSample(1);
    handover.entrance().offer(sample.get());
    QCoreApplication::processEvents();
    QCOMPARE(handover.statistics().shown, 0U);
    QCOMPARE(GST_MINI_OBJECT_REFCOUNT(sample.get()), 1);
}

void tst_FrameHandover::theSinkMayGo()
{
    auto sink = std::make_unique<QVideoSink>();
    FrameHandover handover;
    handover.setSink(sink.get());
    handover.entrance().offer(makeSample(1).get());
    sink.reset();
    QCoreApplication::processEvents();
    QVERIFY(!handover.sink());
}

void tst_FrameHandover::picturesMayComeAfterTheEnd()
{
    auto handover = std::make_unique<FrameHandover>();
    const FrameHandover::Entrance entrance = handover->entrance();
    const auto sample = makeSample(1);
    entrance.offer(sample.get());
    handover.reset();
    entrance.offer(sample.get());
    QCOMPARE(GST_MINI_OBJECT_REFCOUNT(sample.get()), 1);
}

void tst_FrameHandover::clearingTakesTheLastPictureAway()
{
    QVideoSink sink;
    FrameHandover handover;
    handover.setSink(&sink);
    handover.entrance().offer(makeSample(1).get());
    QVERIFY(eventually([&] { return sink.videoFrame().isValid(); }));
    handover.entrance().offer(makeSample(2).get());
    handover.clear();
    QCoreApplication::processEvents();
    QVERIFY(!sink.videoFrame().isValid());
}

void tst_FrameHandover::whatIsNoPictureIsNotShown()
{
    QVideoSink sink;
    FrameHandover handover;
    handover.setSink(&sink);
    const GstPointer<GstCaps> caps(gst_caps_from_string("audio/x-raw"));
    const GstPointer<GstSample> sample(gst_sample_new(nullptr, caps.get(), nullptr, nullptr));
    handover.entrance().offer(sample.get());
    QCoreApplication::processEvents();
    QVERIFY(!sink.videoFrame().isValid());
    QVERIFY(!toVideoFrame(sample.get()).isValid());
}

QTEST_GUILESS_MAIN(tst_FrameHandover)
#include "tst_framehandover.moc"
