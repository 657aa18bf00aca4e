// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "rtppackets.h"
#include "session/rtp/rtcppacket.h"

#include <QtTest/qtest.h>

#include <utility>
#include <vector>

using namespace peer;
using peer::test::operator+;
using peer::test::rtcpPacket;
using Whose = rtp::RtcpSubject::Whose;
using Words = std::vector<std::uint32_t>;
using Subjects = std::vector<std::pair<std::uint32_t, Whose>>;

Q_DECLARE_METATYPE(Subjects)

namespace {

constexpr std::uint32_t Sender = 0x5e5e5e5e;

/// A report block on ssrc.
Words block(std::uint32_t ssrc)
{
    return {ssrc, 0, 0, 0, 0, 0};
}

Words operator+(Words front, const Words &back)
{
    front.insert(front.end(), back.begin(), back.end());
    return front;
}

} // namespace

class tst_RtcpPacket : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void tellsWhatAPacketIsAbout_data();
    void tellsWhatAPacketIsAbout();
    void refusesMalformedCompounds_data();
    void refusesMalformedCompounds();
};

void tst_RtcpPacket::tellsWhatAPacketIsAbout_data()
{
    QTest::addColumn<Bytes>("compound");
    QTest::addColumn<Subjects>("subjects");
    const Words info(5);
    QTest::newRow("sender report") << rtcpPacket(200, 1, Words{Sender} + info + block(1))
                                   << Subjects{{Sender, Whose::Senders}, {1, Whose::Receivers}};
    QTest::newRow("receiver report") << rtcpPacket(201, 2, Words{Sender} + block(1) + block(2))
                                     << Subjects{{1, Whose::Receivers}, {2, Whose::Receivers}};
    QTest::newRow("empty receiver report") << rtcpPacket(201, 0, {Sender}) << Subjects{};
    QTest::newRow("source description")
        << rtcpPacket(202, 1, {Sender, 0x01026162, 0}) << Subjects{{Sender, Whose::Senders}};
    QTest::newRow("goodbye of two")
        << rtcpPacket(203, 2, {1, 2}) << Subjects{{1, Whose::Senders}, {2, Whose::Senders}};
    QTest::newRow("NACK") << rtcpPacket(205, 1, {Sender, 1, 0x00010000})
                          << Subjects{{1, Whose::Receivers}};
    QTest::newRow("PLI") << rtcpPacket(206, 1, {Sender, 1}) << Subjects{{1, Whose::Receivers}};
    QTest::newRow("transport-cc") << rtcpPacket(205, 15, {Sender, 1, 0, 0})
                                  << Subjects{{1, Whose::Receivers}};
    QTest::newRow("REMB of two") << rtcpPacket(206, 15, {Sender, 0, 0x52454d42, 0x02000000, 1, 2})
                                 << Subjects{{1, Whose::Receivers}, {2, Whose::Receivers}};
    QTest::newRow("extended report")
        << rtcpPacket(207, 0, {Sender}) << Subjects{{Sender, Whose::Senders}};
    QTest::newRow("a compound") << rtcpPacket(201, 1, Words{Sender} + block(1))
            + rtcpPacket(202, 1, {Sender, 0x01026162, 0}) + rtcpPacket(206, 1, {Sender, 2})
                                << Subjects{{1, Whose::Receivers},
                                            {Sender, Whose::Senders},
                                            {2, Whose::Receivers}};
    QTest::newRow("more blocks announced than there are")
        << rtcpPacket(201, 3, Words{Sender} + block(1)) << Subjects{{1, Whose::Receivers}};
    QTest::newRow("more REMB sources announced than there are")
        << rtcpPacket(206, 15, {Sender, 0, 0x52454d42, 0xff000000, 1})
        << Subjects{{1, Whose::Receivers}};
    QTest::newRow("REMB cut short") << rtcpPacket(206, 15, {Sender, 0, 0x52454d42}) << Subjects{};
    QTest::newRow("feedback without a source") << rtcpPacket(206, 1, {Sender}) << Subjects{};
}

void tst_RtcpPacket::tellsWhatAPacketIsAbout()
{
    QFETCH(const Bytes, compound);
    QFETCH(const Subjects, subjects);
    QVERIFY(rtp::isWellFormedRtcp(compound));
    Subjects found;
    rtp::forEachSubject(compound, [&](const rtp::RtcpSubject &subject) {
        found.emplace_back(subject.ssrc, subject.whose);
    });
    QCOMPARE(found, subjects);
}

void tst_RtcpPacket::refusesMalformedCompounds_data()
{
    QTest::addColumn<Bytes>("compound");
    const Bytes good = rtcpPacket(201, 0, {Sender});
    Bytes version1 = good;
    version1[0] = 0x40;
    Bytes tooLong = good;
    tooLong[3] = 2;
    QTest::newRow("nothing") << Bytes();
    QTest::newRow("three octets") << Bytes{0x80, 201, 0};
    QTest::newRow("version 1") << version1;
    QTest::newRow("longer than the datagram") << tooLong;
    QTest::newRow("octets left over") << good + Bytes{0, 0};
    QTest::newRow("a second that is malformed") << good + version1;
}

void tst_RtcpPacket::refusesMalformedCompounds()
{
    QFETCH(const Bytes, compound);
    QVERIFY(!rtp::isWellFormedRtcp(compound));
}

QTEST_APPLESS_MAIN(tst_RtcpPacket)

#include "tst_rtcppacket.moc"
