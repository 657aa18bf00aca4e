// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

// The input is a sequence of operations on a TURN allocation: commands, time, datagrams of any
// content, and answers of a server that knows the transaction and, sometimes, the key. The first
// octet of each operation chooses it, the next ones are its arguments; the input is read as zeros
// behind its end.

#include "core/stun/messagewriter.h"
#include "core/turn/allocation.h"
#include "fuzz/expect.h"
#include "fuzz/input.h"

#include <algorithm>
#include <array>
#include <vector>

using namespace peer;
using fuzz::Counting;
using namespace std::chrono_literals;
using stun::Attribute;

namespace {

class Run
{
public:
    explicit Run(ByteView input)
        : m_input(input)
        , m_allocation(config(), m_random)
    { }

    void run()
    {
        for (int i = 0; i < 500 && !m_input.empty(); ++i) {
            step();
            drain();
        }
        // It comes to rest whatever was done: each deadline is later than the one before.
        m_allocation.release(m_now);
        drain();
        for (int i = 0; i < 100 && m_allocation.nextDeadline() != Never; ++i) {
            m_now = std::max(m_now, m_allocation.nextDeadline());
            m_allocation.advance(m_now);
            drain();
        }
        PEER_FUZZ_EXPECT(m_allocation.nextDeadline() == Never);
        PEER_FUZZ_EXPECT(m_allocation.state() == turn::Allocation::State::Over);
        PEER_FUZZ_EXPECT(m_endings == 1);
    }

private:
    static turn::AllocationConfig config()
    {
        turn::AllocationConfig config;
        config.route = {TransportId{1},
                        {IpAddress::fromV4(0xC0000201), 5000},
                        {IpAddress::fromV4(0xCB007105), 3478}};
        config.username = "alice";
        config.password = "secret";
        return config;
    }

    std::uint8_t octet()
    {
        if (m_input.empty())
            return 0;
        const std::uint8_t first = m_input[0];
        m_input = m_input.subspan(1);
        return first;
    }

    ByteView some()
    {
        const ByteView front = m_input.first(std::min<std::size_t>(octet(), m_input.size()));
        m_input = m_input.subspan(front.size());
        return front;
    }

    TransportAddress peer()
    {
        const std::uint8_t number = octet();
        std::array<std::uint8_t, 16> v6{0x20, 0x01, 0x0d, 0xb8};
        v6[15] = number;
        return {number & 0x80 ? IpAddress::fromOctets(v6) : IpAddress::fromV4(0xC0000200u + number),
                static_cast<std::uint16_t>(5000 + number % 3)};
    }

    void receive(ByteView octets)
    {
        const auto received = m_allocation.receive(m_now, {config().route, octets});
        if (received) {
            PEER_FUZZ_EXPECT(m_allocation.state() == turn::Allocation::State::Allocated);
            PEER_FUZZ_EXPECT(!received->relayed.isNull() && !received->peer.isNull());
            PEER_FUZZ_EXPECT(received->payload.size() < octets.size());
        }
    }

    void step()
    {
        switch (octet() % 10) {
        case 0:
            m_allocation.start(m_now);
            return;
        case 1:
            m_allocation.permit(m_now, peer().ip);
            return;
        case 2:
            m_allocation.bindChannel(m_now, peer());
            return;
        case 3:
            m_allocation.send(m_now, peer(), some());
            return;
        case 4:
            m_now += 100ms * octet();
            m_allocation.advance(m_now);
            return;
        case 5:
            m_now += 10s * octet();
            m_allocation.advance(m_now);
            return;
        case 6:
            receive(some());
            return;
        case 7:
            m_allocation.probe(m_now);
            return;
        case 8:
            answer();
            return;
        case 9:
            octet() == 0 ? m_allocation.release(m_now) : answer();
            return;
        }
    }

    /// To one of the last requests.
    void answer()
    {
        if (m_requests.empty())
            return;
        const Bytes &octets = m_requests[octet() % m_requests.size()];
        const auto request = stun::Message::parse(octets);
        static constexpr std::array<int, 16> Codes{0,   0,   0,   0,   401, 438, 300, 400,
                                                   403, 420, 437, 440, 441, 443, 486, 508};
        const int code = Codes[octet() % Codes.size()];
        const std::uint8_t content = octet();
        Bytes room(1500);
        stun::MessageWriter writer(room);
        writer.begin(code ? stun::Class::ErrorResponse : stun::Class::SuccessResponse,
                     request->method(), request->transactionId());
        if (code)
            writer.addErrorCode(code, "");
        if (content & 1)
            writer.addText(Attribute::Realm, "r");
        if (content & 2)
            writer.addText(Attribute::Nonce,
                           std::string(1, static_cast<char>('a' + m_nonces++ % 26)));
        if (content & 4)
            writer.addAddress(Attribute::XorRelayedAddress, peer());
        if (content & 8)
            writer.addAddress(Attribute::XorRelayedAddress, peer());
        if (content & 16)
            writer.addUint32(Attribute::Lifetime, std::uint32_t{octet()} << (octet() % 25));
        if (content & 32)
            writer.addAddress(Attribute::XorMappedAddress, peer());
        if (content & 64)
            writer.addBytes(static_cast<Attribute>(0x8000 + octet()), some());
        if (!(content & 128))
            writer.addIntegrity(m_key, stun::Integrity::Sha1);
        receive(writer.finish());
    }

    void drain()
    {
        while (const auto transmit = m_allocation.nextTransmit()) {
            PEER_FUZZ_EXPECT(transmit->route == config().route);
            const auto message = stun::Message::parse(transmit->payload);
            PEER_FUZZ_EXPECT(message && message->messageClass() == stun::Class::Request);
            if (m_requests.size() >= 32)
                m_requests.erase(m_requests.begin());
            m_requests.push_back(toBytes(transmit->payload));
        }
        while (const auto event = m_allocation.nextEvent()) {
            PEER_FUZZ_EXPECT(m_endings == 0);
            if (std::holds_alternative<turn::Ended>(*event))
                ++m_endings;
        }
        PEER_FUZZ_EXPECT(m_allocation.nextDeadline() > m_now);
    }

    ByteView m_input;
    Counting m_random;
    turn::Allocation m_allocation;
    TimePoint m_now{1000s};
    std::vector<Bytes> m_requests;
    unsigned m_nonces = 0;
    int m_endings = 0;
    const stun::IntegrityKey m_key = stun::IntegrityKey::longTerm(
        "alice", "r", "secret", stun::IntegrityKey::PasswordAlgorithm::Md5);
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    Run({data, size}).run();
    return 0;
}
