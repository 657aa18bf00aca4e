// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "media/pattern/testtone.h"
#include "media/remotefigures.h"
#include "mediapair.h"

#include <QtTest/qtest.h>

#include <mutex>
#include <vector>

using namespace peer;
using namespace peer::media;
using namespace peer::test;

namespace {

constexpr std::uint16_t Sender = 5;

/// The next so many packets of the sender's tone, in one block.
std::vector<std::int16_t> soundOf(TestTone &tone, int packets)
{
    std::vector<std::int16_t> samples(std::size_t(packets) * SamplesOfPacket * 2);
    tone.write(samples, 2);
    return samples;
}

/// Has the sender known by a picture.
bool seeSender(RemoteFigures &figures)
{
    TestPictureSource source(
        Sender, "alice", {[&figures](GstSample *sample) { figures.takePicture(sample); }, {}, {}});
    source.start();
    const bool isSeen = eventually([&] { return figures.statistics().testSender == Sender; });
    source.stop();
    return isSeen;
}

} // namespace

class tst_RemoteFigures : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void soundThatIsMadeUpIsNotThePeers_data()
    {
        QTest::addColumn<int>("concealed");
        QTest::addColumn<int>("packetsOfBlock");
        QTest::addColumn<int>("tones");
        QTest::newRow("nothing is made up") << 0 << 1 << 10;
        QTest::newRow("a packet") << 1 << 1 << 9;
        QTest::newRow("three, in three blocks") << 3 << 1 << 7;
        QTest::newRow("three, in two blocks of two") << 3 << 2 << 8;
        QTest::newRow("more than is taken") << 20 << 1 << 0;
    }
    void soundThatIsMadeUpIsNotThePeers()
    {
        QFETCH(const int, concealed);
        QFETCH(const int, packetsOfBlock);
        QFETCH(const int, tones);
        RemoteFigures figures;
        figures.begin();
        QVERIFY(seeSender(figures));
        TestTone tone(Sender);
        figures.takeConcealed(concealed);
        for (int i = 0; i < 10; ++i)
            figures.takeSound(soundOf(tone, packetsOfBlock));
        const PeerMediaStatistics statistics = figures.statistics();
        QCOMPARE(statistics.soundsDecoded, 10u);
        QCOMPARE(statistics.soundsConcealed, quint64(concealed));
        QCOMPARE(statistics.testTones, quint64(tones));
    }
};

QTEST_GUILESS_MAIN(tst_RemoteFigures)
#include "tst_remotefigures.moc"
