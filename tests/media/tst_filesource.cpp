// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "media/engine/filesource.h"
#include "media/engine/gstparts.h"
#include "mediapair.h"

#include <QtCore/qdir.h>
#include <QtCore/qelapsedtimer.h>
#include <QtCore/qfile.h>
#include <QtCore/qtemporarydir.h>
#include <QtTest/qtest.h>

#include <sys/stat.h>

using namespace peer;
using namespace peer::media;
using namespace peer::test;

namespace {

/// Plays until it ends. False if it did not.
bool runToTheEnd(const std::string &description)
{
    const auto bin = makeBin(description);
    const GstPointer<GstElement> pipeline(
        GST_ELEMENT(gst_object_ref_sink(gst_pipeline_new(nullptr))));
    if (!bin)
        return false;
    gst_bin_add(GST_BIN(pipeline.get()), bin.get());
    gst_element_set_state(pipeline.get(), GST_STATE_PLAYING);
    const GstPointer<GstBus> bus(gst_element_get_bus(pipeline.get()));
    const GstPointer<GstMessage> end(gst_bus_timed_pop_filtered(
        bus.get(), 30 * GST_SECOND, GstMessageType(GST_MESSAGE_EOS | GST_MESSAGE_ERROR)));
    gst_element_set_state(pipeline.get(), GST_STATE_NULL);
    return end && GST_MESSAGE_TYPE(end.get()) == GST_MESSAGE_EOS;
}

const std::string Video = "videotestsrc num-buffers=10 pattern=smpte75"
                          " ! video/x-raw,width=320,height=240,framerate=20/1"
                          " ! vp8enc deadline=1 cpu-used=8 ! queue ! mux.";
const std::string Audio = " audiotestsrc num-buffers=25 samplesperbuffer=960 freq=1000"
                          " ! audio/x-raw,rate=48000,channels=1 ! opusenc ! queue ! mux.";

/// What a source has given.
struct Given
{
    std::mutex mutex;
    int pictures = 0;
    int sounds = 0;
    bool isOfSize = true;
    std::vector<Fault> faults;

    SourceTaker taker()
    {
        SourceTaker taker;
        taker.video = [this](GstSample *sample) {
            const MappedPicture mapped(sample);
            const std::lock_guard lock(mutex);
            ++pictures;
            isOfSize = isOfSize && mapped.isMapped() && mapped.picture().width == PictureWidth
                && mapped.picture().height == PictureHeight;
        };
        taker.audio = [this](GstSample *) {
            const std::lock_guard lock(mutex);
            ++sounds;
        };
        taker.fault = [this](const Fault &fault) {
            const std::lock_guard lock(mutex);
            faults.push_back(fault);
        };
        return taker;
    }
    bool has(int atLeastPictures, int atLeastSounds)
    {
        const std::lock_guard lock(mutex);
        return pictures >= atLeastPictures && sounds >= atLeastSounds;
    }
    bool hasFailed()
    {
        const std::lock_guard lock(mutex);
        return !faults.empty();
    }
};

/// A film that pays no heed when it is sent back to its beginning.
class OneWayFilm : public FileSource
{
public:
    OneWayFilm(const std::string &path, SourceTaker taker)
        : FileSource(path, std::move(taker))
    {
        const GstPointer<GstElement> decoder = childOf(pipeline(), "decoder");
        g_signal_connect(decoder.get(), "pad-added", G_CALLBACK(onPad), nullptr);
    }
    ~OneWayFilm() override { stop(); }

private:
    static void onPad(GstElement *, GstPad *pad, gpointer)
    {
        const auto drop = [](GstPad *, GstPadProbeInfo *info, gpointer) {
            return GST_EVENT_TYPE(gst_pad_probe_info_get_event(info)) == GST_EVENT_SEEK
                ? GST_PAD_PROBE_DROP
                : GST_PAD_PROBE_OK;
        };
        gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_EVENT_UPSTREAM, drop, nullptr, nullptr);
    }
};

} // namespace

class tst_FileSource : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void playsOverAndOver_data();
    void playsOverAndOver();
    void isSeenOverAndOverInACall();
    void saysWhatIsWrongWithAFile_data();
    void saysWhatIsWrongWithAFile();
    void saysThatAFilmDoesNotBeginAgain();
    void canBeStoppedAtAnyTime();

private:
    std::string path(const char *name) const
    {
        return m_folder.filePath(QString::fromLatin1(name)).toStdString();
    }
    void write(const char *name, const QByteArray &octets) const
    {
        QFile file(QString::fromStdString(path(name)));
        QVERIFY(file.open(QFile::WriteOnly));
        file.write(octets);
    }

    QTemporaryDir m_folder;
};

void tst_FileSource::initTestCase()
{
    QVERIFY(!initializeGStreamer());
    const auto mux = [this](const char *name) {
        return " webmmux name=mux ! filesink location=" + path(name);
    };
    QVERIFY(runToTheEnd(Video + Audio + mux("film.webm")));
    QVERIFY(runToTheEnd(Video + mux("silent.webm")));
    QVERIFY(runToTheEnd(Audio + mux("sound.webm")));
    QFile film(QString::fromStdString(path("film.webm")));
    QVERIFY(film.open(QFile::ReadOnly));
    const QByteArray octets = film.readAll();
    write("cut.webm", octets.first(100));
    write("noise.webm", QByteArray(5000, '\x5a'));
    write("empty.webm", {});
    write("text.webm", "There is no film here.\n");
    QCOMPARE(::mkfifo(path("pipe").c_str(), 0600), 0);
    QVERIFY(QDir(m_folder.path()).mkdir(QStringLiteral("folder")));
}

