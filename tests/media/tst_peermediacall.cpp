// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "fakedevices.h"
#include "shell/api/meeting.h"

#include <PeerConnection/PeerMediaCall>

#include <QtCore/qdeadlinetimer.h>
#include <QtCore/qfileinfo.h>
#include <QtCore/qscopeguard.h>
#include <QtCore/qtemporarydir.h>
#include <QtCore/qthread.h>
#include <QtMultimedia/qvideoframe.h>
#include <QtMultimedia/qvideosink.h>
#include <QtTest/qsignalspy.h>
#include <QtTest/qtest.h>

#include <gst/gst.h>

#include <array>

using namespace Qt::StringLiterals;

using Source = PeerMediaCall::Source;

namespace {

constexpr int Alice = 3;
constexpr int Bob = 12;

/// One side of a call with sinks for both pictures.
struct Side
{
    explicit Side(int testId, Source source = Source::Test)
    {
        media.setTestId(testId);
        media.setTestName(u"peer-%1"_s.arg(testId));
        media.setSource(source);
        media.setRemoteVideoSink(&remote);
        media.setLocalVideoSink(&local);
        QObject::connect(&media, &PeerMediaCall::errorOccurred, &media,
                         [this](PeerMediaCall::Error error, const QString &text) {
                             errors.append(error);
                             texts.append(text);
                         });
    }

    quint64 framesOf(int sender) const
    {
        const PeerMediaStatistics statistics = media.statistics();
        return statistics.testSender == sender ? statistics.testFrames : 0;
    }

    QVideoSink remote;
    QVideoSink local;
    PeerMediaCall media;
    QList<PeerMediaCall::Error> errors;
    QStringList texts;
};

/// A loudspeaker that keeps in a file what it plays.
class Recorder
{
public:
    explicit Recorder(const QString &name)
        : m_name(name)
    { }
    ~Recorder()
    {
        if (m_isPluggedIn)
            pullOut();
    }
    Recorder(const Recorder &) = delete;
    Recorder &operator=(const Recorder &) = delete;

    void plugIn()
    {
        m_isPluggedIn = true;
        m_forgotten = 0;
        QFile::remove(path());
        const QString element = u"filesink sync=true buffer-mode=unbuffered location=\"%1\""_s.arg(
            path());
        peer::test::plugIn(m_name.toStdString(), "Audio/Sink", element.toStdString());
    }
    void pullOut()
    {
        m_isPluggedIn = false;
        peer::test::pullOut(m_name.toStdString());
    }
    /// Half a second, since it was plugged in or forgot.
    bool plays() const { return QFileInfo(path()).size() >= m_forgotten + 48'000 * 4 / 2; }
    void forget() { m_forgotten = QFileInfo(path()).size(); }

private:
    QString path() const { return m_folder.filePath(u"played"_s); }

    const QString m_name;
    QTemporaryDir m_folder;
    qint64 m_forgotten = 0;
    bool m_isPluggedIn = false;
};

} // namespace

class tst_PeerMediaCall : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init();
    void cleanup();

    void bothSidesSeeAndHearTheOther();
    void nothingIsOpenedBeforeTheCallIsAccepted();
    void soundGoesOnWhileTheThreadStalls();
    void aFilmThatCannotBePlayedIsToldOfAndTheTestPictureShown_data();
    void aFilmThatCannotBePlayedIsToldOfAndTheTestPictureShown();
    void anErrorStandsUntilSomethingElseIsSent();
    void aCameraThatIsPulledOutGivesWayToTheTestPicture();
    void aCameraThatComesBackIsUsedAgain();
    void aMicrophoneOutlivesThatASpeakerComes();
    void soundFollowsTheLoudspeaker();
    void aLoudspeakerThatFailsIsToldOfAndTheCallGoesOn();
    void cameraAndMicrophoneCanBeOff();
    void aTrackThatDoesNotSendCapturesNothing();
    void mediaThatBeginAgainInACallGoOnForThePeer();
    void feedbackThatWasNotAgreedOnIsNotExpected();
    void theEndOfTheCallEndsTheMedia();
    void mayBeDeletedAtAnyTime();
    void mayBeDeletedInASlot_data();
    void mayBeDeletedInASlot();
    void mayGetAnotherConnectionInASlot();

private:
    /// Alice calls Bob, with media on both sides.
    void call(Side &alice, Side &bob);

