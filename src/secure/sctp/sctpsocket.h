// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SCTP_SCTPSOCKET_H
#define PEER_SCTP_SCTPSOCKET_H

#include "secure/sctp/sctpassociation.h"
#include "secure/sctp/sctpstack.h"

#include <cstdint>
#include <optional>
#include <string_view>

struct socket;

namespace peer::sctp {

/// A usrsctp socket of one association: sets it up as RFC 8831 wants it, and puts usrsctp's calls
/// into our words. The association that holds it decides. Nothing here blocks.
class SctpSocket
{
public:
    /// With an invalid socket if usrsctp has no memory.
    SctpSocket(const Config &config, SctpStack::Output &output);
    /// Sends an ABORT if the association still stands.
    ~SctpSocket();
    SctpSocket(const SctpSocket &) = delete;
    SctpSocket &operator=(const SctpSocket &) = delete;

    bool isValid() const { return m_socket != nullptr; }

    /// Sends the INIT; the peer does the same and the two meet (RFC 9260 section 5.2.1).
    bool connect();
    void receive(ByteView packet);
    enum class SendStatus : std::uint8_t { Sent, Full, Failed };
    /// payload must not be empty.
    SendStatus send(StreamId stream, PayloadProtocol protocol, const Reliability &reliability,
                    ByteView payload, bool wantsImmediateSack);
    /// The outgoing one; usrsctp carries it out once what is queued on it was acknowledged.
    bool resetStream(StreamId stream);
    /// The pieces in which messages are cut that do not fit a packet.
    std::size_t fragmentSize() const;
    /// From now on, what waits uncut included; a multiple of four, at most what it was at first.
    void setFragmentSize(std::size_t size);
    void abort(std::string_view reason);

    /// What one read gave.
    struct Arrival
    {
        enum class Kind : std::uint8_t { Nothing, Message, News } kind = Kind::Nothing;
        ByteView octets;    ///< of all sockets' one buffer: until the next read()
        bool isEnd = false; ///< the last piece of its message
        StreamId stream = 0;
        PayloadProtocol protocol = PayloadProtocol::Binary;
        bool isUnordered = false;
        std::uint32_t tsn = 0;      ///< of its first fragment
        std::uint16_t sequence = 0; ///< in the stream
    };
    Arrival read();
    /// The association has failed; what it has received can still be read.
    bool hasError() const;

    /// Octets of messages, and of DATA chunks' headers, that the peer has not acknowledged.
    std::size_t queuedOctets() const;
    struct PathState
    {
        Duration smoothedRoundTrip{};
        Duration retransmissionTimeout{};
        std::size_t congestionWindow = 0;
    };
    PathState pathState() const;
    /// Down to the initial window; then asks for a heartbeat, which measures the new path.
    void restartPath();

private:
    bool configure();
    bool setOption(int name, const void *value, std::size_t size);
    template<typename Value>
    bool setOption(int name, const Value &value)
    {
        return setOption(name, &value, sizeof value);
    }

    const Config m_config;
    SctpStack::Address m_address;
    struct socket *m_socket = nullptr;
    /// By how much fragments are larger than what usrsctp is told. Unknown at first.
    std::optional<std::size_t> m_fragmentExcess;
    std::size_t m_fragmentSize = 0;
};

} // namespace peer::sctp

#endif // PEER_SCTP_SCTPSOCKET_H
