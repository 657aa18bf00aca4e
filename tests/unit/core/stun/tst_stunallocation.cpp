// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "core/stun/messagewriter.h"
#include "core/stun/responder.h"
#include "core/stun/transaction.h"

#include <QtTest/qtest.h>

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

using namespace std::chrono_literals;
using namespace peer;
using namespace peer::stun;

class tst_StunAllocation : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void theCounterCounts();
    void aCheckAndItsAnswerAllocateNothing();
    void theResponderAllocatesNothing();
};

void tst_StunAllocation::theCounterCounts()
{
    const std::size_t before = allocations;
    const Bytes octets(100);
    QVERIFY(allocations > before && octets.size() == 100);
}

void tst_StunAllocation::aCheckAndItsAnswerAllocateNothing()
{
    const IntegrityKey key = IntegrityKey::shortTerm("VOkJxbRl1RmTxUk/WvJxBt");
    const TransportAddress source = *TransportAddress::fromString("[2001:db8::1]:5000");
    std::array<std::uint8_t, 512> room{};
    bool isGood = true;

    const std::size_t before = allocations;
    for (std::uint8_t i = 0; i < 100; ++i) {
        const TransactionId id = {i};
        Transaction transaction(id);
        transaction.advance(TimePoint{1s});
        MessageWriter request(room);
        request.begin(Class::Request, Method::Binding, id);
        request.addText(Attribute::Username, "them:us");
        request.addUint32(Attribute::Priority, 1);
        request.addUint64(Attribute::IceControlling, 1);
        request.addFlag(Attribute::UseCandidate);
        request.addIntegrity(key, Integrity::Sha1);
        request.addFingerprint();
        const auto check = Message::parse(request.finish());
        isGood &= check && check->checkIntegrity(key, Integrity::Sha1)
            && check->text(Attribute::Username) == "them:us"
            && check->uint32(Attribute::Priority) == 1U && check->unknownRequired().isEmpty();

        MessageWriter response(room);
        response.begin(Class::SuccessResponse, Method::Binding, id);
        response.addAddress(Attribute::XorMappedAddress, source);
        response.addIntegrity(key, Integrity::Sha256);
        response.addFingerprint();
        const auto answer = Message::parse(response.finish());
        isGood &= answer && answer->checkIntegrity(key, Integrity::Sha256)
            && answer->address(Attribute::XorMappedAddress) == source
            && transaction.receive(TimePoint{2s}, *answer);
    }
    const std::size_t after = allocations;
    QVERIFY(isGood);
    QCOMPARE(after - before, 0U);
}

void tst_StunAllocation::theResponderAllocatesNothing()
{
    const Responder responder("PeerConnection");
    const TransportAddress source = *TransportAddress::fromString("192.0.2.1:5000");
    std::array<std::uint8_t, 64> request{};
    MessageWriter writer(request);
    writer.begin(Class::Request, Method::Binding, {});
    writer.addFlag(Attribute{0x7fff});
    const ByteView octets = writer.finish();
    std::array<std::uint8_t, Responder::MaxAnswerSize> room{};

    const std::size_t before = allocations;
    const ByteView answer = responder.answer(octets, source, room);
    const std::size_t after = allocations;
    QVERIFY(!answer.empty());
    QCOMPARE(after - before, 0U);
}

QTEST_APPLESS_MAIN(tst_StunAllocation)
#include "tst_stunallocation.moc"
