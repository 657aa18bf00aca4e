// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "core/sdp/sessiondescription.h"

#include "support/malformed/malformed.h"

#include <QtTest/qtest.h>

using peer::Candidate;
using peer::CandidateProtocol;
using peer::CandidateType;
using peer::IpAddress;
using peer::sdp::candidateToString;
using peer::sdp::parseCandidate;
using peer::sdp::ParseError;

class tst_CandidateLine : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void linesOfOtherEndpointsBecomeOurForm_data();
    void linesOfOtherEndpointsBecomeOurForm();
    void everyFieldIsTaken();
    void prefixAndLineEndMayBeThereOrNot();
    void hiddenRelatedAddressesBecomeNull();
    void tcpWithoutTypeListens();
    void unknownKindsAreUnsupported_data();
    void unknownKindsAreUnsupported();
    void malformedLinesAreRefused_data();
    void malformedLinesAreRefused();
    void writerLetsNoLineEndThrough();
};

void tst_CandidateLine::linesOfOtherEndpointsBecomeOurForm_data()
{
    QTest::addColumn<QByteArray>("line");
    QTest::addColumn<QByteArray>("canonical"); // empty: as the line is

    const auto row = [](const char *name, const char *line, const char *canonical) {
        QTest::newRow(name) << QByteArray(line) << QByteArray(canonical);
    };
    row("Chromium, host",
        "candidate:2295473213 1 udp 2122260223 192.168.1.17 46243 typ host generation 0 ufrag Xz4q "
        "network-id 1 network-cost 10",
        "candidate:2295473213 1 udp 2122260223 192.168.1.17 46243 typ host ufrag Xz4q");
    row("Chromium, mDNS",
        "candidate:1876313031 1 udp 2113937151 0b7fb6ae-2c4e-4b9c-9f0c-3b7f5d7c8a11.local 54735 "
        "typ host generation 0 ufrag hF6s network-cost 999",
        "candidate:1876313031 1 udp 2113937151 0b7fb6ae-2c4e-4b9c-9f0c-3b7f5d7c8a11.local 54735 "
        "typ host ufrag hF6s");
    row("Chromium, TCP",
        "candidate:4231669940 1 tcp 1518283007 192.168.1.17 9 typ host tcptype active generation 0 "
        "ufrag Xz4q network-id 1",
        "candidate:4231669940 1 tcp 1518283007 192.168.1.17 9 typ host tcptype active ufrag Xz4q");
    row("Chromium, server-reflexive with a hidden base",
        "candidate:842163049 1 udp 1677729535 203.0.113.9 46243 typ srflx raddr 0.0.0.0 rport 0 "
        "generation 0 ufrag Xz4q network-cost 999",
        "candidate:842163049 1 udp 1677729535 203.0.113.9 46243 typ srflx raddr 0.0.0.0 rport 9 "
        "ufrag Xz4q");
    row("Chromium, relayed, IPv6",
        "candidate:3191 1 udp 41885439 2001:db8:7::2 60011 typ relay raddr 2001:db8::17 rport "
        "46243 generation 0",
        "candidate:3191 1 udp 41885439 2001:db8:7::2 60011 typ relay raddr 2001:db8::17 rport "
        "46243");
    row("Firefox, host", "candidate:0 1 UDP 2122252543 192.168.1.17 50001 typ host",
        "candidate:0 1 udp 2122252543 192.168.1.17 50001 typ host");
    row("Firefox, TCP",
        "candidate:3 1 TCP 2105524479 2b5a1c5e-7c11-4c33-8a3f-6d4f8c1d9e70.local 9 typ host "
        "tcptype active",
        "candidate:3 1 tcp 2105524479 2b5a1c5e-7c11-4c33-8a3f-6d4f8c1d9e70.local 9 typ host "
        "tcptype active");
    row("libdatachannel", "candidate:1 1 UDP 2122317823 10.0.0.2 35874 typ host",
        "candidate:1 1 udp 2122317823 10.0.0.2 35874 typ host");
    row("libnice, simultaneous open",
        "candidate:5 1 TCP 1015022079 10.0.0.2 41229 typ host tcptype so",
        "candidate:5 1 tcp 1015022079 10.0.0.2 41229 typ host tcptype so");
    row("aiortc",
        "candidate:61e6d5d6f56a3b2ee3ad2b4ab7a3ed1c 1 udp 2130706431 10.0.0.2 33333 typ host", "");
    row("Pion, server-reflexive",
        "candidate:1966762134 1 udp 1694498815 203.0.113.9 40320 typ srflx raddr 0.0.0.0 rport "
        "40320",
        "candidate:1966762134 1 udp 1694498815 203.0.113.9 40320 typ srflx raddr 0.0.0.0 rport 9");
    row("RFC 8839 section 5.1, second of the example",
        "candidate:2 1 UDP 1694498815 192.0.2.3 45664 typ srflx raddr 203.0.113.141 rport 8998",
        "candidate:2 1 udp 1694498815 192.0.2.3 45664 typ srflx raddr 203.0.113.141 rport 8998");
    row("peer-reflexive", "candidate:9 1 udp 1 192.0.2.3 1 typ prflx raddr 192.0.2.4 rport 2", "");
    row("a related address that is a name",
        "candidate:9 1 udp 1 192.0.2.3 1 typ srflx raddr a.local rport 2",
        "candidate:9 1 udp 1 192.0.2.3 1 typ srflx raddr 0.0.0.0 rport 9");
    row("reflexive without a related address", "candidate:9 1 udp 1 2001:db8::3 1 typ srflx",
        "candidate:9 1 udp 1 2001:db8::3 1 typ srflx raddr :: rport 9");
    row("an unknown extension before a known one",
        "candidate:9 1 udp 1 192.0.2.3 1 typ host x-colour raddr ufrag abcd",
        "candidate:9 1 udp 1 192.0.2.3 1 typ host ufrag abcd");
    row("an extension without a value", "candidate:9 1 udp 1 192.0.2.3 1 typ host lonely",
        "candidate:9 1 udp 1 192.0.2.3 1 typ host");
    row("tcptype of a UDP candidate is an unknown extension",
        "candidate:9 1 udp 1 192.0.2.3 1 typ host tcptype what",
        "candidate:9 1 udp 1 192.0.2.3 1 typ host");
    row("several spaces", "candidate:9  1 udp   1 192.0.2.3 1 typ host ",
        "candidate:9 1 udp 1 192.0.2.3 1 typ host");
    row("1024 octets",
        QByteArray("candidate:9 1 udp 1 192.0.2.3 1 typ host").leftJustified(1024).constData(),
        "candidate:9 1 udp 1 192.0.2.3 1 typ host");
    row("component 2", "candidate:9 2 udp 1 192.0.2.3 1 typ host", "");
    row("largest values",
        "candidate:ABCDEFGHIJKLMNOPQRSTUVWXYZ01234+ 256 udp 4294967295 255.255.255.255 65535 typ "
        "host",
        "");
}

