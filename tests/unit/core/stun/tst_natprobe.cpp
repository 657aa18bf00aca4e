// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "core/stun/message.h"
#include "core/stun/messagewriter.h"
#include "core/stun/natprobe.h"
#include "core/stun/responder.h"

#include "unit/core/ice/seededrandom.h"

#include <QtTest/qtest.h>

#include <optional>

using namespace std::chrono_literals;
using namespace peer;
using namespace peer::stun;

namespace {

constexpr TimePoint Start{1000s};
constexpr TransportId Socket{7};
const TransportAddress Local = *TransportAddress::fromString("192.168.1.2:50000");
const TransportAddress Public = *TransportAddress::fromString("198.51.100.1:50000");
const TransportAddress Server = *TransportAddress::fromString("203.0.113.2:443");
const TransportAddress Other = *TransportAddress::fromString("203.0.113.2:444");

/// A server behind a NAT or firewall of some kind, without delay.
struct Network
{
    bool blocksUdp = false;
    bool translates = true;
    bool variesPorts = false;
    bool filtersByPort = true;
    bool hasOtherPort = true;
    bool isOtherPortBlocked = false;
};

} // namespace

Q_DECLARE_METATYPE(Network)

class tst_NatProbe : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void tellsWhatIsBetween_data();
    void tellsWhatIsBetween();
    void takesNothingFromOthers();
    void survivesWhatAnAnswerMayBe_data();
    void survivesWhatAnAnswerMayBe();

private:
    /// Drives the probe to its end; how long that took.
    Duration run(NatProbe &probe, const Network &network);
    SeededRandom m_random{1};
    Responder m_responder;
};

Duration tst_NatProbe::run(NatProbe &probe, const Network &network)
{
    TimePoint now = Start;
    std::array<std::uint8_t, Responder::MaxAnswerSize> room{};
    bool hasWrittenToOther = false;
    while (!probe.isFinished()) {
        now = std::max(now, probe.nextDeadline());
        while (const auto request = probe.advance(now)) {
            const TransportAddress asked = request->route.remote;
            const bool isOther = asked == Other;
            hasWrittenToOther |= isOther;
            if (network.blocksUdp || (isOther && network.isOtherPortBlocked))
                continue;
            TransportAddress source = network.translates ? Public : Local;
            if (network.variesPorts && isOther)
                ++source.port;
            const TransportAddress otherOne = isOther ? Server : Other;
            const auto answer = m_responder.answer(
                request->payload, source, network.hasOtherPort ? otherOne : TransportAddress(),
                room);
            const TransportAddress from = answer.leavesByOtherPort ? otherOne : asked;
            if (from == Other && !hasWrittenToOther && network.filtersByPort)
                continue;
            probe.receive(now, {{Socket, Local, from}, answer.octets});
        }
    }
    return now - Start;
}

void tst_NatProbe::tellsWhatIsBetween_data()
{
    QTest::addColumn<Network>("network");
    QTest::addColumn<bool>("isAnswered");
    QTest::addColumn<NatMapping>("mapping");
    QTest::addColumn<NatFiltering>("filtering");
    const auto row = [](const char *name, Network network, bool isAnswered, NatMapping mapping,
                        NatFiltering filtering) {
        QTest::newRow(name) << network << isAnswered << mapping << filtering;
    };
    row("UDP blocked", {.blocksUdp = true}, false, NatMapping::Unknown, NatFiltering::Unknown);
    row("nothing", {.translates = false, .filtersByPort = false}, true, NatMapping::NoNat,
        NatFiltering::Open);
    row("a firewall", {.translates = false}, true, NatMapping::NoNat, NatFiltering::Restricted);
    row("a full cone", {.filtersByPort = false}, true, NatMapping::Constant, NatFiltering::Open);
    row("port-restricted", {}, true, NatMapping::Constant, NatFiltering::Restricted);
    row("symmetric", {.variesPorts = true}, true, NatMapping::Varying, NatFiltering::Restricted);
    row("a server with one port", {.hasOtherPort = false}, true, NatMapping::Unknown,
        NatFiltering::Unknown);
    row("no way to the second port", {.isOtherPortBlocked = true}, true, NatMapping::Unknown,
        NatFiltering::Restricted);
}

void tst_NatProbe::tellsWhatIsBetween()
{
    QFETCH(Network, network);
    NatProbe probe({Socket, Local, Server}, m_random);
    const Duration taken = run(probe, network);
    QTEST(probe.findings().isAnswered, "isAnswered");
    QTEST(probe.findings().mapping, "mapping");
    QTEST(probe.findings().filtering, "filtering");
    QVERIFY(taken <= 10s);
    if (probe.findings().isAnswered)
        QCOMPARE(probe.findings().mapped, network.translates ? Public : Local);
    QCOMPARE(probe.nextDeadline(), Never);
    QVERIFY(!probe.advance(Start + 1h));
}

void tst_NatProbe::takesNothingFromOthers()
{
    NatProbe probe({Socket, Local, Server}, m_random);
    const auto request = probe.advance(Start);
    QVERIFY(request);
    std::array<std::uint8_t, Responder::MaxAnswerSize> room{};
    const ByteView answer = m_responder.answer(request->payload, Public, room);
    probe.receive(Start, {{Socket, Local, Other}, answer});
    QVERIFY(!probe.isFinished());
    probe.receive(Start, {{Socket, Local, Server}, answer});
    QVERIFY(probe.isFinished());
    QVERIFY(probe.findings().isAnswered);
}

void tst_NatProbe::survivesWhatAnAnswerMayBe_data()
{
    QTest::addColumn<bool>("isError");
    QTest::addColumn<bool>("hasAddress");
    QTest::newRow("an error") << true << false;
    QTest::newRow("an error with an address") << true << true;
    QTest::newRow("no address") << false << false;
}

void tst_NatProbe::survivesWhatAnAnswerMayBe()
{
    QFETCH(bool, isError);
    QFETCH(bool, hasAddress);
    NatProbe probe({Socket, Local, Server}, m_random);
    const auto request = probe.advance(Start);
    const auto parsed = Message::parse(request->payload);
    QVERIFY(parsed.hasValue());
    std::array<std::uint8_t, 128> room{};
    MessageWriter writer(room);
    writer.begin(isError ? Class::ErrorResponse : Class::SuccessResponse, Method::Binding,
                 parsed->transactionId());
    if (isError)
        writer.addErrorCode(errorcode::ServerError, "no");
    if (hasAddress)
        writer.addAddress(Attribute::XorMappedAddress, Public);
    probe.receive(Start, {{Socket, Local, Server}, writer.finish()});
    QVERIFY(probe.isFinished());
    QVERIFY(!probe.findings().isAnswered);
}

QTEST_APPLESS_MAIN(tst_NatProbe)
#include "tst_natprobe.moc"
