// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

// The input is one datagram, taken as it is and once more with its cookie, length and fingerprint
// put right, which chance would not find. Whatever parses is read by every accessor, written again
// from what was read, and answered by the plain STUN server.

#include "core/stun/fingerprint.h"
#include "core/stun/messagewriter.h"
#include "core/stun/responder.h"
#include "core/stun/transaction.h"

#include "fuzz/expect.h"

using namespace peer;
using namespace peer::stun;

namespace {

const IntegrityKey &key()
{
    static const IntegrityKey key = IntegrityKey::shortTerm("VOkJxbRl1RmTxUk/WvJxBt");
    return key;
}

/// A sum over all octets, so that a sanitizer sees a view that reaches outside of the input.
unsigned touch(ByteView octets)
{
    unsigned sum = 0;
    for (const std::uint8_t octet : octets)
        sum += octet;
    return sum;
}

void readOne(const Message &message, Attribute type)
{
    const auto value = message.find(type);
    PEER_FUZZ_EXPECT(value.has_value() == message.has(type));
    if (value)
        touch(*value);
    PEER_FUZZ_EXPECT(!message.uint32(type) || value->size() == 4);
    PEER_FUZZ_EXPECT(!message.uint64(type) || value->size() == 8);
    PEER_FUZZ_EXPECT(!message.text(type) || message.text(type)->size() == value->size());
    if (const auto address = message.address(type))
        PEER_FUZZ_EXPECT(!address->isNull());
}

void readAll(const Message &message)
{
    for (std::uint16_t low = 0; low < 0x30; ++low) {
        readOne(message, Attribute{low});
        readOne(message, Attribute{static_cast<std::uint16_t>(0x8000 + low)});
    }
    readOne(message, Attribute::Nomination);
    if (const auto error = message.errorCode()) {
        PEER_FUZZ_EXPECT(error->code >= 300 && error->code <= 699);
        touch(asBytes(error->reason));
    }
    for (const Attribute type : message.unknownRequired())
        PEER_FUZZ_EXPECT(isComprehensionRequired(type) && !isKnown(type));
    PEER_FUZZ_EXPECT(message.unknownAttributes().size() <= AttributeTypes::Capacity);
    PEER_FUZZ_EXPECT(!message.checkIntegrity(key(), Integrity::Absent));
    for (const Integrity kind : {Integrity::Sha1, Integrity::Sha256}) {
        PEER_FUZZ_EXPECT(!message.checkIntegrity(IntegrityKey(), kind));
        if (message.checkIntegrity(key(), kind))
            PEER_FUZZ_EXPECT(message.integrity() != Integrity::Absent);
    }
}

/// What is written from what was read says the same.
void writeAgain(const Message &message)
{
    std::array<std::uint8_t, 2048> room{};
    MessageWriter writer(room);
    writer.begin(message.messageClass(), message.method(), message.transactionId());
    const auto address = message.address(Attribute::XorMappedAddress);
    if (address)
        writer.addAddress(Attribute::XorMappedAddress, *address);
    const auto priority = message.uint32(Attribute::Priority);
    if (priority)
        writer.addUint32(Attribute::Priority, *priority);
    const auto error = message.errorCode();
    if (error)
        writer.addErrorCode(error->code, error->reason);
    const AttributeTypes unknown = message.unknownAttributes();
    if (!unknown.isEmpty())
        writer.addUnknownAttributes(unknown);
    writer.addIntegrity(key(), Integrity::Sha1);
    writer.addIntegrity(key(), Integrity::Sha256);
    writer.addFingerprint();
    const ByteView octets = writer.finish();
    if (octets.empty())
        return;

    const auto again = Message::parse(octets);
    PEER_FUZZ_EXPECT(again.hasValue());
    PEER_FUZZ_EXPECT(again->messageClass() == message.messageClass());
    PEER_FUZZ_EXPECT(again->method() == message.method());
    PEER_FUZZ_EXPECT(again->address(Attribute::XorMappedAddress) == address);
    PEER_FUZZ_EXPECT(again->uint32(Attribute::Priority) == priority);
    PEER_FUZZ_EXPECT(again->errorCode().has_value() == error.has_value());
    PEER_FUZZ_EXPECT(again->unknownAttributes().size() == unknown.size());
    PEER_FUZZ_EXPECT(again->checkIntegrity(key(), Integrity::Sha1));
    PEER_FUZZ_EXPECT(again->checkIntegrity(key(), Integrity::Sha256));
}

void answer(ByteView request)
{
    static const Responder responder("PeerConnection");
    const TransportAddress source{IpAddress::fromV4(0xC0000201), 5000};
    std::array<std::uint8_t, Responder::MaxAnswerSize> room{};
    const ByteView octets = responder.answer(request, source, room);
    if (octets.empty())
        return;
    const auto message = Message::parse(octets);
    PEER_FUZZ_EXPECT(message.hasValue());
    PEER_FUZZ_EXPECT(message->messageClass() == Class::SuccessResponse
                     || message->messageClass() == Class::ErrorResponse);
    PEER_FUZZ_EXPECT(message->method() == Method::Binding);
}

void tryAll(ByteView input)
{
    answer(input);
    const auto message = Message::parse(input);
    if (!message)
        return;
    readAll(*message);
    writeAgain(*message);
    Transaction transaction(message->transactionId());
    transaction.advance(TimePoint{});
    const bool isResponse = message->messageClass() == Class::SuccessResponse
        || message->messageClass() == Class::ErrorResponse;
    PEER_FUZZ_EXPECT(transaction.receive(TimePoint{}, *message) == isResponse);
}

Bytes putRight(ByteView input)
{
    Bytes octets = toBytes(input.first(input.size() / 4 * 4));
    octets[0] &= 0x3F;
    writeUint16(&octets[2], static_cast<std::uint16_t>(octets.size() - HeaderSize));
    writeUint32(&octets[4], MagicCookie);
    const std::size_t last = octets.size() - 8;
    if (octets.size() >= HeaderSize + 8 && readUint32(&octets[last]) == 0x80280004)
        writeUint32(&octets[last + 4], fingerprint(ByteView(octets).first(last)));
    return octets;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    const ByteView input(data, size);
    tryAll(input);
    if (size >= HeaderSize && size < HeaderSize + 0xFFFC)
        tryAll(putRight(input));
    return 0;
}