void tst_CandidateLine::linesOfOtherEndpointsBecomeOurForm()
{
    QFETCH(QByteArray, line);
    QFETCH(QByteArray, canonical);
    const auto candidate = parseCandidate(line.toStdString());
    QVERIFY2(candidate, candidate ? "" : candidate.error().message.c_str());
    const std::string written = candidateToString(*candidate);
    QCOMPARE(QByteArray::fromStdString(written), canonical.isEmpty() ? line : canonical);
    const auto again = parseCandidate(written);
    QVERIFY(again);
    QVERIFY(*again == *candidate);
}

void tst_CandidateLine::everyFieldIsTaken()
{
    const auto candidate = parseCandidate(
        "a=candidate:f00+/ 1 TCP 77 192.0.2.3 443 typ relay raddr 10.0.0.1 rport 9 tcptype passive "
        "ufrag frag");
    QVERIFY(candidate);
    Candidate expected;
    expected.foundation = "f00+/";
    expected.component = 1;
    expected.protocol = CandidateProtocol::TcpPassive;
    expected.priority = 77;
    expected.address = {*IpAddress::fromString("192.0.2.3"), 443};
    expected.type = CandidateType::Relayed;
    expected.relatedAddress = {*IpAddress::fromString("10.0.0.1"), 9};
    expected.usernameFragment = "frag";
    QVERIFY(*candidate == expected);
}

