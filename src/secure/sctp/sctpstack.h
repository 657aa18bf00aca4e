// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SCTP_SCTPSTACK_H
#define PEER_SCTP_SCTPSTACK_H

#include "core/base/bytes.h"
#include "core/base/time.h"

#include <cstdint>
#include <optional>
#include <unordered_map>

namespace peer::sctp {

/// The owner of usrsctp, of which a process has one: its settings, its clock, its output callback.
/// Made by the first association, never torn down (usrsctp keeps a few hundred kilobytes). Not
/// thread-safe: all associations live in one thread. usrsctp itself is told to run none; one it
/// starts all the same, "SCTP iterator", which sleeps until an address was removed. Then it walks
/// over the sockets, for those that are bound to all addresses, of which there are none here, and
/// frees what the address was; under usrsctp's locks, but for a look at each socket's flags.
///
/// usrsctp's timers count the milliseconds that they are told of here. Other parts of it read
/// gettimeofday() by themselves (round trip times, lifetimes of messages and cookies); a program
/// on virtual time must define that function on the same clock.
class SctpStack
{
public:
    static SctpStack &instance();

    /// Takes the packets of one association out of usrsctp.
    class Output
    {
    public:
        /// A whole packet but for its checksum. False if there is no room: usrsctp keeps it.
        virtual bool transmit(MutableByteView packet) = 0;

    protected:
        ~Output() = default;
    };

    /// usrsctp's name for an endpoint (sockaddr_conn::sconn_addr). A number that is never used
    /// again and not a pointer, for usrsctp may call back after an association is gone.
    using Address = std::uintptr_t;
    Address add(Output &output);
    /// Only after the sockets on that address are closed. What comes later for it is dropped.
    void remove(Address address);

    /// Lets usrsctp's timers expire up to now, those of all associations. Time that goes back, or
    /// less than a millisecond, does nothing. Never from within an Output.
    void advance(TimePoint now);

private:
    SctpStack();

    static int transmit(void *address, void *packet, std::size_t size, std::uint8_t,
                        std::uint8_t) noexcept;

    std::unordered_map<Address, Output *> m_outputs;
    Address m_lastAddress = 0;
    /// How far usrsctp's timers have come; in whole milliseconds from the first advance().
    std::optional<TimePoint> m_time;
};

} // namespace peer::sctp

#endif // PEER_SCTP_SCTPSTACK_H
