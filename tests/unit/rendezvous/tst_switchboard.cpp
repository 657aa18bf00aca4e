// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "rendezvous/switchboard.h"

#include <QtTest/qtest.h>

#include <optional>
#include <vector>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using namespace peer::rendezvous;
using peer::TimePoint;

namespace {

const QString AliceId = QString(52, u'a');
const QString BobId = QString(52, u'b');
const QByteArray AliceTicket = QByteArray(32, 'A');
const QByteArray BobTicket = QByteArray(32, 'B');
const QByteArray Address = "addr";
const QString CallA = u"call-aaaaaaaaaaaaaaaaa"_s;
const QString CallB = u"call-bbbbbbbbbbbbbbbbb"_s;

QJsonObject signal(int number)
{
    return {{"seq"_L1, number}};
}

/// A switchboard on a clock of its own.
struct Bench
{
    explicit Bench(const PeerRendezvousLimits &limits = {})
        : names(limits.names, limits.namesPerKey, limits.nameRetention)
        , budgets(limits, 1)
        , board(limits, names, budgets, counters)
    { }

    Switchboard::Times times() const
    {
        return {TimePoint(1h) + since,
                WallTime(1'700'000'000s) + std::chrono::duration_cast<std::chrono::seconds>(since)};
    }
    ClientId connect(const QString &id, const QByteArray &ticket = {})
    {
        return board.connect(times(), id, ticket, Address).client;
    }
    ClientId connectAs(const QString &id, const QString &name, const QByteArray &ticket = {})
    {
        const ClientId client = connect(id, ticket);
        tell(client, message::Register{name});
        take();
        return client;
    }
    void disconnect(ClientId client, Switchboard::Leaving leaving = Switchboard::Leaving::Silent)
    {
        board.disconnect(times(), client, leaving);
    }
    void tell(ClientId from, const ClientMessage &message)
    {
        board.receive(times(), from, message);
    }
    void pass(std::chrono::nanoseconds time)
    {
        since += time;
        board.advance(times());
    }
    /// All that wants out.
    std::vector<Switchboard::Outgoing> take()
    {
        std::vector<Switchboard::Outgoing> all;
        while (auto outgoing = board.nextOutgoing())
            all.push_back(std::move(*outgoing));
        return all;
    }
    /// The only message that wants out, if it goes to this client and is of this kind.
    template<typename Message>
    std::optional<Message> only(ClientId to)
    {
        const auto all = take();
        if (all.size() != 1 || all.front().to != to)
            return std::nullopt;
        const auto *message = std::get_if<Message>(&all.front().message);
        return message ? std::optional(*message) : std::nullopt;
    }
    bool isSilent() { return take().empty(); }

    std::chrono::nanoseconds since{};
    NameStore names;
    AddressBudgets budgets;
    Counters counters;
    Switchboard board;
};

} // namespace

class tst_Switchboard : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    // Names
    void aNameIsRegisteredAndTold();
    void aClientWithoutProofHasNoNames();
    void aNameOfAnotherKeyIsRefused();
    void anIdBelongsToItsKeyAlone();
    void theNewestRegistrationWinsAndTheOlderStaysAway();
    void registeringTwiceIsOneRegistration();
    void aNameIsOfflineAtOnceWhenItsSocketIsGone();
    void unregisteringKeepsTheClaim();
    void aNameThatIsOnlineDoesNotExpire();
    // Presence
    void whoWatchesIsToldWhoIsThere();
    void aClientThatChangesItsSocketIsNotSeenToLeave();
    void aNameThatMovesBetweenSocketsIsNotToldAgain();
    void aNewSocketHasNoWatches();
    void moreWatchesThanAllowedAreRefused();
    void watchesOfManySocketsAreLimitedByTheirAddress();
    void newWatchesAreLimitedInRate();

    // Tunnels
    void aTunnelIsMintedForWhoAsks();
    void noTunnelIsMintedWhereThereAreNone();
    void mintedTunnelsAreLimitedInRate();
    void aCallHasOneTunnelAndItsCallerIsTold();
    void aCalleeWhoWentOnWithACallIsToldOfItsTunnel();

    void namesOfAConnectionAreLimited();
    void namesOfAKeyAreLimited();
    void newClaimsAreLimitedInRateButOldNamesAreNot();

    // Calls
    void aCallReachesTheCalleeWithTheCallersProvenName();
    void aCallerIsToldByTheNameItUsedLast();
    void aCallToNobodyIsOffline();
    void signalsArePassedToTheOtherSideOnly();
    void theCallersSignalsComeAsIncomingUntilTheCalleeAnswers();
    void strangersCannotTouchACall();
    void aPeerMayCallItself();
    void anEndByTheCallerForgetsTheCall();
    void anEndByTheCalleeSilencesTheCall();
    void callsOfAConnectionAreLimited();
    void callsOfACalleeAreLimited();
    void allCallsAreLimited();
    void newCallsAreLimitedInRate();
    void aCallWithoutSignalsIsForgottenAfterItsTime();

