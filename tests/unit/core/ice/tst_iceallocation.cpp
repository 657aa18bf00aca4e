// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "loneagent.h"

#include <QtTest/qtest.h>

#include <array>
#include <cstdlib>
#include <new>

namespace {

/// How often this program has called operator new.
std::size_t allocations = 0;

} // namespace

void *operator new(std::size_t size)
{
    ++allocations;
    if (void *memory = std::malloc(size))
        return memory;
    throw std::bad_alloc();
}

void operator delete(void *memory) noexcept
{
    std::free(memory);
}

void operator delete(void *memory, std::size_t) noexcept
{
    std::free(memory);
}

using namespace peer;
using namespace std::chrono_literals;

class tst_IceAllocation : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void theCounterCounts();
    void dataAllocatesNothing();
    void consentAllocatesNothing();
    void thePeersChecksAllocateNothing();
    void rubbishAllocatesNothing();
};

namespace {

/// Connected, and every slot of its queue used before.
void settle(LoneAgent &lone)
{
    lone.setUp();
    lone.makeValid(lone.route());
    for (int i = 0; i < 20; ++i) {
        lone.runFor(1s);
        lone.check(lone.route(), {});
        for (const auto &request : lone.newRequests())
            lone.answer(request);
    }
}

/// What the agent allocates for one datagram, answers taken out of it included.
std::size_t costOf(LoneAgent &lone, const Route &route, const Bytes &octets)
{
    const std::size_t before = allocations;
    lone.agent.receive(lone.now, {route, octets});
    while (lone.agent.nextTransmit()) { }
    return allocations - before;
}

} // namespace

void tst_IceAllocation::theCounterCounts()
{
    const std::size_t before = allocations;
    const Bytes octets(100);
    QVERIFY(allocations > before && octets.size() == 100);
}

void tst_IceAllocation::dataAllocatesNothing()
{
    LoneAgent lone;
    settle(lone);
    const Route route = lone.route();
    const Route stranger = lone.route("203.0.113.1");
    const std::size_t before = allocations;
    for (int i = 0; i < 100; ++i) {
        QVERIFY(lone.agent.isKnown(route));
        QVERIFY(!lone.agent.isKnown(stranger));
        QVERIFY(lone.agent.route());
        lone.agent.noteAuthenticated(lone.now, route);
        QVERIFY(lone.agent.nextDeadline() != Never);
    }
    QCOMPARE(allocations - before, std::size_t(0));
}

void tst_IceAllocation::consentAllocatesNothing()
{
    LoneAgent lone;
    settle(lone);
    const TimePoint next = lone.agent.nextDeadline();
    const std::size_t before = allocations;
    lone.now = next;
    lone.agent.advance(next);
    const auto transmit = lone.agent.nextTransmit();
    const std::size_t cost = allocations - before;
    QVERIFY(transmit);
    QCOMPARE(cost, std::size_t(0));
    const LoneAgent::Sent request{next, transmit->route, toBytes(transmit->payload)};
    QCOMPARE(costOf(lone, request.route, lone.successTo(request)), std::size_t(0));
}

void tst_IceAllocation::thePeersChecksAllocateNothing()
{
    LoneAgent lone;
    settle(lone);
    const std::string username = lone.agent.localParameters().usernameFragment + ":peerfrag";
    const auto key = stun::IntegrityKey::shortTerm(lone.agent.localParameters().password);
    std::array<std::uint8_t, 512> room{};
    for (int i = 0; i < 5; ++i) {
        ice::CheckRequest request;
        request.id = stun::makeTransactionId(lone.random);
        request.username = username;
        request.role = ice::Role::Controlled;
        const Bytes octets = toBytes(writeCheckRequest(room, request, key));
        QCOMPARE(costOf(lone, lone.route(), octets), std::size_t(0));
    }
}

void tst_IceAllocation::rubbishAllocatesNothing()
{
    LoneAgent lone;
    settle(lone);
    Bytes octets(100, 0);
    QCOMPARE(costOf(lone, lone.route(), octets), std::size_t(0));
    std::array<std::uint8_t, 512> room{};
    ice::CheckRequest request;
    request.username = "nobody:peerfrag";
    const auto key = stun::IntegrityKey::shortTerm("a guess");
    octets = toBytes(writeCheckRequest(room, request, key));
    for (int i = 0; i < 5; ++i) {
        lone.now += 100ms;
        QCOMPARE(costOf(lone, lone.route("203.0.113.1"), octets), std::size_t(0));
    }
}

QTEST_APPLESS_MAIN(tst_IceAllocation)

#include "tst_iceallocation.moc"
