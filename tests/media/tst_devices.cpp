// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "fakedevices.h"
#include "media/engine/devicesources.h"
#include "media/engine/gstparts.h"
#include "mediapair.h"

#include <QtCore/qscopeguard.h>
#include <QtTest/qtest.h>

#include <cerrno>

using namespace Qt::StringLiterals;
using namespace peer;
using namespace peer::media;
using namespace peer::test;

namespace {

const std::string Camera = "videotestsrc is-live=true ! capsfilter"
                           " caps=video/x-raw,format=YUY2,width=640,height=480,framerate=25/1";
const std::string Microphone = "audiotestsrc is-live=true ! capsfilter"
                               " caps=audio/x-raw,rate=44100,channels=1";

std::vector<std::string> namesOf(const DeviceMonitor &monitor, DeviceKind kind)
{
    std::vector<std::string> names;
    for (const Device &device : monitor.devices()) {
        if (device.kind == kind)
            names.push_back(device.name);
    }
    return names;
}

using Names = std::vector<std::string>;

} // namespace

class tst_Devices : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void areListedByKind();
    void comeAndGo();
    void aCameraGivesPicturesOfOurSize_data();
    void aCameraGivesPicturesOfOurSize();
    void aMicrophoneGivesSound_data();
    void aMicrophoneGivesSound();
    void aChosenDeviceIsTaken();
    void whatIsNotThereIsSaid();
    void aCameraThatIsPulledOutIsToldOf();
    void faultsOfADeviceAreTold_data();
    void faultsOfADeviceAreTold();
    void aMonitorCanEndAtOnce();
};

void tst_Devices::initTestCase()
{
    QVERIFY(!initializeGStreamer());
    useFakeDevicesAlone();
    plugIn("Camera of the lid", "Video/Source", Camera);
    plugIn("Headset", "Audio/Source", Microphone);
    plugIn("Boxes", "Audio/Sink", "fakesink");
}

void tst_Devices::areListedByKind()
{
    std::atomic<int> changes = 0;
    const DeviceMonitor monitor([&] { ++changes; });
    QVERIFY(eventually([&] { return changes > 0 && monitor.devices().size() == 3; }));
    QCOMPARE(namesOf(monitor, DeviceKind::Camera), Names{"Camera of the lid"});
    QCOMPARE(namesOf(monitor, DeviceKind::Microphone), Names{"Headset"});
    QCOMPARE(namesOf(monitor, DeviceKind::Speaker), Names{"Boxes"});
}

void tst_Devices::comeAndGo()
{
    std::atomic<int> changes = 0;
    const DeviceMonitor monitor([&] { ++changes; });
    QVERIFY(eventually([&] { return changes > 0 && monitor.devices().size() == 3; }));
    plugIn("Camera on a cable", "Video/Source", Camera);
    QVERIFY(eventually([&] { return monitor.devices().size() == 4; }));
    QCOMPARE(namesOf(monitor, DeviceKind::Camera),
             (Names{"Camera of the lid", "Camera on a cable"}));
    const int before = changes;
    pullOut("Camera on a cable");
    QVERIFY(eventually([&] { return changes > before && monitor.devices().size() == 3; }));
    QCOMPARE(namesOf(monitor, DeviceKind::Camera), Names{"Camera of the lid"});
}

void tst_Devices::aCameraGivesPicturesOfOurSize_data()
{
    QTest::addColumn<QString>("name");
    QTest::newRow("raw") << u"Camera of the lid"_s;
    QTest::newRow("of MJPEG alone") << u"Old camera"_s;
}

void tst_Devices::aCameraGivesPicturesOfOurSize()
{
    QFETCH(QString, name);
    plugIn("Old camera", "Video/Source", Camera + " ! jpegenc",
           "image/jpeg,width={640,1280},height={480,720},framerate=[5/1,30/1]");
    const auto guard = qScopeGuard([] { pullOut("Old camera"); });
    const DeviceMonitor monitor([] {});
    QVERIFY(eventually([&] { return monitor.devices().size() == 4; }));
    std::atomic<int> right = 0;
    std::atomic<int> wrong = 0;
    SourceTaker taker;
    taker.video = [&](GstSample *sample) {
        const MappedPicture mapped(sample);
        const bool isRight = mapped.isMapped() && mapped.picture().width == PictureWidth
            && mapped.picture().height == PictureHeight;
        ++(isRight ? right : wrong);
    };
    const auto source = makeCamera(monitor, name.toStdString(), taker);
    source->start();
    QVERIFY(eventually([&] { return right + wrong >= 5; }));
    source->stop();
    QCOMPARE(wrong, 0);
}

void tst_Devices::aMicrophoneGivesSound_data()
{
    QTest::addColumn<bool>("hasEcho");
    QTest::newRow("alone") << false;
    QTest::newRow("while sound is played") << true;
}