void tst_CandidateLine::prefixAndLineEndMayBeThereOrNot()
{
    const auto plain = parseCandidate("candidate:1 1 udp 1 192.0.2.3 1 typ host");
    const auto whole = parseCandidate("a=candidate:1 1 udp 1 192.0.2.3 1 typ host\r\n");
    QVERIFY(plain && whole);
    QVERIFY(*plain == *whole);
}

void tst_CandidateLine::hiddenRelatedAddressesBecomeNull()
{
    for (const char *line : {"candidate:1 1 udp 1 192.0.2.3 1 typ srflx raddr 0.0.0.0 rport 0",
                             "candidate:1 1 udp 1 2001:db8::1 1 typ srflx raddr :: rport 9"}) {
        const auto candidate = parseCandidate(line);
        QVERIFY(candidate);
        QVERIFY(candidate->relatedAddress == peer::TransportAddress());
    }
}

void tst_CandidateLine::tcpWithoutTypeListens()
{
    const auto candidate = parseCandidate("candidate:1 1 tcp 1 192.0.2.3 1 typ host");
    QVERIFY(candidate);
    QVERIFY(candidate->protocol == CandidateProtocol::TcpPassive);
}

void tst_CandidateLine::unknownKindsAreUnsupported_data()
{
    QTest::addColumn<QByteArray>("line");

    const auto row = [](const char *name, const char *line) {
        QTest::newRow(name) << QByteArray(line);
    };
    row("transport ssltcp", "candidate:1 1 ssltcp 1 192.0.2.3 443 typ host");
    row("type magic", "candidate:1 1 udp 1 192.0.2.3 443 typ magic");
    row("port 0", "candidate:1 1 udp 1 192.0.2.3 0 typ host");
    row("an address with a zone", "candidate:1 1 udp 1 fe80::1%eth0 443 typ host");
    row("tcptype magic", "candidate:1 1 tcp 1 192.0.2.3 443 typ host tcptype magic");
}

void tst_CandidateLine::unknownKindsAreUnsupported()
{
    QFETCH(QByteArray, line);
    const auto candidate = parseCandidate(line.toStdString());
    QVERIFY(!candidate);
    QCOMPARE(candidate.error().kind, ParseError::Kind::Unsupported);
}

void tst_CandidateLine::malformedLinesAreRefused_data()
{
    QTest::addColumn<QByteArray>("line");
    QTest::addColumn<QByteArray>("fault"); // a part of the message

    for (const auto &row : peer::test::malformedCandidates())
        QTest::newRow(row.name) << row.text << QByteArray(row.fault);
}

void tst_CandidateLine::malformedLinesAreRefused()
{
    QFETCH(QByteArray, line);
    QFETCH(QByteArray, fault);
    const auto candidate = parseCandidate(line.toStdString());
    QVERIFY(!candidate);
    QCOMPARE(candidate.error().kind, ParseError::Kind::Malformed);
    QCOMPARE(candidate.error().line, std::size_t(1));
    const QByteArray message = QByteArray::fromStdString(candidate.error().message);
    QVERIFY2(message.contains(fault), message.constData());
}

void tst_CandidateLine::writerLetsNoLineEndThrough()
{
    Candidate candidate;
    candidate.foundation = "1\r\na=setup:active";
    candidate.hostName = std::string("a.local\n\0b", 10);
    QCOMPARE(QByteArray::fromStdString(candidateToString(candidate)),
             QByteArray("candidate:1a=setup:active 1 udp 0 a.localb 0 typ host"));
}

QTEST_APPLESS_MAIN(tst_CandidateLine)

#include "tst_candidateline.moc"