void tst_FileSource::playsOverAndOver_data()
{
    QTest::addColumn<QByteArray>("file");
    QTest::addColumn<int>("pictures");
    QTest::addColumn<int>("sounds");
    // Half a second each; at 30 pictures a second.
    QTest::newRow("pictures and sound") << QByteArray("film.webm") << 60 << 60;
    QTest::newRow("pictures alone") << QByteArray("silent.webm") << 60 << 0;
    QTest::newRow("sound alone") << QByteArray("sound.webm") << 0 << 90;
}

void tst_FileSource::playsOverAndOver()
{
    QFETCH(QByteArray, file);
    QFETCH(int, pictures);
    QFETCH(int, sounds);
    Given given;
    FileSource source(path(file.constData()), given.taker());
    QElapsedTimer clock;
    clock.start();
    source.start();
    QVERIFY(eventually([&] { return given.has(pictures, sounds) || given.hasFailed(); }));
    const qint64 elapsed = clock.elapsed();
    source.stop();
    // Never faster than it is, the second time either; a busy machine may be slower. A beginning
    // again may cost a picture's time or two.
    QVERIFY2(elapsed >= std::max(pictures * 1000 / 30, sounds * 20) * 3 / 4,
             qPrintable(QString::number(elapsed)));
    QVERIFY2(given.faults.empty(), given.faults.empty() ? "" : given.faults[0].details.c_str());
    QVERIFY(given.isOfSize);
    QVERIFY((given.pictures > 0) == (pictures > 0) && (given.sounds > 0) == (sounds > 0));
}

void tst_FileSource::isSeenOverAndOverInACall()
{
    MediaPeer alice(3);
    MediaPeer bob(12);
    QVERIFY(alice.start() && bob.start());
    alice.connectTo(bob);
    bob.connectTo(alice);
    {
        FileSource source(path("film.webm"), alice.sourceTaker());
        source.start();
        // The film is of half a second, 15 pictures.
        QVERIFY(eventually([&] { return bob.pictures() >= 45; }));
    }
    QVERIFY(bob.faults().empty());
}

void tst_FileSource::saysWhatIsWrongWithAFile_data()
{
    QTest::addColumn<QByteArray>("file");
    QTest::addColumn<int>("kind");
    QTest::addColumn<QByteArray>("text");
    const QByteArray broken = " cannot be played: it is broken or of an unknown kind.";
    QTest::newRow("missing") << QByteArray("nowhere.webm") << int(FaultKind::NotFound)
                             << QByteArray("The file nowhere.webm was not found.");
    QTest::newRow("noise") << QByteArray("noise.webm") << int(FaultKind::Unreadable)
                           << "The file noise.webm" + broken;
    QTest::newRow("text") << QByteArray("text.webm") << int(FaultKind::Unreadable)
                          << "The file text.webm" + broken;
    QTest::newRow("empty") << QByteArray("empty.webm") << int(FaultKind::Unreadable)
                           << "The file empty.webm" + broken;
    QTest::newRow("cut in its head")
        << QByteArray("cut.webm") << int(FaultKind::Unreadable) << "The file cut.webm" + broken;
    const QByteArray irregular = " cannot be played: it is no regular file.";
    QTest::newRow("pipe") << QByteArray("pipe") << int(FaultKind::Unreadable)
                          << "The file pipe" + irregular;
    QTest::newRow("folder") << QByteArray("folder") << int(FaultKind::Unreadable)
                            << "The file folder" + irregular;
}

void tst_FileSource::saysWhatIsWrongWithAFile()
{
    QFETCH(QByteArray, file);
    QFETCH(int, kind);
    QFETCH(QByteArray, text);
    Given given;
    FileSource source(path(file.constData()), given.taker());
    source.start();
    QVERIFY(eventually([&] { return given.hasFailed(); }));
    source.stop();
    QCOMPARE(QByteArray::fromStdString(given.faults[0].text), text);
    QCOMPARE(int(given.faults[0].kind), kind);
}

void tst_FileSource::saysThatAFilmDoesNotBeginAgain()
{
    Given given;
    OneWayFilm source(path("film.webm"), given.taker());
    source.start();
    QVERIFY(eventually([&] { return given.hasFailed(); }));
    source.stop();
    QVERIFY(given.pictures > 0 && given.sounds > 0);
    QCOMPARE(given.faults[0].text,
             "The file film.webm has ended, and cannot be played from its beginning again.");
    QCOMPARE(given.faults.size(), 1U);
}

void tst_FileSource::canBeStoppedAtAnyTime()
{
    for (int i = 0; i < 8; ++i) {
        Given given;
        FileSource source(path("film.webm"), given.taker());
        source.start();
        QVERIFY(i < 4 || eventually([&] { return given.has(i * 3, 0); }));
    }
}

QTEST_GUILESS_MAIN(tst_FileSource)
#include "tst_filesource.moc"