void tst_Devices::aMicrophoneGivesSound()
{
    QFETCH(bool, hasEcho);
    if (!hasVoiceProcessing())
        QSKIP("GStreamer has no webrtcdsp here (gstreamer1.0-plugins-bad)");
    const DeviceMonitor monitor([] {});
    QVERIFY(eventually([&] { return monitor.devices().size() == 3; }));
    std::vector<Fault> faults;
    SourceTaker playing;
    Source played("The player",
                  "audiotestsrc is-live=true ! audioconvert ! audioresample"
                  " ! capsfilter caps=audio/x-raw,format=S16LE,rate=48000,channels=2"
                  " ! webrtcechoprobe name=tst-probe"
                      + audioOutput(true),
                  {{}, [](GstSample *) {}, {}});
    played.start();
    std::atomic<int> sounds = 0;
    std::mutex mutex;
    SourceTaker taker;
    taker.audio = [&](GstSample *sample) {
        const GstStructure *caps = gst_caps_get_structure(gst_sample_get_caps(sample), 0);
        int channels = 0;
        gst_structure_get_int(caps, "channels", &channels);
        sounds += channels == 2;
    };
    taker.fault = [&](const Fault &fault) {
        const std::lock_guard lock(mutex);
        faults.push_back(fault);
    };
    const auto source = makeMicrophone(monitor, {}, hasEcho ? "tst-probe" : "", taker);
    source->start();
    QVERIFY(eventually([&] {
        const std::lock_guard lock(mutex);
        return sounds >= 10 || !faults.empty();
    }));
    source->stop();
    QVERIFY2(faults.empty(), faults.empty() ? "" : faults[0].details.c_str());
}

void tst_Devices::aChosenDeviceIsTaken()
{
    plugIn("Small camera", "Video/Source",
           "videotestsrc is-live=true ! capsfilter caps=video/x-raw,width=160,height=120");
    const DeviceMonitor monitor([] {});
    QVERIFY(eventually([&] { return monitor.devices().size() == 4; }));
    for (const Device &device : monitor.devices()) {
        if (device.name == "Small camera")
            QVERIFY(monitor.makeElement(DeviceKind::Camera, device.id));
    }
    QVERIFY(!monitor.makeElement(DeviceKind::Microphone, "Small camera"));
    QVERIFY(!monitor.makeElement(DeviceKind::Camera, "none"));
    pullOut("Small camera");
}

void tst_Devices::whatIsNotThereIsSaid()
{
    const DeviceMonitor monitor([] {});
    std::vector<Fault> faults;
    SourceTaker taker;
    taker.fault = [&](const Fault &fault) { faults.push_back(fault); };
    makeCamera(monitor, "none", taker)->start();
    makeMicrophone(monitor, "none", {}, taker)->start();
    QCOMPARE(faults.size(), 2U);
    QCOMPARE(faults[0].text, std::string("The camera was not found."));
    QVERIFY(faults[0].kind == FaultKind::NotFound);
    QCOMPARE(faults[1].text, std::string("The microphone was not found."));
}

void tst_Devices::aCameraThatIsPulledOutIsToldOf()
{
    plugIn("Loose camera", "Video/Source", Camera + " ! identity error-after=10");
    const DeviceMonitor monitor([] {});
    QVERIFY(eventually([&] { return monitor.devices().size() == 4; }));
    std::mutex mutex;
    std::vector<Fault> faults;
    std::atomic<int> pictures = 0;
    SourceTaker taker;
    taker.video = [&](GstSample *) { ++pictures; };
    taker.fault = [&](const Fault &fault) {
        const std::lock_guard lock(mutex);
        faults.push_back(fault);
    };
    const auto source = makeCamera(monitor, "Loose camera", taker);
    source->start();
    QVERIFY(eventually([&] {
        const std::lock_guard lock(mutex);
        return !faults.empty();
    }));
    source->stop();
    QVERIFY(pictures > 0);
    QVERIFY(faults[0].text.starts_with("The camera "));
    pullOut("Loose camera");
}

void tst_Devices::faultsOfADeviceAreTold_data()
{
    QTest::addColumn<quint32>("domain");
    QTest::addColumn<int>("code");
    QTest::addColumn<int>("reason"); // the system's
    QTest::addColumn<int>("kind");
    const quint32 stream = GST_STREAM_ERROR;
    const quint32 resource = GST_RESOURCE_ERROR;
    const int open = GST_RESOURCE_ERROR_OPEN_READ;
    QTest::newRow("its stream is wrong")
        << stream << int(GST_STREAM_ERROR_FAILED) << 0 << int(FaultKind::Unusable);
    QTest::newRow("lost") << resource << int(GST_RESOURCE_ERROR_READ) << EIO
                          << int(FaultKind::Lost);
    QTest::newRow("not allowed") << resource << open << EACCES << int(FaultKind::NotAllowed);
    QTest::newRow("busy") << resource << open << EBUSY << int(FaultKind::Busy);
    QTest::newRow("no device") << resource << open << ENODEV << int(FaultKind::NotFound);
    QTest::newRow("no address") << resource << open << ENXIO << int(FaultKind::NotFound);
    QTest::newRow("no file") << resource << open << ENOENT << int(FaultKind::NotFound);
    QTest::newRow("out of memory") << resource << open << ENOMEM << int(FaultKind::Unusable);
}

void tst_Devices::faultsOfADeviceAreTold()
{
    QFETCH(quint32, domain);
    QFETCH(int, code);
    QFETCH(int, reason);
    QFETCH(int, kind);
    const GstPointer<GError> error(g_error_new(domain, code, "Could not open device"));
    const std::string details = std::string("system error: ") + g_strerror(reason);
    const GstPointer<GstMessage> message(
        gst_message_new_error(nullptr, error.get(), details.c_str()));
    const Fault fault = faultOf(message.get(), "The camera");
    QCOMPARE(int(fault.kind), kind);
    QVERIFY(fault.text.starts_with("The camera "));
}

void tst_Devices::aMonitorCanEndAtOnce()
{
    for (int i = 0; i < 10; ++i)
        const DeviceMonitor monitor([] {});
}

QTEST_GUILESS_MAIN(tst_Devices)
#include "tst_devices.moc"
