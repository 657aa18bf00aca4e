// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "secure/sctp/sctpstack.h"

#include <usrsctp.h>

#include <cerrno>

namespace peer::sctp {

namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;

/// What holds for every association of the process; the rest is in SctpSocket.
void applySettings()
{
    usrsctp_enable_crc32c_offload(); // sealPacket() and isIntact() do it, three times as fast

    // Extensions without use between two endpoints with one DTLS path: address changes (RFC 5061)
    // and the authentication that they need (RFC 4895), ECN (the datagrams' bits are not ours),
    // reports of dropped packets, NR-SACK. Partial reliability (RFC 3758) and stream
    // reconfiguration (RFC 6525) are what data channels need (RFC 8831).
    usrsctp_sysctl_set_sctp_asconf_enable(0);
    usrsctp_sysctl_set_sctp_auto_asconf(0);
    usrsctp_sysctl_set_sctp_auth_enable(0);
    usrsctp_sysctl_set_sctp_ecn_enable(0);
    usrsctp_sysctl_set_sctp_pktdrop_enable(0);
    usrsctp_sysctl_set_sctp_nrsack_enable(0);
    usrsctp_sysctl_set_sctp_pr_enable(1);
    usrsctp_sysctl_set_sctp_reconfig_enable(1);

    // Nobody but the DTLS peer can reach an association: answer nothing that belongs to none, and
    // remember no verification tags (RFC 9260 section 8.4, and 5.3.1's time wait).
    usrsctp_sysctl_set_sctp_blackhole(2);
    usrsctp_sysctl_set_sctp_vtag_time_wait(0);

    // RFC 9260 section 7.2.1 starts with about three packets; ten as TCP does (RFC 6928) and as
    // the peers' stacks do. usrsctp takes the lesser of this and its burst limit, which is four
    // by default (RFC 9260 section 6.1, Max.Burst).
    usrsctp_sysctl_set_sctp_initial_cwnd(10);
    usrsctp_sysctl_set_sctp_max_burst_default(10);
    usrsctp_sysctl_set_sctp_fr_max_burst_default(10);

    // The bound on chunks that wait in one direction of an association. The default of 512 would
    // refuse small messages long before the buffers, which are counted in octets, are full.
    usrsctp_sysctl_set_sctp_max_chunks_on_queue(4096);

    // A limit of usrsctp's own on how often a chunk is sent, 30 by default: the probes of a closed
    // window count, so that a reader that stalls for a minute would end the association.
    usrsctp_sysctl_set_sctp_max_retran_chunk(0xffff);

    // RFC 9260 says at most 200 ms and every second packet.
    usrsctp_sysctl_set_sctp_delayed_sack_time_default(20);
    usrsctp_sysctl_set_sctp_sack_freq_default(2);
}

} // namespace

SctpStack &SctpStack::instance()
{
    static SctpStack stack;
    return stack;
}

SctpStack::SctpStack()
{
    usrsctp_init_nothreads(0, transmit, nullptr);
    applySettings();
}

SctpStack::Address SctpStack::add(Output &output)
{
    const Address address = ++m_lastAddress;
    m_outputs.emplace(address, &output);
    usrsctp_register_address(reinterpret_cast<void *>(address));
    return address;
}

void SctpStack::remove(Address address)
{
    usrsctp_deregister_address(reinterpret_cast<void *>(address));
    m_outputs.erase(address);
}

void SctpStack::advance(TimePoint now)
{
    if (!m_time)
        m_time = now;
    const auto elapsed = duration_cast<milliseconds>(now - *m_time);
    if (elapsed <= milliseconds::zero())
        return;
    *m_time += elapsed;
    usrsctp_handle_timers(static_cast<std::uint32_t>(elapsed.count()));
}

int SctpStack::transmit(void *address, void *packet, std::size_t size, std::uint8_t,
                        std::uint8_t) noexcept
{
    SctpStack &stack = instance();
    const auto found = stack.m_outputs.find(reinterpret_cast<Address>(address));
    if (found == stack.m_outputs.end())
        return 0;
    const MutableByteView view(static_cast<std::uint8_t *>(packet), size);
    return found->second->transmit(view) ? 0 : ENOBUFS;
}

} // namespace peer::sctp