    // Coming back
    void aTicketTakesOverCallsOfBothSides();
    void aTicketOfAnotherKeyIsWorthNothing();
    void anOpenSocketIsTakenOver();
    void signalsToAnAbsentClientAreDropped();
    void whoClosesItsSocketIsToldToTheOtherSide();
    void whoFallsSilentIsNotTold();
    void whoComesBackLearnsWhoIsAway();
    void aCalleeThatHasEndedTheCallAndGoneIsNotLookedFor();
    void anAbsentClientIsForgottenAfterItsTime();
    void aClientWithoutCallsIsForgottenWithItsSocket();
    void aCallerAnnouncesACallToANewServer();
    void theCalleeMayComeBackAfterTheCaller();
    void aCalleeOfAnotherKeyDoesNotInheritACall();
    void aCallerWithoutATicketClaimsItsCallByItsKey();
    void nothingIsKeptWhenAllAreGone();
};

// ---- Names

void tst_Switchboard::aNameIsRegisteredAndTold()
{
    Bench bench;
    const ClientId alice = bench.connect(AliceId);
    bench.tell(alice, message::Register{u"alice"_s});
    QCOMPARE(bench.only<message::Registered>(alice), message::Registered{u"alice"_s});
    QVERIFY(bench.board.isOnline(u"alice"_s));
    const auto event = bench.board.nextEvent();
    QVERIFY(event);
    QCOMPARE(std::get<Switchboard::NameOnline>(*event).id, AliceId);
}

void tst_Switchboard::aClientWithoutProofHasNoNames()
{
    Bench bench;
    const ClientId nobody = bench.connect({});
    bench.tell(nobody, message::Register{u"alice"_s});
    QCOMPARE(bench.only<message::NotRegistered>(nobody),
             (message::NotRegistered{u"alice"_s, RegistrationFailure::Unproven}));
    bench.tell(nobody, message::Register{});
    QCOMPARE(bench.only<message::NotRegistered>(nobody),
             (message::NotRegistered{{}, RegistrationFailure::Unproven}));
}

void tst_Switchboard::aNameOfAnotherKeyIsRefused()
{
    Bench bench;
    const ClientId alice = bench.connectAs(AliceId, u"alice"_s);
    bench.disconnect(alice);
    const ClientId bob = bench.connect(BobId);
    bench.tell(bob, message::Register{u"alice"_s});
    QCOMPARE(bench.only<message::NotRegistered>(bob),
             (message::NotRegistered{u"alice"_s, RegistrationFailure::Owned}));
    bench.pass(30 * 24h + 1s);
    bench.tell(bob, message::Register{u"alice"_s});
    QCOMPARE(bench.only<message::Registered>(bob), message::Registered{u"alice"_s});
}

void tst_Switchboard::anIdBelongsToItsKeyAlone()
{
    Bench bench;
    const ClientId alice = bench.connect(AliceId);
    bench.tell(alice, message::Register{});
    QCOMPARE(bench.only<message::Registered>(alice), message::Registered{AliceId});
    bench.tell(alice, message::Register{AliceId});
    QCOMPARE(bench.only<message::Registered>(alice), message::Registered{AliceId});
    const ClientId bob = bench.connect(BobId);
    bench.tell(bob, message::Register{AliceId});
    QCOMPARE(bench.only<message::NotRegistered>(bob),
             (message::NotRegistered{AliceId, RegistrationFailure::Owned}));
    bench.tell(bob, message::Register{QString(52, u'c')});
    QCOMPARE(bench.only<message::NotRegistered>(bob),
             (message::NotRegistered{QString(52, u'c'), RegistrationFailure::Owned}));
    QCOMPARE(bench.names.count(), 0);
}

void tst_Switchboard::theNewestRegistrationWinsAndTheOlderStaysAway()
{
    Bench bench;
    const ClientId older = bench.connectAs(AliceId, u"alice"_s);
    const ClientId newer = bench.connect(AliceId);
    bench.tell(newer, message::Register{u"alice"_s});
    const auto told = bench.take();
    QCOMPARE(told.size(), std::size_t(2));
    QVERIFY(told[0].to == older);
    QVERIFY(told[0].message == ServerMessage(message::Replaced{u"alice"_s}));
    QVERIFY(told[1].to == newer);

    // The end of the older one does not concern the newer.
    bench.disconnect(older);
    QVERIFY(bench.board.isOnline(u"alice"_s));
    bench.tell(older, message::Unregister{u"alice"_s});
    QVERIFY(bench.board.isOnline(u"alice"_s));
}

void tst_Switchboard::registeringTwiceIsOneRegistration()
{
    Bench bench;
    const ClientId alice = bench.connectAs(AliceId, u"alice"_s);
    QVERIFY(bench.board.nextEvent());
    bench.tell(alice, message::Register{u"alice"_s});
    QCOMPARE(bench.only<message::Registered>(alice), message::Registered{u"alice"_s});
    QVERIFY(!bench.board.nextEvent());
}

void tst_Switchboard::aNameIsOfflineAtOnceWhenItsSocketIsGone()
{
    Bench bench;
    const ClientId alice = bench.connectAs(AliceId, u"alice"_s, AliceTicket);
    bench.disconnect(alice);
    QVERIFY(!bench.board.isOnline(u"alice"_s));
    const ClientId bob = bench.connect(BobId);
    bench.tell(bob, message::Call{CallA, u"alice"_s, {}, signal(1)});
    QCOMPARE(bench.only<message::Failed>(bob), (message::Failed{CallA, CallFailure::Offline}));
}

void tst_Switchboard::unregisteringKeepsTheClaim()
{
    Bench bench;
    const ClientId alice = bench.connectAs(AliceId, u"alice"_s);
    bench.tell(alice, message::Unregister{u"alice"_s});
    QVERIFY(!bench.board.isOnline(u"alice"_s));
    const ClientId bob = bench.connect(BobId);
    bench.tell(bob, message::Register{u"alice"_s});
    QVERIFY(bench.only<message::NotRegistered>(bob));
}

void tst_Switchboard::aNameThatIsOnlineDoesNotExpire()
{
    Bench bench;
    const ClientId alice = bench.connectAs(AliceId, u"alice"_s);
    for (int day = 0; day < 40; ++day)
        bench.pass(24h);
    bench.disconnect(alice);
    bench.pass(29 * 24h);
    const ClientId bob = bench.connect(BobId);
    bench.tell(bob, message::Register{u"alice"_s});
    QVERIFY(bench.only<message::NotRegistered>(bob));
}

// ---- Presence

void tst_Switchboard::whoWatchesIsToldWhoIsThere()
{
    Bench bench;
    const ClientId bob = bench.connect(BobId);
    bench.tell(bob, message::Watch{u"alice"_s});
    QCOMPARE(bench.only<message::Watched>(bob), (message::Watched{u"alice"_s, false}));

    const ClientId alice = bench.connect(AliceId);
    bench.tell(alice, message::Register{u"alice"_s});
    auto told = bench.take();
    QCOMPARE(told.size(), 2U);
    QVERIFY(told.back().to == bob || told.front().to == bob);
    bench.tell(bob, message::Watch{u"alice"_s});
    QCOMPARE(bench.only<message::Watched>(bob), (message::Watched{u"alice"_s, true}));

    bench.tell(alice, message::Unregister{u"alice"_s});
    QVERIFY(bench.isSilent());
    const TimePoint due = bench.board.nextPresenceDeadline();
    QCOMPARE(due, bench.times().now + PeerRendezvousLimits().presenceDelay);
    // Nobody has been told, so it is not told to the next who asks.
    bench.tell(bob, message::Watch{u"alice"_s});
    QCOMPARE(bench.only<message::Watched>(bob), (message::Watched{u"alice"_s, true}));
    bench.board.advancePresence(due);
    QCOMPARE(bench.only<message::Watched>(bob), (message::Watched{u"alice"_s, false}));

    bench.tell(bob, message::Unwatch{u"alice"_s});
    bench.tell(alice, message::Register{u"alice"_s});
    QVERIFY(bench.only<message::Registered>(alice));
}

void tst_Switchboard::aClientThatChangesItsSocketIsNotSeenToLeave()
{
    Bench bench;
    const ClientId bob = bench.connect(BobId);
    const ClientId alice = bench.connectAs(AliceId, u"alice"_s, AliceTicket);
    bench.tell(bob, message::Watch{u"alice"_s});
    bench.take();
    QCOMPARE(bench.connect(AliceId, AliceTicket), alice);
    bench.tell(alice, message::Register{u"alice"_s});
    QVERIFY(bench.only<message::Registered>(alice));
    bench.pass(1min);
    bench.board.advancePresence(bench.times().now);
    QVERIFY(bench.isSilent());
}

/// Two sockets of one key that take the name from each other must not make the server send to all
/// who watch it.
void tst_Switchboard::aNameThatMovesBetweenSocketsIsNotToldAgain()
{
    Bench bench;
    const ClientId bob = bench.connect(BobId);
    const ClientId first = bench.connectAs(AliceId, u"alice"_s);
    const ClientId second = bench.connect(AliceId);
    bench.tell(bob, message::Watch{u"alice"_s});
    bench.take();
    for (int i = 0; i < 10; ++i) {
        bench.tell(i % 2 == 0 ? second : first, message::Register{u"alice"_s});
        for (const Switchboard::Outgoing &outgoing : bench.take())
            QVERIFY(outgoing.to != bob);
    }
    bench.disconnect(first);
    bench.board.advancePresence(bench.board.nextPresenceDeadline());
    QCOMPARE(bench.only<message::Watched>(bob), (message::Watched{u"alice"_s, false}));
}

void tst_Switchboard::aNewSocketHasNoWatches()
{
    Bench bench;
    const ClientId bob = bench.connect(BobId, BobTicket);
    bench.tell(bob, message::Watch{u"alice"_s});
    bench.take();
    QCOMPARE(bench.board.watchCount(), 1);
    QCOMPARE(bench.connect(BobId, BobTicket), bob);
    QCOMPARE(bench.board.watchCount(), 0);
    bench.tell(bob, message::Watch{u"alice"_s});
    bench.disconnect(bob);
    QCOMPARE(bench.board.watchCount(), 0);
    QVERIFY(bench.isSilent());
}

void tst_Switchboard::moreWatchesThanAllowedAreRefused()
{
    PeerRendezvousLimits limits;
    limits.watchesPerConnection = 1;
    Bench bench(limits);
    const ClientId bob = bench.connect({});
    bench.tell(bob, message::Watch{u"a"_s});
    QVERIFY(bench.only<message::Watched>(bob));
    bench.tell(bob, message::Watch{u"b"_s});
    QCOMPARE(bench.only<message::NotWatched>(bob),
             (message::NotWatched{u"b"_s, WatchFailure::Limit}));
}

void tst_Switchboard::watchesOfManySocketsAreLimitedByTheirAddress()
{
    PeerRendezvousLimits limits;
    limits.watchesPerAddress = 2;
    Bench bench(limits);
    const ClientId first = bench.connect({}), second = bench.connect({});
    bench.tell(first, message::Watch{u"a"_s});
    QVERIFY(bench.only<message::Watched>(first));
    bench.tell(second, message::Watch{u"b"_s});
    QVERIFY(bench.only<message::Watched>(second));
    bench.tell(second, message::Watch{u"c"_s});
    QCOMPARE(bench.only<message::NotWatched>(second),
             (message::NotWatched{u"c"_s, WatchFailure::Limit}));
    const ClientId far = bench.board.connect(bench.times(), {}, {}, "far"_ba).client;
    bench.tell(far, message::Watch{u"c"_s});
    QVERIFY(bench.only<message::Watched>(far));
    bench.disconnect(first);
    bench.tell(second, message::Watch{u"c"_s});
    QVERIFY(bench.only<message::Watched>(second));
}

void tst_Switchboard::newWatchesAreLimitedInRate()
{
    PeerRendezvousLimits limits;
    limits.watchRate = {1, 1};
    Bench bench(limits);
    const ClientId bob = bench.connect({});
    bench.tell(bob, message::Watch{u"a"_s});
    QVERIFY(bench.only<message::Watched>(bob));
    bench.tell(bob, message::Watch{u"b"_s});
    QCOMPARE(bench.only<message::NotWatched>(bob),
             (message::NotWatched{u"b"_s, WatchFailure::Rate}));
    bench.pass(1s);
    bench.tell(bob, message::Watch{u"b"_s});
    QVERIFY(bench.only<message::Watched>(bob));
}

// ---- Tunnels of their own

void tst_Switchboard::aTunnelIsMintedForWhoAsks()
{
    Bench bench;
    bench.board.setTunnelMint([](TimePoint) { return message::Tunnel{u"/t"_s, u"secret"_s}; });
    const ClientId bob = bench.connect({});
    bench.tell(bob, message::Mint{CallA});
    QCOMPARE(bench.only<message::Minted>(bob), (message::Minted{CallA, {u"/t"_s, u"secret"_s}}));
    QCOMPARE(bench.board.callCount(), 0);
}

void tst_Switchboard::noTunnelIsMintedWhereThereAreNone()
{
    Bench bench;
    const ClientId bob = bench.connect({});
    bench.tell(bob, message::Mint{CallA});
    QCOMPARE(bench.only<message::NotMinted>(bob), (message::NotMinted{CallA, MintFailure::None}));
}

void tst_Switchboard::mintedTunnelsAreLimitedInRate()
{
    PeerRendezvousLimits limits;
    limits.callRate = {1, 1};
    Bench bench(limits);
    bench.board.setTunnelMint([](TimePoint) { return message::Tunnel{u"/t"_s, u"secret"_s}; });
    const ClientId bob = bench.connect({});
    bench.tell(bob, message::Mint{CallA});
    QVERIFY(bench.only<message::Minted>(bob));
    bench.tell(bob, message::Mint{CallB});
    QCOMPARE(bench.only<message::NotMinted>(bob), (message::NotMinted{CallB, MintFailure::Rate}));
}

// ---- Limits of names

void tst_Switchboard::namesOfAConnectionAreLimited()
{
    PeerRendezvousLimits limits;
    limits.namesPerConnection = 2;
    Bench bench(limits);
    const ClientId alice = bench.connectAs(AliceId, u"one"_s);
    bench.tell(alice, message::Register{u"two"_s});
    QVERIFY(bench.only<message::Registered>(alice));
    bench.tell(alice, message::Register{u"three"_s});
    QCOMPARE(bench.only<message::NotRegistered>(alice),
             (message::NotRegistered{u"three"_s, RegistrationFailure::Limit}));
    bench.tell(alice, message::Register{u"one"_s});
    QVERIFY(bench.only<message::Registered>(alice));
    bench.tell(alice, message::Unregister{u"one"_s});
    bench.tell(alice, message::Register{u"three"_s});
    QVERIFY(bench.only<message::Registered>(alice));
}

void tst_Switchboard::namesOfAKeyAreLimited()
{
    PeerRendezvousLimits limits;
    limits.namesPerKey = 1;
    Bench bench(limits);
    bench.connectAs(AliceId, u"one"_s);
    const ClientId again = bench.connect(AliceId);
    bench.tell(again, message::Register{u"two"_s});
    QCOMPARE(bench.only<message::NotRegistered>(again),
             (message::NotRegistered{u"two"_s, RegistrationFailure::Limit}));
}

void tst_Switchboard::newClaimsAreLimitedInRateButOldNamesAreNot()
{
    PeerRendezvousLimits limits;
    limits.claimRate = {1, 1};
    Bench bench(limits);
    const ClientId alice = bench.connectAs(AliceId, u"one"_s);
    bench.tell(alice, message::Register{u"two"_s});
    QCOMPARE(bench.only<message::NotRegistered>(alice),
             (message::NotRegistered{u"two"_s, RegistrationFailure::Rate}));
    for (int i = 0; i < 10; ++i) {
        bench.tell(alice, message::Register{u"one"_s});
        QVERIFY(bench.only<message::Registered>(alice));
    }
    bench.pass(1s);
    bench.tell(alice, message::Register{u"two"_s});
    QVERIFY(bench.only<message::Registered>(alice));
}

// ---- Calls

void tst_Switchboard::aCallReachesTheCalleeWithTheCallersProvenName()
{
    Bench bench;
    const ClientId alice = bench.connectAs(AliceId, u"alice"_s);
    const ClientId bob = bench.connectAs(BobId, u"bob"_s);
    bench.tell(bob, message::Call{CallA, u"alice"_s, u"chat"_s, signal(1)});
    QCOMPARE(bench.only<message::Incoming>(alice),
             (message::Incoming{CallA, u"alice"_s, u"chat"_s, u"bob"_s, BobId, signal(1)}));

    const ClientId nobody = bench.connect({});
    bench.tell(nobody, message::Call{CallB, u"alice"_s, {}, signal(1)});
    QCOMPARE(bench.only<message::Incoming>(alice),
             (message::Incoming{CallB, u"alice"_s, {}, {}, {}, signal(1)}));
}

void tst_Switchboard::aCallerIsToldByTheNameItUsedLast()
{
    Bench bench;
    const ClientId alice = bench.connectAs(AliceId, u"alice"_s);
    bench.disconnect(bench.connectAs(BobId, u"bob"_s));
    const ClientId bob = bench.connect(BobId);
    bench.tell(bob, message::Call{CallA, u"alice"_s, {}, signal(1)});
    const auto incoming = bench.only<message::Incoming>(alice);
    QVERIFY(incoming);
    QCOMPARE(incoming->callerName, u"bob"_s);
}

void tst_Switchboard::aCallToNobodyIsOffline()
{
    Bench bench;
    const ClientId bob = bench.connect(BobId);
    bench.tell(bob, message::Call{CallA, u"alice"_s, {}, signal(1)});
    QCOMPARE(bench.only<message::Failed>(bob), (message::Failed{CallA, CallFailure::Offline}));
    QCOMPARE(bench.board.callCount(), 0);
    QCOMPARE(bench.counters.callsOffline, 1u);
}

void tst_Switchboard::signalsArePassedToTheOtherSideOnly()
{
    Bench bench;
    const ClientId alice = bench.connectAs(AliceId, u"alice"_s);
    const ClientId bob = bench.connect(BobId);
    bench.tell(bob, message::Call{CallA, u"alice"_s, {}, signal(1)});
    bench.take();
    bench.tell(alice, message::Signal{CallA, CallSide::Callee, signal(2)});
    QCOMPARE(bench.only<message::Signal>(bob),
             (message::Signal{CallA, CallSide::Callee, signal(2)}));
    bench.tell(bob, message::Signal{CallA, CallSide::Caller, signal(3)});
    QCOMPARE(bench.only<message::Signal>(alice),
             (message::Signal{CallA, CallSide::Caller, signal(3)}));
}

void tst_Switchboard::theCallersSignalsComeAsIncomingUntilTheCalleeAnswers()
{
    Bench bench;
    const ClientId alice = bench.connectAs(AliceId, u"alice"_s);
    const ClientId bob = bench.connect(BobId);
    bench.tell(bob, message::Call{CallA, u"alice"_s, u"chat"_s, signal(1)});
    bench.take();
    bench.tell(bob, message::Signal{CallA, CallSide::Caller, signal(2)});
    const auto again = bench.only<message::Incoming>(alice);
    QVERIFY(again);
    QCOMPARE(again->service, u"chat"_s);
    QCOMPARE(again->signal, signal(2));
    // The offer once more, after a reconnection.
    bench.tell(bob, message::Call{CallA, u"alice"_s, u"chat"_s, signal(1)});
    QVERIFY(bench.only<message::Incoming>(alice));
    QCOMPARE(bench.board.callCount(), 1);
    bench.tell(alice, message::Signal{CallA, CallSide::Callee, signal(3)});
    bench.take();
    bench.tell(bob, message::Call{CallA, u"alice"_s, u"chat"_s, signal(1)});
    QVERIFY(bench.only<message::Signal>(alice));
}

void tst_Switchboard::strangersCannotTouchACall()
{
    Bench bench;
    const ClientId alice = bench.connectAs(AliceId, u"alice"_s);
    const ClientId bob = bench.connect(BobId);
    bench.tell(bob, message::Call{CallA, u"alice"_s, {}, signal(1)});
    bench.take();

    const ClientId eve = bench.connect(QString(52, u'e'));
    const message::Failed unknown{CallA, CallFailure::Unknown};
    bench.tell(eve, message::Signal{CallA, CallSide::Caller, signal(2)});
    QCOMPARE(bench.only<message::Failed>(eve), unknown);
    bench.tell(eve, message::Signal{CallA, CallSide::Callee, signal(2)});
    QCOMPARE(bench.only<message::Failed>(eve), unknown);
    bench.tell(eve, message::Call{CallA, u"alice"_s, {}, signal(2)});
    QCOMPARE(bench.only<message::Failed>(eve), unknown);
    bench.tell(eve, message::End{CallA, CallSide::Caller});
    bench.tell(eve, message::End{CallA, CallSide::Callee});
    QVERIFY(bench.isSilent());
    QCOMPARE(bench.board.callCount(), 1);

    // Nor can the two sides play each other's part.
    bench.tell(alice, message::Call{CallA, u"alice"_s, {}, signal(2)});
    QCOMPARE(bench.only<message::Failed>(alice), unknown);
    bench.tell(alice, message::Signal{CallA, CallSide::Caller, signal(2)});
    QCOMPARE(bench.only<message::Failed>(alice), unknown);
    bench.tell(bob, message::Signal{CallA, CallSide::Callee, signal(2)});
    QCOMPARE(bench.only<message::Failed>(bob), unknown);
}

void tst_Switchboard::aPeerMayCallItself()
{
    Bench bench;
    const ClientId alice = bench.connectAs(AliceId, u"alice"_s);
    bench.tell(alice, message::Call{CallA, u"alice"_s, {}, signal(1)});
    QVERIFY(bench.only<message::Incoming>(alice));
    bench.tell(alice, message::Signal{CallA, CallSide::Callee, signal(2)});
    QCOMPARE(bench.only<message::Signal>(alice),
             (message::Signal{CallA, CallSide::Callee, signal(2)}));
    bench.tell(alice, message::Signal{CallA, CallSide::Caller, signal(3)});
    QCOMPARE(bench.only<message::Signal>(alice),
             (message::Signal{CallA, CallSide::Caller, signal(3)}));
}

void tst_Switchboard::anEndByTheCallerForgetsTheCall()
{
    Bench bench;
    const ClientId alice = bench.connectAs(AliceId, u"alice"_s);
    const ClientId bob = bench.connect(BobId);
    bench.tell(bob, message::Call{CallA, u"alice"_s, {}, signal(1)});
    bench.take();
    bench.tell(bob, message::End{CallA, CallSide::Caller});
    QCOMPARE(bench.board.callCount(), 0);
    bench.tell(alice, message::Signal{CallA, CallSide::Callee, signal(2)});
    QCOMPARE(bench.only<message::Failed>(alice), (message::Failed{CallA, CallFailure::Unknown}));
}

void tst_Switchboard::anEndByTheCalleeSilencesTheCall()
{
    Bench bench;
    const ClientId alice = bench.connectAs(AliceId, u"alice"_s);
    const ClientId bob = bench.connect(BobId);
    bench.tell(bob, message::Call{CallA, u"alice"_s, {}, signal(1)});
    bench.take();
    bench.tell(alice, message::End{CallA, CallSide::Callee});
    // A repeated offer must not ring again.
    bench.tell(bob, message::Call{CallA, u"alice"_s, {}, signal(1)});
    bench.tell(bob, message::Signal{CallA, CallSide::Caller, signal(2)});
    bench.tell(alice, message::Signal{CallA, CallSide::Callee, signal(2)});
    QVERIFY(bench.isSilent());
    bench.tell(bob, message::End{CallA, CallSide::Caller});
    QCOMPARE(bench.board.callCount(), 0);
}

void tst_Switchboard::callsOfAConnectionAreLimited()
{
    PeerRendezvousLimits limits;
    limits.callsPerConnection = 1;
    Bench bench(limits);
    bench.connectAs(AliceId, u"alice"_s);
    const ClientId carol = bench.connectAs(QString(52, u'c'), u"carol"_s);
    const ClientId bob = bench.connect(BobId);
    bench.tell(bob, message::Call{CallA, u"alice"_s, {}, signal(1)});
    bench.take();
    bench.tell(bob, message::Call{CallB, u"carol"_s, {}, signal(1)});
    QCOMPARE(bench.only<message::Failed>(bob), (message::Failed{CallB, CallFailure::Limit}));
    bench.tell(bob, message::End{CallA, CallSide::Caller});
    bench.tell(bob, message::Call{CallB, u"carol"_s, {}, signal(1)});
    QVERIFY(bench.only<message::Incoming>(carol));
}

void tst_Switchboard::callsOfACalleeAreLimited()
{
    PeerRendezvousLimits limits;
    limits.callsPerConnection = 1;
    Bench bench(limits);
    const ClientId alice = bench.connectAs(AliceId, u"alice"_s);
    const ClientId bob = bench.connect(BobId);
    const ClientId eve = bench.connect({});
    bench.tell(bob, message::Call{CallA, u"alice"_s, {}, signal(1)});
    bench.take();
    bench.tell(eve, message::Call{CallB, u"alice"_s, {}, signal(1)});
    QCOMPARE(bench.only<message::Failed>(eve), (message::Failed{CallB, CallFailure::Limit}));
    bench.tell(alice, message::End{CallA, CallSide::Callee});
    bench.tell(eve, message::Call{CallB, u"alice"_s, {}, signal(1)});
    QVERIFY(bench.only<message::Incoming>(alice));
}

void tst_Switchboard::allCallsAreLimited()
{
    PeerRendezvousLimits limits;
    limits.calls = 1;
    Bench bench(limits);
    bench.connectAs(AliceId, u"alice"_s);
    bench.tell(bench.connect({}), message::Call{CallA, u"alice"_s, {}, signal(1)});
    bench.take();
    const ClientId eve = bench.connect({});
    bench.tell(eve, message::Call{CallB, u"alice"_s, {}, signal(1)});
    QCOMPARE(bench.only<message::Failed>(eve), (message::Failed{CallB, CallFailure::Limit}));
    // Not even such that wait for a callee.
    bench.tell(eve, message::Call{CallB, u"nobody"_s, {}, std::nullopt});
    QCOMPARE(bench.only<message::Failed>(eve), (message::Failed{CallB, CallFailure::Limit}));
}

void tst_Switchboard::newCallsAreLimitedInRate()
{
    PeerRendezvousLimits limits;
    limits.callRate = {1, 1};
    Bench bench(limits);
    const ClientId alice = bench.connectAs(AliceId, u"alice"_s);
    const ClientId bob = bench.connect(BobId);
    bench.tell(bob, message::Call{CallA, u"alice"_s, {}, signal(1)});
    QVERIFY(bench.only<message::Incoming>(alice));
    bench.tell(bob, message::Call{CallB, u"alice"_s, {}, signal(1)});
    QCOMPARE(bench.only<message::Failed>(bob), (message::Failed{CallB, CallFailure::Rate}));
    // What goes on is not new.
    bench.tell(bob, message::Call{CallA, u"alice"_s, {}, signal(1)});
    QVERIFY(bench.only<message::Incoming>(alice));
    bench.pass(1s);
    bench.tell(bob, message::Call{CallB, u"alice"_s, {}, signal(1)});
    QVERIFY(bench.only<message::Incoming>(alice));
}

void tst_Switchboard::aCallWithoutSignalsIsForgottenAfterItsTime()
{
    Bench bench;
    const ClientId alice = bench.connectAs(AliceId, u"alice"_s);
    const ClientId bob = bench.connect(BobId);
    bench.tell(bob, message::Call{CallA, u"alice"_s, {}, signal(1)});
    bench.pass(11h);
    bench.tell(alice, message::Signal{CallA, CallSide::Callee, signal(1)});
    bench.pass(11h);
    QCOMPARE(bench.board.callCount(), 1);
    bench.pass(1h);
    QCOMPARE(bench.board.callCount(), 0);
}

// ---- Coming back

void tst_Switchboard::aTicketTakesOverCallsOfBothSides()
{
    Bench bench;
    const ClientId alice = bench.connectAs(AliceId, u"alice"_s, AliceTicket);
    const ClientId bob = bench.connect(BobId, BobTicket);
    bench.tell(bob, message::Call{CallA, u"alice"_s, {}, signal(1)});
    bench.tell(alice, message::Signal{CallA, CallSide::Callee, signal(1)});
    bench.disconnect(alice);
    bench.disconnect(bob);
    bench.pass(4min);

    const auto bobAgain = bench.board.connect(bench.times(), BobId, BobTicket, Address);
    QVERIFY(bobAgain.resumed);
    QVERIFY(!bobAgain.hadSocket);
    const auto aliceAgain = bench.board.connect(bench.times(), AliceId, AliceTicket, Address);
    QVERIFY(aliceAgain.resumed);
    bench.take();
    bench.tell(bobAgain.client, message::Signal{CallA, CallSide::Caller, signal(2)});
    QVERIFY(bench.only<message::Signal>(aliceAgain.client));
    bench.tell(aliceAgain.client, message::Signal{CallA, CallSide::Callee, signal(3)});
    QVERIFY(bench.only<message::Signal>(bobAgain.client));
    // Calls go on without the name, new ones need it.
    QVERIFY(!bench.board.isOnline(u"alice"_s));
}

void tst_Switchboard::aTicketOfAnotherKeyIsWorthNothing()
{
    Bench bench;
    bench.connectAs(AliceId, u"alice"_s);
    const ClientId bob = bench.connect(BobId, BobTicket);
    bench.tell(bob, message::Call{CallA, u"alice"_s, {}, signal(1)});
    bench.take();
    const auto eve = bench.board.connect(bench.times(), {}, BobTicket, Address);
    QVERIFY(!eve.resumed);
    QVERIFY(eve.client != bob);
    bench.tell(eve.client, message::Signal{CallA, CallSide::Caller, signal(2)});
    QVERIFY(bench.only<message::Failed>(eve.client));
    // And does not spoil it for its owner.
    bench.disconnect(eve.client);
    bench.disconnect(bob);
    QVERIFY(bench.board.connect(bench.times(), BobId, BobTicket, Address).resumed);
}

void tst_Switchboard::anOpenSocketIsTakenOver()
{
    Bench bench;
    const ClientId alice = bench.connectAs(AliceId, u"alice"_s, AliceTicket);
    const auto again = bench.board.connect(bench.times(), AliceId, AliceTicket, Address);
    QVERIFY(again.resumed);
    QVERIFY(again.hadSocket);
    QVERIFY(again.client == alice);
    QVERIFY(!bench.board.isOnline(u"alice"_s));
    bench.tell(alice, message::Register{u"alice"_s});
    QVERIFY(bench.only<message::Registered>(alice));
}

void tst_Switchboard::signalsToAnAbsentClientAreDropped()
{
    Bench bench;
    const ClientId alice = bench.connectAs(AliceId, u"alice"_s, AliceTicket);
    const ClientId bob = bench.connect(BobId, BobTicket);
    bench.tell(bob, message::Call{CallA, u"alice"_s, {}, signal(1)});
    bench.take();
    bench.disconnect(alice);
    bench.tell(bob, message::Signal{CallA, CallSide::Caller, signal(2)});
    bench.tell(bob, message::Call{CallA, u"alice"_s, {}, signal(1)});
    QVERIFY(bench.isSilent());
    QCOMPARE(bench.counters.signalsDropped, 2u);

    bench.board.connect(bench.times(), AliceId, AliceTicket, Address);
    bench.disconnect(bob);
    bench.tell(alice, message::Signal{CallA, CallSide::Callee, signal(2)});
    QVERIFY(bench.isSilent());
    QCOMPARE(bench.counters.signalsDropped, 3u);
}

void tst_Switchboard::whoClosesItsSocketIsToldToTheOtherSide()
{
    Bench bench;
    const ClientId alice = bench.connectAs(AliceId, u"alice"_s, AliceTicket);
    const ClientId bob = bench.connect(BobId, BobTicket);
    bench.tell(bob, message::Call{CallA, u"alice"_s, {}, signal(1)});
    bench.tell(alice, message::Signal{CallA, CallSide::Callee, signal(1)});
    bench.take();
    bench.disconnect(alice, Switchboard::Leaving::Closed);
    QCOMPARE(bench.only<message::Presence>(bob),
             (message::Presence{CallA, CallSide::Callee, false}));
    bench.connect(AliceId, AliceTicket);
    QCOMPARE(bench.only<message::Presence>(bob),
             (message::Presence{CallA, CallSide::Callee, true}));
    bench.disconnect(bob, Switchboard::Leaving::Closed);
    QCOMPARE(bench.only<message::Presence>(alice),
             (message::Presence{CallA, CallSide::Caller, false}));
}

void tst_Switchboard::whoFallsSilentIsNotTold()
{
    Bench bench;
    const ClientId alice = bench.connectAs(AliceId, u"alice"_s, AliceTicket);
    const ClientId bob = bench.connect(BobId, BobTicket);
    bench.tell(bob, message::Call{CallA, u"alice"_s, {}, signal(1)});
    bench.tell(alice, message::Signal{CallA, CallSide::Callee, signal(1)});
    bench.take();
    bench.disconnect(alice, Switchboard::Leaving::Silent);
    QVERIFY(bench.isSilent());
    bench.connect(AliceId, AliceTicket);
    QVERIFY(bench.isSilent());
}

void tst_Switchboard::whoComesBackLearnsWhoIsAway()
{
    Bench bench;
    const ClientId alice = bench.connectAs(AliceId, u"alice"_s, AliceTicket);
    const ClientId bob = bench.connect(BobId, BobTicket);
    bench.tell(bob, message::Call{CallA, u"alice"_s, {}, signal(1)});
    bench.tell(alice, message::Signal{CallA, CallSide::Callee, signal(1)});
    bench.take();
    bench.disconnect(bob, Switchboard::Leaving::Silent);
    bench.disconnect(alice, Switchboard::Leaving::Closed);
    QVERIFY(bench.isSilent());
    bench.connect(BobId, BobTicket);
    QCOMPARE(bench.only<message::Presence>(bob),
             (message::Presence{CallA, CallSide::Callee, false}));
}

void tst_Switchboard::aCalleeThatHasEndedTheCallAndGoneIsNotLookedFor()
{
    Bench bench;
    const ClientId alice = bench.connectAs(AliceId, u"alice"_s);
    const ClientId bob = bench.connect(BobId, BobTicket);
    bench.tell(bob, message::Call{CallA, u"alice"_s, {}, signal(1)});
    bench.tell(alice, message::Signal{CallA, CallSide::Callee, signal(1)});
    bench.tell(alice, message::End{CallA, CallSide::Callee});
    bench.take();
    // Without calls it is forgotten with its socket, while the call is kept for its caller's sake.
    bench.disconnect(alice, Switchboard::Leaving::Closed);
    QCOMPARE(bench.board.clientCount(), 1);
    QCOMPARE(bench.board.callCount(), 1);
    bench.disconnect(bob, Switchboard::Leaving::Closed);
    QCOMPARE(bench.connect(BobId, BobTicket), bob);
    bench.tell(bob, message::Signal{CallA, CallSide::Caller, signal(2)});
    bench.tell(bob, message::Call{CallA, u"alice"_s, {}, signal(2)});
    bench.tell(bob, message::Call{CallA, u"alice"_s, {}, std::nullopt});
    QVERIFY(bench.isSilent());
}

void tst_Switchboard::anAbsentClientIsForgottenAfterItsTime()
{
    Bench bench;
    const ClientId alice = bench.connectAs(AliceId, u"alice"_s, AliceTicket);
    const ClientId bob = bench.connect(BobId, BobTicket);
    bench.tell(bob, message::Call{CallA, u"alice"_s, {}, signal(1)});
    bench.disconnect(bob);
    bench.pass(5min);
    QCOMPARE(bench.board.callCount(), 0);
    QCOMPARE(bench.board.clientCount(), 1);
    QVERIFY(!bench.board.connect(bench.times(), BobId, BobTicket, Address).resumed);
    bench.tell(alice, message::Signal{CallA, CallSide::Callee, signal(2)});
    QVERIFY(bench.take().back().to == alice);
}

void tst_Switchboard::aClientWithoutCallsIsForgottenWithItsSocket()
{
    Bench bench;
    const ClientId alice = bench.connectAs(AliceId, u"alice"_s, AliceTicket);
    bench.disconnect(alice);
    QCOMPARE(bench.board.clientCount(), 0);
    QVERIFY(!bench.board.connect(bench.times(), AliceId, AliceTicket, Address).resumed);
}

void tst_Switchboard::aCallerAnnouncesACallToANewServer()
{
    Bench bench;
    const ClientId alice = bench.connectAs(AliceId, u"alice"_s);
    const ClientId bob = bench.connect(BobId);
    bench.tell(bob, message::Call{CallA, u"alice"_s, {}, std::nullopt});
    QVERIFY(bench.isSilent());
    bench.tell(alice, message::Signal{CallA, CallSide::Callee, signal(5)});
    QVERIFY(bench.only<message::Signal>(bob));
    bench.tell(bob, message::Signal{CallA, CallSide::Caller, signal(6)});
    QVERIFY(bench.only<message::Signal>(alice));
}

void tst_Switchboard::theCalleeMayComeBackAfterTheCaller()
{
    Bench bench;
    const ClientId bob = bench.connect(BobId);
    bench.tell(bob, message::Call{CallA, u"alice"_s, {}, std::nullopt});
    QVERIFY(bench.isSilent());
    bench.tell(bob, message::Signal{CallA, CallSide::Caller, signal(1)});
    QVERIFY(bench.isSilent());
    const ClientId alice = bench.connectAs(AliceId, u"alice"_s);
    bench.tell(alice, message::Signal{CallA, CallSide::Callee, signal(2)});
    QVERIFY(bench.only<message::Signal>(bob));
    bench.tell(bob, message::Signal{CallA, CallSide::Caller, signal(3)});
    QVERIFY(bench.only<message::Signal>(alice));
}

void tst_Switchboard::aCalleeOfAnotherKeyDoesNotInheritACall()
{
    Bench bench;
    const ClientId alice = bench.connectAs(AliceId, u"alice"_s, AliceTicket);
    const ClientId bob = bench.connect(BobId);
    bench.tell(bob, message::Call{CallA, u"alice"_s, {}, signal(1)});
    bench.disconnect(alice);
    // The name's time is over while the call is still known.
    bench.pass(5min);
    bench.since += 30 * 24h + 1h;
    const ClientId eve = bench.connectAs(QString(52, u'e'), u"alice"_s);
    QVERIFY(bench.board.isOnline(u"alice"_s));
    bench.tell(bob, message::Signal{CallA, CallSide::Caller, signal(2)});
    QVERIFY(bench.isSilent());
    bench.tell(eve, message::Signal{CallA, CallSide::Callee, signal(2)});
    QCOMPARE(bench.only<message::Failed>(eve), (message::Failed{CallA, CallFailure::Unknown}));
}

void tst_Switchboard::aCallerWithoutATicketClaimsItsCallByItsKey()
{
    Bench bench;
    const ClientId alice = bench.connectAs(AliceId, u"alice"_s);
    const ClientId bob = bench.connect(BobId);
    bench.tell(bob, message::Call{CallA, u"alice"_s, {}, signal(1)});
    bench.take();
    const ClientId bobAgain = bench.connect(BobId);
    bench.tell(bobAgain, message::Call{CallA, u"alice"_s, {}, signal(1)});
    QVERIFY(bench.only<message::Incoming>(alice));
    bench.tell(alice, message::Signal{CallA, CallSide::Callee, signal(2)});
    QVERIFY(bench.only<message::Signal>(bobAgain));
    // It went with its new owner.
    bench.disconnect(bob);
    QCOMPARE(bench.board.callCount(), 1);
}

void tst_Switchboard::nothingIsKeptWhenAllAreGone()
{
    Bench bench;
    const ClientId alice = bench.connectAs(AliceId, u"alice"_s, AliceTicket);
    const ClientId bob = bench.connect(BobId, BobTicket);
    bench.tell(bob, message::Call{CallA, u"alice"_s, {}, signal(1)});
    bench.tell(alice, message::Call{CallB, u"alice"_s, {}, signal(1)});
    bench.disconnect(alice);
    bench.disconnect(bob);
    bench.pass(5min);
    QCOMPARE(bench.board.clientCount(), 0);
    QCOMPARE(bench.board.callCount(), 0);
    QCOMPARE(bench.board.onlineCount(), 0);
    QVERIFY(bench.isSilent());
    bench.tell(alice, message::Register{u"alice"_s});
    QVERIFY(bench.isSilent());
}

void tst_Switchboard::aCallHasOneTunnelAndItsCallerIsTold()
{
    Bench bench;
    int minted = 0;
    bench.board.setTunnelMint([&](TimePoint) {
        return message::Tunnel{u"/tunnel"_s, QString::number(++minted)};
    });
    const ClientId bob = bench.connectAs(BobId, u"bob"_s);
    const ClientId alice = bench.connect(AliceId);
    for (int repetition = 0; repetition < 2; ++repetition) {
        bench.tell(alice, message::Call{CallA, u"bob"_s, {}, QJsonObject{{"type"_L1, "offer"_L1}}});
        const auto all = bench.take();
        QCOMPARE(all.size(), std::size_t(2));
        QVERIFY(all[0].to == alice);
        const auto routed = std::get<message::Routed>(all[0].message);
        QCOMPARE(routed.tunnel.token, u"1"_s);
        QVERIFY(routed.side == CallSide::Caller);
        QVERIFY(all[1].to == bob);
        const auto incoming = std::get<message::Incoming>(all[1].message);
        QVERIFY(tunnelOf(incoming.signal) == routed.tunnel);
    }
    bench.tell(alice, message::Call{CallB, u"nobody"_s, {}, signal(1)});
    QVERIFY(bench.only<message::Failed>(alice));
    QCOMPARE(minted, 1);
}

void tst_Switchboard::aCalleeWhoWentOnWithACallIsToldOfItsTunnel()
{
    Bench bench;
    bench.board.setTunnelMint([](TimePoint) { return message::Tunnel{u"/tunnel"_s, u"t"_s}; });
    const ClientId alice = bench.connect(AliceId);
    // The server was restarted; the caller is back first.
    bench.tell(alice, message::Call{CallA, u"bob"_s, {}, std::nullopt});
    QVERIFY(bench.only<message::Routed>(alice));
    const ClientId bob = bench.connect(BobId);
    bench.tell(bob, message::Register{u"bob"_s});
    const auto all = bench.take();
    QCOMPARE(all.size(), std::size_t(2));
    QVERIFY(std::holds_alternative<message::Registered>(all[0].message));
    const auto routed = std::get<message::Routed>(all[1].message);
    QVERIFY(all[1].to == bob && routed.side == CallSide::Callee);
    // And when the callee is back first.
    bench.tell(alice, message::Call{CallB, u"bob"_s, {}, std::nullopt});
    const auto both = bench.take();
    QCOMPARE(both.size(), std::size_t(2));
    QVERIFY(both[0].to == alice && both[1].to == bob);
}

QTEST_APPLESS_MAIN(tst_Switchboard)

#include "tst_switchboard.moc"
