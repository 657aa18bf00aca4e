// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_TURN_PERMISSIONS_H
#define PEER_TURN_PERMISSIONS_H

#include "core/base/address.h"
#include "core/base/time.h"

#include <cstddef>
#include <vector>

namespace peer::turn {

/// The peers' IP addresses that the relay is to let in (RFC 8656 section 9), and which of them are
/// to be asked for next. It asks for many in one request; where the server refuses that, for each
/// alone, so that one address that it does not allow costs the others nothing.
class Permissions
{
public:
    /// As many as an agent takes remote candidates; then the one wanted longest ago gives way.
    static constexpr std::size_t MaxPeers = 64;
    /// 24 octets each with IPv6: with user name, realm and nonce that fits a datagram.
    static constexpr std::size_t MaxBatch = 16;

    /// Asked for once and then refreshed; nothing happens if it is known.
    void want(const IpAddress &peer);

    /// When something is to be asked for; TimePoint::min() for at once.
    TimePoint nextDue() const;
    /// What the next request is to ask for; empty if nothing is due.
    std::vector<IpAddress> takeBatch(TimePoint now);

    void noteGranted(TimePoint now, const std::vector<IpAddress> &batch);
    /// The server has refused it. Returns the one that is refused for good (403), or null: of
    /// several, each is asked for alone; another error is no reason not to try again later.
    IpAddress noteRefused(TimePoint now, const std::vector<IpAddress> &batch, bool isForbidden);
    bool isRefused(const IpAddress &peer) const;

private:
    enum class State : std::uint8_t { Wanted, Asked, Granted, Refused };
    struct Peer
    {
        IpAddress ip;
        State state = State::Wanted;
        bool isAskedAlone = false;
        TimePoint dueAt = TimePoint::min();
    };

    Peer *find(const IpAddress &ip);

    /// The one wanted last is at the end.
    std::vector<Peer> m_peers;
};

} // namespace peer::turn

#endif // PEER_TURN_PERMISSIONS_H
