// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

// The input is what a peer may do to an association that stands: packets of any content, and what
// goes on meanwhile. An octet chooses each step:
//
//     0       ten milliseconds pass
//     1       two seconds pass
//     2       the application starts, or stops, to read
//     3       it sends a message, limited to two retransmissions
//     4       it resets a stream, of the next octet
//     other   a packet: two octets of its length behind the common header, then those octets
//
// The common header, the checksum and what TSNs count from are put right, which chance would not
// find: a TSN of 0 in DATA is the next that the peer would send, one of 0 in SACK the last that it
// has received.

#include "fuzz/expect.h"
#include "fuzz/input.h"
#include "secure/sctp/chunks.h"
#include "secure/sctp/crc32c.h"
#include "secure/sctp/packetcheck.h"
#include "secure/sctp/resetgate.h"
#include "secure/sctp/sctpassociation.h"
#include "secure/sctp/unorderedfragments.h"
#include "support/virtualclock/virtualclock.h"

#include <algorithm>

using namespace peer;
using fuzz::Input;
using namespace peer::sctp;
using namespace std::chrono_literals;
using peer::test::VirtualClock;

namespace {

constexpr std::size_t MaxMessage = 10'000;
constexpr std::size_t LargestPacket = 1200;

/// An association, and a peer that has done the handshake and then does what the input says.
class Attack
{
public:
    Attack()
    {
        Config config;
        config.maxIncomingMessage = MaxMessage;
        config.receiveBuffer = 256 * 1024;
        m_victim.emplace(config);
        m_peer.emplace(config);
        m_peer->start(now());
        m_victim->start(now());
        for (int i = 0; i < 10; ++i)
            handshake();
        PEER_FUZZ_EXPECT(m_isConnected && !m_header.empty());
    }

    void run(Input input)
    {
        while (!input.isAtEnd() && !m_isClosed)
            step(input);
        m_victim->setReading(now(), true);
        drain();
        for (int i = 0; i < 20; ++i)
            pass(500ms);
    }

private:
    static TimePoint now() { return VirtualClock::now(); }

    void handshake()
    {
        while (const auto packet = m_peer->nextTransmit()) {
            noteHeader(*packet);
            m_victim->receive(now(), *packet);
        }
        while (const auto packet = m_victim->nextTransmit()) {
            noteInitial(*packet, m_receivedBase);
            m_peer->receive(now(), *packet);
        }
        drain();
    }

    void noteHeader(ByteView packet)
    {
        noteInitial(packet, m_sentBase);
        const auto type = ChunkType(packet[CommonHeaderSize]);
        if (type != ChunkType::Init) // whose tag is 0
            m_header = toBytes(packet.first(CommonHeaderSize));
    }

    static void noteInitial(ByteView packet, Tsn &base)
    {
        const auto type = ChunkType(packet[CommonHeaderSize]);
        if (type == ChunkType::Init || type == ChunkType::InitAck)
            base = readUint32(packet.data() + CommonHeaderSize + 16);
    }

    void step(Input &input)
    {
        switch (input.octet()) {
        case 0:
            pass(10ms);
            break;
        case 1:
            pass(2s);
            break;
        case 2:
            m_isReading = !m_isReading;
            m_victim->setReading(now(), m_isReading);
            break;
        case 3:
            m_victim->send(now(), 1, PayloadProtocol::Binary, {false, std::uint16_t(2), {}},
                           Bytes(2500));
            break;
        case 4:
            m_victim->resetStream(now(), input.octet());
            break;
        default: {
            const std::size_t size = input.octet() * 256U + input.octet();
            receive(input.some(std::min(size, LargestPacket)));
            break;
        }
        }
        drain();
    }

    void pass(Duration duration)
    {
        VirtualClock::advance(duration);
        m_victim->advance(now());
        drain();
    }

    void receive(ByteView chunks)
    {
        Bytes packet = m_header;
        packet.insert(packet.end(), chunks.begin(), chunks.end());
        std::size_t at = CommonHeaderSize;
        while (const std::size_t size = chunkSize(packet, at)) {
            putTsnRight(MutableByteView(packet).subspan(at, size));
            at += padded(size);
        }
        sealPacket(packet);
        packet.shrink_to_fit();
        m_victim->receive(now(), packet);
    }

    void putTsnRight(MutableByteView chunk) const
    {
        const auto add = [&](std::size_t place, Tsn base) {
            if (place + 4 <= chunk.size())
                writeUint32(&chunk[place], readUint32(&chunk[place]) + base);
        };
        switch (ChunkType(chunk[0])) {
        case ChunkType::Data:
        case ChunkType::ForwardTsn:
            return add(4, m_sentBase);
        case ChunkType::Sack:
        case ChunkType::Shutdown:
            return add(4, m_receivedBase - 1);
        case ChunkType::ReConfig: // one parameter: both sides number from their initial TSN
            add(8, chunk.size() > 5 && chunk[5] == 16 ? m_receivedBase : m_sentBase);
            return add(16, m_sentBase - 1);
        default: // have none, or any will do
            return;
        }
    }

    void drain()
    {
        while (const auto packet = m_victim->nextTransmit())
            PEER_FUZZ_EXPECT(isIntact(*packet));
        while (auto event = m_victim->nextEvent()) {
            PEER_FUZZ_EXPECT(!m_isClosed);
            m_isConnected |= std::holds_alternative<Connected>(*event);
            m_isClosed = std::holds_alternative<Closed>(*event);
            if (const auto *message = std::get_if<Message>(&*event))
                PEER_FUZZ_EXPECT(message->payload.size() <= MaxMessage);
        }
        PEER_FUZZ_EXPECT(!m_isClosed || m_victim->nextDeadline() == Never);
    }

    std::optional<Association> m_victim, m_peer;
    Bytes m_header;
    Tsn m_sentBase = 0, m_receivedBase = 0;
    bool m_isConnected = false;
    bool m_isClosed = false;
    bool m_isReading = true;
};

/// What looks at packets before usrsctp does, at any octets.
void judge(ByteView input)
{
    isAcceptable(input, false);
    Bytes copy = toBytes(input);
    UnorderedFragments::disguise(copy);
    ResetGate gate;
    gate.pass(copy);
    gate.noteAnswer(input);
    copy = toBytes(input);
    PEER_FUZZ_EXPECT(gate.pass(copy).size() <= input.size());
    if (gate.canRelease())
        gate.release();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    const ByteView input(data, size);
    judge(input);
    Attack().run(Input(input));
    return 0;
}
