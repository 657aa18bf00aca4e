// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "media/congestion/peersources.h"

#include <QtTest/qtest.h>

using namespace peer;
using namespace peer::media;

namespace {

constexpr TimePoint Start{std::chrono::hours(1)};
constexpr std::uint8_t Ssrc[] = {0, 0, 0, 7};

/// An RTCP packet of this kind from source 7, with so many octets of zero behind.
Bytes rtcp(std::uint8_t count, std::uint8_t type, std::size_t more, int excess = 0)
{
    const int words = int(more / 4) + 1 + excess;
    Bytes packet = {std::uint8_t(0x80 | count), type, 0, std::uint8_t(words)};
    packet.insert(packet.end(), std::begin(Ssrc), std::end(Ssrc));
    packet.resize(packet.size() + more);
    return packet;
}

Bytes description(const Bytes &name)
{
    Bytes packet = rtcp(1, 202, 0);
    packet.push_back(1);
    packet.push_back(std::uint8_t(name.size()));
    packet.insert(packet.end(), name.begin(), name.end());
    do
        packet.push_back(0);
    while (packet.size() % 4 != 0);
    packet[3] = std::uint8_t(packet.size() / 4 - 1);
    return packet;
}

QByteArray toArray(const Bytes &octets)
{
    return {reinterpret_cast<const char *>(octets.data()), qsizetype(octets.size())};
}

} // namespace

class tst_PeerSources : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void sourcesAreFew();
    void aSilentSourceMakesRoom();
    void takesOfRtcpWhatIsUseful_data();
    void takesOfRtcpWhatIsUseful();
    void takesTheWholePacketsOfACompound();
    void dropsRtcpOfFurtherSources();
};

void tst_PeerSources::sourcesAreFew()
{
    PeerSources sources;
    for (std::uint32_t ssrc = 1; ssrc <= 1000; ++ssrc)
        QCOMPARE(sources.admits(ssrc, Start), ssrc <= PeerSources::Max);
    QVERIFY(sources.admits(1, Start));
}

void tst_PeerSources::aSilentSourceMakesRoom()
{
    PeerSources sources;
    for (std::uint32_t ssrc = 1; ssrc <= PeerSources::Max; ++ssrc)
        QVERIFY(sources.admits(ssrc, Start));
    const TimePoint later = Start + PeerSources::Silence;
    QVERIFY(!sources.admits(50, later - std::chrono::milliseconds(1)));
    QVERIFY(sources.admits(1, later));
    QVERIFY(sources.admits(50, later));
    QVERIFY(sources.admits(1, later));
    QVERIFY(sources.admits(51, later)); // and 3, 4 are the only silent ones then
    QVERIFY(sources.admits(52, later));
    QVERIFY(!sources.admits(53, later));
}

void tst_PeerSources::takesOfRtcpWhatIsUseful_data()
{
    QTest::addColumn<QByteArray>("packet");
    QTest::addColumn<bool>("isTaken");
    const auto row = [](const char *name, const Bytes &packet, bool isTaken) {
        QTest::newRow(name) << toArray(packet) << isTaken;
    };
    row("sender report", rtcp(0, 200, 20), true);
    row("sender report with a block", rtcp(1, 200, 44), true);
    row("sender report without its block", rtcp(1, 200, 20), false);
    row("sender report without its information", rtcp(0, 200, 16), false);
    row("receiver report", rtcp(0, 201, 0), true);
    row("receiver report with too few blocks", rtcp(31, 201, 24), false);
    row("longer than the datagram", rtcp(0, 201, 0, 1), false);
    row("name", description({'a', 'b', 'c'}), true);
    row("name that is no text", description({'a', 0xff, 'c'}), false);
    row("name with a control character", description({'a', 0x07}), false);
    row("two chunks", rtcp(2, 202, 12), false);
    row("bye", rtcp(1, 203, 0), false);
    row("application's own", rtcp(0, 204, 4), false);
    row("NACK", rtcp(1, 205, 8), true);
    row("PLI", rtcp(1, 206, 4), true);
    row("NACK of nothing", rtcp(1, 205, 4), false);
    row("PLI with more than there is to say", rtcp(1, 206, 8), false);
    row("FIR", rtcp(4, 206, 12), true);
    row("FIR to two", rtcp(4, 206, 20), true);
    row("FIR with half an entry", rtcp(4, 206, 8), false);
    row("feedback about nobody", rtcp(1, 206, 0), false);
    row("request for a report", rtcp(5, 205, 4), false);
    row("transport-wide feedback, which is not the engine's", rtcp(15, 205, 12), false);
    row("request for a bit rate", rtcp(3, 205, 12), false);
    row("slice loss", rtcp(2, 206, 8), false);
    row("feedback of an application", rtcp(15, 206, 12), false);
    row("of no known kind", rtcp(0, 207, 12), false);
    row("nothing", {}, false);
}

void tst_PeerSources::takesOfRtcpWhatIsUseful()
{
    QFETCH(QByteArray, packet);
    QFETCH(bool, isTaken);
    PeerSources sources;
    const ByteView octets(reinterpret_cast<const std::uint8_t *>(packet.constData()),
                          std::size_t(packet.size()));
    QCOMPARE(toArray(admittedRtcp(octets, sources, Start)), isTaken ? packet : QByteArray());
}

void tst_PeerSources::takesTheWholePacketsOfACompound()
{
    PeerSources sources;
    const Bytes report = rtcp(0, 201, 0);
    Bytes compound = report;
    const Bytes bye = rtcp(1, 203, 0);
    compound.insert(compound.end(), bye.begin(), bye.end());
    const Bytes pli = rtcp(1, 206, 4);
    compound.insert(compound.end(), pli.begin(), pli.end());
    compound.insert(compound.end(), {0x80, 201, 0, 9, 0}); // has no end
    Bytes expected = report;
    expected.insert(expected.end(), pli.begin(), pli.end());
    QCOMPARE(toArray(admittedRtcp(compound, sources, Start)), toArray(expected));
}

void tst_PeerSources::dropsRtcpOfFurtherSources()
{
    PeerSources sources;
    for (std::uint32_t ssrc = 100; ssrc < 100 + PeerSources::Max; ++ssrc)
        sources.admits(ssrc, Start);
    QVERIFY(admittedRtcp(rtcp(0, 201, 0), sources, Start).empty());
}

QTEST_APPLESS_MAIN(tst_PeerSources)
#include "tst_peersources.moc"