    std::unique_ptr<Meeting> m_meeting;
};

void tst_PeerMediaCall::initTestCase()
{
    gst_init(nullptr, nullptr);
    peer::test::useFakeDevicesAlone();
}

void tst_PeerMediaCall::init()
{
    m_meeting = std::make_unique<Meeting>();
}

void tst_PeerMediaCall::cleanup()
{
    m_meeting.reset();
}

void tst_PeerMediaCall::call(Side &alice, Side &bob)
{
    QVERIFY(m_meeting->listen(false));
    m_meeting->onIncoming = [&bob](PeerConnection *callee) {
        bob.media.setConnection(callee);
        callee->accept();
    };
    m_meeting->dial();
    alice.media.setConnection(m_meeting->caller.get());
}

void tst_PeerMediaCall::bothSidesSeeAndHearTheOther()
{
    const QDateTime begin = QDateTime::currentDateTime();
    Side alice(Alice);
    Side bob(Bob);
    call(alice, bob);
    QVERIFY(eventually([&] { return alice.framesOf(Bob) >= 30 && bob.framesOf(Alice) >= 30; }));
    QVERIFY(eventually([&] {
        return alice.media.statistics().testTones >= 50 && bob.media.statistics().testTones >= 50;
    }));
    QSignalSpy updates(&alice.media, &PeerMediaCall::statisticsChanged);
    QVERIFY(eventually([&] { return updates.size() >= 2; }));
    const PeerMediaStatistics statistics = alice.media.statistics();
    QVERIFY(statistics.sentBitrate > 20'000 && statistics.receivedBitrate > 20'000);
    QVERIFY(statistics.firstFrame >= begin);
    QVERIFY(statistics.firstFrame <= QDateTime::currentDateTime());
    QVERIFY(statistics.testDisplayDelay >= 0);
    QCOMPARE(statistics.frameSize, QSize(640, 360));
    QVERIFY(statistics.framesShown > 0);
    QVERIFY(statistics.targetBitrate >= 100'000);
    QVERIFY(statistics.roundTripTime > 0);
    QVERIFY(statistics.testDelay >= 0);
    QCOMPARE(alice.remote.videoFrame().size(), QSize(640, 360));
    QCOMPARE(alice.local.videoFrame().size(), QSize(640, 360));
    QVERIFY(alice.texts.isEmpty() && bob.texts.isEmpty());
    // Each side has added a track of each kind, and the two are one.
    QCOMPARE(m_meeting->caller->tracks().size(), 2);
    QCOMPARE(m_meeting->callee->tracks().size(), 2);
}

void tst_PeerMediaCall::nothingIsOpenedBeforeTheCallIsAccepted()
{
    Side alice(Alice);
    Side bob(Bob);
    QVERIFY(m_meeting->listen(false));
    m_meeting->onIncoming = [&bob](PeerConnection *callee) { bob.media.setConnection(callee); };
    m_meeting->dial();
    alice.media.setConnection(m_meeting->caller.get());
    QVERIFY(
        eventually([&] { return m_meeting->caller->state() == PeerConnection::State::Ringing; }));
    QVERIFY(!alice.media.isActive() && !bob.media.isActive());
    QVERIFY(!alice.local.videoFrame().isValid() && !bob.local.videoFrame().isValid());
    m_meeting->callee->accept();
    QVERIFY(eventually([&] { return alice.media.isActive() && bob.media.isActive(); }));
    QVERIFY(eventually([&] { return alice.local.videoFrame().isValid(); }));
}

void tst_PeerMediaCall::soundGoesOnWhileTheThreadStalls()
{
    Side alice(Alice);
    Side bob(Bob);
    call(alice, bob);
    QVERIFY(eventually([&] { return alice.framesOf(Bob) >= 1 && bob.framesOf(Alice) >= 1; }));
    // No event of this thread is handled meanwhile: two seconds of sound, and of pictures, as they
    // are decoded at either end.
    constexpr quint64 Tones = 100;
    constexpr quint64 Frames = 30;
    const std::array<Side *, 2> sides{&alice, &bob};
    std::array<PeerMediaStatistics, 2> before;
    std::array<PeerMediaStatistics, 2> after;
    std::array<quint64, 2> sent{};
    const auto sentBy = [](const Side &side) {
        for (const PeerTrack *track : side.media.connection()->tracks()) {
            if (track->kind() == PeerTrack::Kind::Audio)
                return track->statistics().packetsSent;
        }
        return quint64(0);
    };
    for (std::size_t i = 0; i < sides.size(); ++i) {
        before[i] = after[i] = sides[i]->media.statistics();
        sent[i] = sentBy(*sides[i]);
    }
    const QDeadlineTimer deadline(30'000);
    const auto isEnough = [&](std::size_t i) {
        after[i] = sides[i]->media.statistics();
        // What was heard first may have been sent before.
        return after[i].testTones >= before[i].testTones + Tones
            && after[i].testFrames >= before[i].testFrames + Frames
            && sentBy(*sides[i]) >= sent[i] + Tones;
    };
    while (!isEnough(0) || !isEnough(1)) {
        QVERIFY(!deadline.hasExpired());
        QThread::yieldCurrentThread();
        QThread::usleep(1000);
    }
    for (std::size_t i = 0; i < sides.size(); ++i) {
        QCOMPARE(after[i].framesShown, before[i].framesShown);
        // A sound that waited for this thread would have been made up all the time.
        const quint64 gaps = after[i].soundsConcealed - before[i].soundsConcealed;
        const quint64 blocks = after[i].soundsDecoded - before[i].soundsDecoded;
        qInfo("gaps in what %s hears: %llu of %llu blocks", i == 0 ? "Alice" : "Bob", gaps, blocks);
        QVERIFY(gaps < blocks / 2);
    }
    QVERIFY(
        eventually([&] { return alice.media.statistics().framesShown > after[0].framesShown; }));
    QVERIFY(eventually([&] { return bob.media.statistics().framesShown > after[1].framesShown; }));
}

void tst_PeerMediaCall::aFilmThatCannotBePlayedIsToldOfAndTheTestPictureShown_data()
{
    QTest::addColumn<QUrl>("file");
    QTest::addColumn<PeerMediaCall::Error>("error");
    QTest::addColumn<QString>("text");
    QTest::newRow("that is missing")
        << QUrl::fromLocalFile(u"/nowhere/film.webm"_s) << PeerMediaCall::Error::NotFound
        << u"The file film.webm was not found."_s;
    QTest::newRow("that is not of this computer")
        << QUrl(u"https://example.org/film.webm"_s) << PeerMediaCall::Error::Unusable
        << u"https://example.org/film.webm cannot be played: only files of this computer can."_s;
    QTest::newRow("that was not chosen") << QUrl() << PeerMediaCall::Error::NotFound
                                         << u"There is no film to play: none was chosen."_s;
}

void tst_PeerMediaCall::aFilmThatCannotBePlayedIsToldOfAndTheTestPictureShown()
{
    QFETCH(QUrl, file);
    QFETCH(PeerMediaCall::Error, error);
    QFETCH(QString, text);
    Side alice(Alice, Source::File);
    Side bob(Bob);
    alice.media.setFile(file);
    call(alice, bob);
    QVERIFY(eventually([&] { return bob.framesOf(Alice) >= 5; }));
    QCOMPARE(alice.texts, QStringList(text));
    QCOMPARE(alice.errors, QList{error});
    QCOMPARE(alice.media.error(), error);
    QCOMPARE(alice.media.errorString(), text);
    QVERIFY(eventually([&] { return alice.framesOf(Bob) >= 5; }));
}

void tst_PeerMediaCall::anErrorStandsUntilSomethingElseIsSent()
{
    Side alice(Alice, Source::File);
    Side bob(Bob);
    QSignalSpy changes(&alice.media, &PeerMediaCall::errorChanged);
    call(alice, bob);
    QVERIFY(eventually([&] { return alice.media.error() != PeerMediaCall::Error::None; }));
    QVERIFY(eventually([&] { return bob.framesOf(Alice) >= 5; }));
    QCOMPARE(alice.media.error(), PeerMediaCall::Error::NotFound);
    QCOMPARE(changes.size(), 1);
    alice.media.setSource(Source::Test);
    QCOMPARE(alice.media.error(), PeerMediaCall::Error::None);
    QVERIFY(alice.media.errorString().isEmpty());
    QCOMPARE(changes.size(), 2);
}

void tst_PeerMediaCall::aCameraThatIsPulledOutGivesWayToTheTestPicture()
{
    peer::test::plugIn("Loose camera", "Video/Source",
                       "videotestsrc is-live=true ! identity error-after=20 ! capsfilter"
                       " caps=video/x-raw,width=640,height=480,framerate=30/1");
    Side alice(Alice, Source::Automatic);
    Side bob(Bob);
    call(alice, bob);
    QVERIFY(eventually([&] { return bob.media.statistics().framesDecoded >= 1; }));
    QCOMPARE(alice.media.cameras().size(), 1);
    QCOMPARE(alice.media.cameras().at(0).name, u"Loose camera"_s);
    QVERIFY(eventually([&] { return bob.framesOf(Alice) >= 5; }));
    QCOMPARE(alice.texts.size(), 1);
    QVERIFY2(alice.texts.at(0).startsWith("The camera "_L1), qPrintable(alice.texts.at(0)));
    QVERIFY(eventually([&] { return bob.media.statistics().testTones >= 5; }));
    QSignalSpy devices(&alice.media, &PeerMediaCall::devicesChanged);
    peer::test::pullOut("Loose camera");
    QVERIFY(eventually([&] { return devices.size() > 0; }));
    QVERIFY(alice.media.cameras().isEmpty());
    // Until there is a camera again.
    QVERIFY(alice.media.error() != PeerMediaCall::Error::None);
    QCOMPARE(alice.media.errorString(), alice.texts.at(0));
    peer::test::plugIn("Another camera", "Video/Source",
                       "videotestsrc is-live=true ! capsfilter"
                       " caps=video/x-raw,width=640,height=480,framerate=30/1");
    const bool isCleared = eventually(
        [&] { return alice.media.error() == PeerMediaCall::Error::None; });
    peer::test::pullOut("Another camera");
    QVERIFY(isCleared);
}

void tst_PeerMediaCall::aCameraThatComesBackIsUsedAgain()
{
    Side alice(Alice, Source::Automatic);
    Side bob(Bob);
    call(alice, bob);
    QVERIFY(eventually([&] { return bob.framesOf(Alice) >= 5; }));
    // Pictures that are none of the test picture's.
    const auto others = [&bob] {
        const PeerMediaStatistics statistics = bob.media.statistics();
        return statistics.framesDecoded - statistics.testFrames;
    };
    const quint64 before = others();
    peer::test::plugIn("Camera on a cable", "Video/Source",
                       "videotestsrc is-live=true ! capsfilter"
                       " caps=video/x-raw,width=640,height=480,framerate=30/1");
    const bool isUsed = eventually([&] { return others() >= before + 20; });
    peer::test::pullOut("Camera on a cable");
    QVERIFY(isUsed);
    QVERIFY2(alice.texts.isEmpty(), qPrintable(alice.texts.join(u' ')));
}

void tst_PeerMediaCall::aMicrophoneOutlivesThatASpeakerComes()
{
    GstElementFactory *voice = gst_element_factory_find("webrtcdsp");
    if (!voice)
        QSKIP("GStreamer has no webrtcdsp here (gstreamer1.0-plugins-bad)");
    gst_object_unref(voice);
    peer::test::plugIn("Headset", "Audio/Source", "audiotestsrc is-live=true");
    Side alice(Alice, Source::Automatic);
    Side bob(Bob);
    call(alice, bob);
    QVERIFY(eventually([&] {
        return alice.media.statistics().testTones >= 10
            && bob.media.statistics().soundsDecoded >= 10;
    }));
    QSignalSpy devices(&alice.media, &PeerMediaCall::devicesChanged);
    peer::test::plugIn("Boxes", "Audio/Sink", "fakesink");
    const bool isTold = eventually([&] { return devices.size() > 0; });
    // Two seconds of sound.
    const quint64 before = bob.media.statistics().soundsDecoded;
    const bool isHeard = eventually(
        [&] { return bob.media.statistics().soundsDecoded >= before + 100; });
    peer::test::pullOut("Boxes");
    peer::test::pullOut("Headset");
    QVERIFY(isTold && isHeard);
    QVERIFY2(alice.texts.isEmpty(), qPrintable(alice.texts.join(u' ')));
}

void tst_PeerMediaCall::soundFollowsTheLoudspeaker()
{
    Recorder boxes(u"Boxes"_s);
    Recorder headphones(u"Headphones"_s);
    Side alice(Alice);
    Side bob(Bob);
    call(alice, bob);
    QVERIFY(eventually([&] { return alice.media.statistics().testTones >= 10; }));
    boxes.plugIn();
    QVERIFY(eventually([&] { return boxes.plays(); }));
    headphones.plugIn();
    QVERIFY(eventually([&] { return alice.media.speakers().size() == 2; }));
    QSignalSpy changes(&alice.media, &PeerMediaCall::speakerChanged);
    alice.media.setSpeaker(u"Headphones"_s);
    QCOMPARE(changes.size(), 1);
    QVERIFY(eventually([&] { return headphones.plays(); }));
    headphones.pullOut();
    boxes.forget();
    QVERIFY(eventually([&] { return boxes.plays(); }));
    QVERIFY2(alice.texts.isEmpty(), qPrintable(alice.texts.join(u' ')));
    // The last one goes: words, and the call goes on.
    boxes.pullOut();
    QVERIFY(eventually([&] { return !alice.texts.isEmpty(); }));
    QCOMPARE(alice.errors, QList{PeerMediaCall::Error::Lost});
    QCOMPARE(alice.media.errorString(), alice.texts.at(0));
    const quint64 before = alice.media.statistics().testTones;
    QVERIFY(eventually([&] { return alice.media.statistics().testTones >= before + 25; }));
    headphones.plugIn();
    QVERIFY(eventually([&] { return headphones.plays(); }));
    QVERIFY(eventually([&] { return alice.media.error() == PeerMediaCall::Error::None; }));
    QCOMPARE(alice.texts.size(), 1);
}

void tst_PeerMediaCall::aLoudspeakerThatFailsIsToldOfAndTheCallGoesOn()
{
    Recorder good(u"Good boxes"_s);
    peer::test::plugIn("Bad boxes", "Audio/Sink", "identity error-after=30 ! fakesink sync=true");
    const auto guard = qScopeGuard([] { peer::test::pullOut("Bad boxes"); });
    Side alice(Alice);
    Side bob(Bob);
    call(alice, bob);
    QVERIFY(eventually([&] { return !alice.texts.isEmpty(); }));
    QVERIFY2(alice.texts.at(0).startsWith("The loudspeaker "_L1), qPrintable(alice.texts.at(0)));
    QVERIFY(alice.media.error() != PeerMediaCall::Error::None);
    const PeerMediaStatistics before = alice.media.statistics();
    QVERIFY(eventually([&] {
        const PeerMediaStatistics now = alice.media.statistics();
        return now.testTones >= before.testTones + 50 && now.testFrames >= before.testFrames + 10;
    }));
    good.plugIn();
    QVERIFY(eventually([&] { return good.plays(); }));
    QVERIFY(eventually([&] { return alice.media.error() == PeerMediaCall::Error::None; }));
    QCOMPARE(alice.texts.size(), 1);
}

void tst_PeerMediaCall::cameraAndMicrophoneCanBeOff()
{
    Side alice(Alice);
    Side bob(Bob);
    alice.media.setCameraOff(true);
    call(alice, bob);
    QVERIFY(eventually([&] { return bob.media.statistics().soundsDecoded >= 10; }));
    QCOMPARE(bob.media.statistics().framesDecoded, 0U);
    QVERIFY(!alice.local.videoFrame().isValid());
    alice.media.setCameraOff(false);
    QVERIFY(eventually([&] { return bob.framesOf(Alice) >= 5; }));
    QVERIFY(alice.local.videoFrame().isValid());
    alice.media.setCameraOff(true);
    QVERIFY(!alice.local.videoFrame().isValid());
    alice.media.setMuted(true);
    alice.media.setMuted(false);
    const quint64 before = bob.media.statistics().testTones;
    QVERIFY(eventually([&] { return bob.media.statistics().testTones >= before + 10; }));
}

void tst_PeerMediaCall::aTrackThatDoesNotSendCapturesNothing()
{
    Side alice(Alice);
    Side bob(Bob);
    call(alice, bob);
    QVERIFY(eventually([&] { return bob.framesOf(Alice) >= 5; }));
    PeerTrack *video = nullptr;
    for (PeerTrack *track : m_meeting->caller->tracks()) {
        if (track->kind() == PeerTrack::Kind::Video)
            video = track;
    }
    QVERIFY(video);
    video->setDirection(PeerTrack::Direction::ReceiveOnly);
    QVERIFY(
        eventually([&] { return video->currentDirection() == PeerTrack::Direction::ReceiveOnly; }));
    QVERIFY(!alice.local.videoFrame().isValid());
    const quint64 before = alice.framesOf(Bob);
    const quint64 until = bob.framesOf(Alice);
    QVERIFY(eventually([&] { return alice.framesOf(Bob) >= before + 10; }));
    video->setDirection(PeerTrack::Direction::SendReceive);
    QVERIFY(eventually([&] { return bob.framesOf(Alice) >= until + 20; }));
    QVERIFY(alice.local.videoFrame().isValid());
}

/// SRTP takes no sequence numbers that seem to be old ones (RFC 3711 section 3.3.2).
void tst_PeerMediaCall::mediaThatBeginAgainInACallGoOnForThePeer()
{
    Side alice(Alice);
    Side bob(Bob);
    call(alice, bob);
    quint64 frames = 0;
    quint64 sounds = 0;
    for (int time = 0; time < 8; ++time) {
        QVERIFY(eventually([&] {
            return bob.framesOf(Alice) >= frames + 5
                && bob.media.statistics().testTones >= sounds + 10;
        }));
        alice.media.setConnection(nullptr);
        frames = bob.framesOf(Alice);
        sounds = bob.media.statistics().testTones;
        alice.media.setConnection(m_meeting->caller.get());
    }
}

void tst_PeerMediaCall::feedbackThatWasNotAgreedOnIsNotExpected()
{
    Side alice(Alice);
    Side bob(Bob);
    QVERIFY(m_meeting->listen(false));
    m_meeting->onIncoming = [&bob](PeerConnection *callee) {
        bob.media.setConnection(callee);
        callee->accept();
    };
    m_meeting->dial();
    // The header extension is offered, feedback on it is not.
    for (const auto kind : {PeerTrack::Kind::Audio, PeerTrack::Kind::Video}) {
        const bool isVideo = kind == PeerTrack::Kind::Video;
        PeerTrack::Options options;
        options.formats = {isVideo ? PeerRtpFormat::vp8() : PeerRtpFormat::opus()};
        options.formats[0].feedback.removeAll(u"transport-cc"_s);
        QVERIFY(m_meeting->caller->addTrack(kind, options));
    }
    alice.media.setConnection(m_meeting->caller.get());
    QVERIFY(eventually([&] { return alice.framesOf(Bob) >= 30 && bob.framesOf(Alice) >= 30; }));
    for (const Side *side : {&alice, &bob}) {
        QCOMPARE(side->media.statistics().roundTripTime, 0.0);
        QCOMPARE(side->media.statistics().targetBitrate, 500'000); // nothing is missed
    }
}

void tst_PeerMediaCall::theEndOfTheCallEndsTheMedia()
{
    Side alice(Alice);
    Side bob(Bob);
    call(alice, bob);
    QVERIFY(eventually([&] { return alice.framesOf(Bob) >= 1 && bob.framesOf(Alice) >= 1; }));
    m_meeting->caller->close();
    QVERIFY(eventually([&] { return !alice.media.isActive() && !bob.media.isActive(); }));
    QVERIFY(!alice.local.videoFrame().isValid() && !alice.remote.videoFrame().isValid());
    QVERIFY(alice.texts.isEmpty() && bob.texts.isEmpty());
}

void tst_PeerMediaCall::mayBeDeletedAtAnyTime()
{
    Side bob(Bob);
    auto alice = std::make_unique<PeerMediaCall>();
    alice->setSource(Source::Test);
    QVERIFY(m_meeting->listen(false));
    m_meeting->onIncoming = [&bob](PeerConnection *callee) {
        bob.media.setConnection(callee);
        callee->accept();
    };
    m_meeting->dial();
    alice->setConnection(m_meeting->caller.get());
    connect(alice.get(), &PeerMediaCall::activeChanged, this, [&] { alice.reset(); });
    QVERIFY(eventually([&] { return !alice; }));
    // The connection before its media, too.
    QVERIFY(eventually([&] { return bob.media.isActive(); }));
    delete m_meeting->callee.data();
    QVERIFY(!bob.media.isActive());
    QVERIFY(!bob.media.connection());
}

void tst_PeerMediaCall::mayBeDeletedInASlot_data()
{
    QTest::addColumn<QByteArray>("signal");
    QTest::addColumn<bool>("isActive"); // or it loses its connection just then
    QTest::newRow("that says that it is active") << QByteArray("activeChanged") << true;
    QTest::newRow("that says that it is not any more") << QByteArray("activeChanged") << false;
    QTest::newRow("of its connection") << QByteArray("connectionChanged") << false;
    QTest::newRow("of devices") << QByteArray("devicesChanged") << true;
    QTest::newRow("of an error") << QByteArray("errorOccurred") << true;
}

void tst_PeerMediaCall::mayBeDeletedInASlot()
{
    QFETCH(QByteArray, signal);
    QFETCH(bool, isActive);
    Side bob(Bob);
    auto alice = std::make_unique<PeerMediaCall>();
    alice->setSource(Source::File);
    alice->setFile(QUrl::fromLocalFile(u"/nowhere/film.webm"_s));
    QVERIFY(m_meeting->listen(false));
    m_meeting->onIncoming = [&bob](PeerConnection *callee) {
        bob.media.setConnection(callee);
        callee->accept();
    };
    m_meeting->dial();
    alice->setConnection(m_meeting->caller.get());
    const auto armed = [&] {
        const auto removed = [&alice] { alice.reset(); };
        if (signal == "activeChanged")
            connect(alice.get(), &PeerMediaCall::activeChanged, this, removed);
        else if (signal == "connectionChanged")
            connect(alice.get(), &PeerMediaCall::connectionChanged, this, removed);
        else if (signal == "devicesChanged")
            connect(alice.get(), &PeerMediaCall::devicesChanged, this, removed);
        else
            connect(alice.get(), &PeerMediaCall::errorOccurred, this, removed);
    };
    if (isActive) {
        armed();
    } else {
        QVERIFY(eventually([&] { return alice->isActive(); }));
        armed();
        alice->setConnection(nullptr);
    }
    QVERIFY(eventually([&] { return !alice; }));
}

void tst_PeerMediaCall::mayGetAnotherConnectionInASlot()
{
    Side alice(Alice);
    Side bob(Bob);
    call(alice, bob);
    QVERIFY(eventually([&] { return alice.media.isActive(); }));
    PeerConnection other;
    QSignalSpy changes(&alice.media, &PeerMediaCall::connectionChanged);
    connect(&alice.media, &PeerMediaCall::activeChanged, &other,
            [&] { alice.media.setConnection(&other); });
    alice.media.setConnection(nullptr);
    QCOMPARE(alice.media.connection(), &other);
    QCOMPARE(other.tracks().size(), 2);
    QCOMPARE(changes.size(), 1);
    alice.media.setConnection(nullptr);
}

QTEST_GUILESS_MAIN(tst_PeerMediaCall)
#include "tst_peermediacall.moc"
