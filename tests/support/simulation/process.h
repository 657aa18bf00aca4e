// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SIMULATION_PROCESS_H
#define PEER_SIMULATION_PROCESS_H

#include "core/base/address.h"
#include "core/base/time.h"

#include <cstdint>
#include <optional>

namespace peer::sim {

/// A protocol machine, or several, in a host: the driving contract of every machine, without its
/// commands and events. An adapter implements it and takes its machine's events at the end of
/// receive() and advance(); commands go by Host::command(), so that the host sees what follows.
class Process
{
public:
    virtual ~Process() = default;

    virtual void receive(TimePoint now, const Datagram &datagram) = 0;
    virtual void advance(TimePoint now) = 0;
    virtual std::optional<Transmit> nextTransmit() = 0;
    virtual TimePoint nextDeadline() const = 0;
    /// The host could not send there: the socket is closed, or has no such local address, or its
    /// interface is down.
    virtual void sendFailed(TimePoint now, const Route &route);

    // TCP, for those that use it
    /// What Host::connect() was asked for is open; the route's transport is of it alone.
    virtual void connectionOpened(TimePoint now, std::uint32_t id, const Route &route);
    /// The other end has opened one, and a datagram has come by it, which follows. The id to name
    /// it by, or 0 to have it closed.
    virtual std::uint32_t connectionAccepted(TimePoint now, const Route &route);
    /// It could not be opened, or has come to its end.
    virtual void connectionEnded(TimePoint now, std::uint32_t id);
};

inline void Process::sendFailed(TimePoint, const Route &) { }
inline void Process::connectionOpened(TimePoint, std::uint32_t, const Route &) { }
inline std::uint32_t Process::connectionAccepted(TimePoint, const Route &)
{
    return 0;
}
inline void Process::connectionEnded(TimePoint, std::uint32_t) { }

} // namespace peer::sim

#endif // PEER_SIMULATION_PROCESS_H
