// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "session/rtp/rtcppacket.h"

#include <algorithm>
#include <cstddef>
#include <optional>

namespace peer::rtp {

namespace {

constexpr std::size_t HeaderSize = 4;
constexpr unsigned Version = 2;

// RFC 3550 section 12.1, RFC 4585 section 6.1
enum class Type : std::uint8_t {
    SenderReport = 200,
    ReceiverReport = 201,
    SourceDescription = 202,
    Goodbye = 203,
    Application = 204,
    TransportFeedback = 205,
    PayloadFeedback = 206,
};

/// RFC 3550 section 6.4
constexpr std::size_t SenderInfoSize = 20;
constexpr std::size_t ReportBlockSize = 24;

/// "Receiver estimated maximum bitrate", of draft-alvestrand-rmcat-remb-03: sources behind an
/// identifier of four octets and a word that begins with their number.
constexpr unsigned ApplicationFeedback = 15;
constexpr std::size_t RembSourcesAt = 8;

/// One packet of a compound, its header off.
struct Packet
{
    Type type;
    unsigned count = 0; ///< of report blocks, chunks or sources; in feedback the format
    ByteView body;
};

/// Takes the next packet off rest.
std::optional<Packet> takePacket(ByteView &rest)
{
    if (rest.size() < HeaderSize || rest[0] >> 6U != Version)
        return std::nullopt;
    const std::size_t size = HeaderSize + std::size_t{4} * readUint16(&rest[2]);
    if (size > rest.size())
        return std::nullopt;
    const Packet packet{Type(rest[1]), rest[0] & 0x1fU,
                        rest.subspan(HeaderSize, size - HeaderSize)};
    rest = rest.subspan(size);
    return packet;
}

using Whose = RtcpSubject::Whose;

class Visitor
{
public:
    explicit Visitor(const std::function<void(const RtcpSubject &)> &visit)
        : m_visit(visit)
    { }

    void packet(const Packet &packet)
    {
        switch (packet.type) {
        case Type::SenderReport:
            source(packet.body, 0, Whose::Senders);
            blocks(packet, 4 + SenderInfoSize);
            break;
        case Type::ReceiverReport:
            blocks(packet, 4);
            break;
        case Type::SourceDescription:
            source(packet.body, 0, Whose::Senders); // one chunk is all that anybody writes
            break;
        case Type::Goodbye:
            for (std::size_t i = 0; i < packet.count; ++i)
                source(packet.body, 4 * i, Whose::Senders);
            break;
        case Type::TransportFeedback:
        case Type::PayloadFeedback:
            feedback(packet);
            break;
        case Type::Application:
        default: // an octet, not one of a closed set
            source(packet.body, 0, Whose::Senders);
            break;
        }
    }

private:
    void source(ByteView body, std::size_t at, Whose whose)
    {
        if (body.size() >= at + 4)
            m_visit({readUint32(&body[at]), whose});
    }

    void blocks(const Packet &packet, std::size_t first)
    {
        for (std::size_t i = 0; i < packet.count; ++i)
            source(packet.body, first + i * ReportBlockSize, Whose::Receivers);
    }

    void feedback(const Packet &packet)
    {
        if (packet.body.size() < 8)
            return;
        if (readUint32(&packet.body[4]) != 0) {
            source(packet.body, 4, Whose::Receivers);
            return;
        }
        const ByteView information = packet.body.subspan(8);
        if (packet.count != ApplicationFeedback || information.size() < RembSourcesAt)
            return;
        for (std::size_t i = 0; i < information[4]; ++i)
            source(information, RembSourcesAt + 4 * i, Whose::Receivers);
    }

    const std::function<void(const RtcpSubject &)> &m_visit;
};

} // namespace

bool isWellFormedRtcp(ByteView compound)
{
    ByteView rest = compound;
    while (takePacket(rest)) { }
    return rest.empty() && !compound.empty();
}

void forEachSubject(ByteView compound, const std::function<void(const RtcpSubject &)> &visit)
{
    Visitor visitor(visit);
    while (const auto packet = takePacket(compound))
        visitor.packet(*packet);
}

} // namespace peer::rtp
