// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "secure/sctp/sctpsocket.h"

#include "secure/sctp/chunks.h"

#include <arpa/inet.h>
#include <usrsctp.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace peer::sctp {

namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;

// RFC 9260 section 16 recommends RTO.Min = 1 s and RTO.Max = 60 s. Ours:
/// The estimate contains four times the variation, and what is acknowledged late is known: our own
/// stack waits 20 ms, and others are asked not to wait (the I bit, RFC 7053). A second, where the
/// round trip is 20 ms, is fifty lost round trips whenever the last packet of a message is lost.
constexpr milliseconds MinRetransmission{100};
/// How long a path that has come back lies idle at most. One packet in three seconds is less than
/// ICE's own checks; whoever has a round trip of three seconds and more is not reachable with
/// data channels anyhow.
constexpr milliseconds MaxRetransmission{3000};
/// Association.Max.Retrans and Max.Init.Retransmits (the RFC: 10 and 8): no limit, for
/// Association gives up by the time of silence and not by the number of attempts.
constexpr std::uint16_t MaxRetransmissions = 0xffff;
/// HB.Interval, as the RFC has it. Consent checks know sooner whether the path lives.
constexpr milliseconds HeartbeatInterval{30000};

/// Of the 65535 that RFC 8831 section 6.2 would like: usrsctp reserves a hundred octets for each,
/// at once. As many as browsers allow channels.
constexpr std::uint16_t Streams = 1024;

/// Reliable messages are sent as if they could be abandoned after so many retransmissions; the
/// association ends long before. For usrsctp 0.9.5 handles a SACK without gaps in two ways, and the
/// quick one, for when nothing in flight can be abandoned, does not restart the T3-rtx timer as
/// RFC 9260 section 6.3.2 (R3) says: the timer expires every RTO in the middle of a transfer and
/// takes for lost what is older than the mean round trip. At a constant 20 ms that costs more than
/// nine tenths of the throughput.
constexpr std::uint32_t NeverAbandoned = 0xffffffff;

/// A message is given out whole or not at all, unless it is too large for us anyhow: when the peer
/// abandons one (RFC 3758) of which usrsctp 0.9.5 has given out the beginning, what is left of it
/// reads like a whole message, and nothing more comes on its stream. usrsctp begins with half the
/// receive buffer if that is less.
std::uint32_t partialDeliveryPoint(const Config &config)
{
    return static_cast<std::uint32_t>(config.maxIncomingMessage + 1);
}

std::uint32_t receiveBufferSize(const Config &config)
{
    return static_cast<std::uint32_t>(
        std::max(config.receiveBuffer, 2 * std::size_t{partialDeliveryPoint(config)}));
}

/// usrsctp takes no less. (spp_pathmtu counts from behind the common header where there is no IP
/// header.)
constexpr std::size_t MinPathMtu = 512 + CommonHeaderSize;

/// One message at a time per read; usrsctp gives a longer one in pieces.
constexpr std::size_t ReadBufferSize = 64 * 1024;

/// Of struct sctp_sockstat, which the installed header leaves out; netinet/sctp_uio.h has it.
constexpr int GetSendBufferUse = 0x1101; // SCTP_GET_SNDBUF_USE
struct BufferUse
{
    sctp_assoc_t association;
    std::uint32_t sendBuffer;
    std::uint32_t receiveBuffer;
};

std::uint32_t inMilliseconds(Duration duration)
{
    return static_cast<std::uint32_t>(duration_cast<milliseconds>(duration).count());
}

sockaddr_conn socketAddress(SctpStack::Address address, std::uint16_t port)
{
    sockaddr_conn result{};
    result.sconn_family = AF_CONN;
    result.sconn_port = htons(port);
    result.sconn_addr = reinterpret_cast<void *>(address);
    return result;
}

sctp_status statusOf(struct socket *socket)
{
    sctp_status status{};
    socklen_t size = sizeof status;
    if (usrsctp_getsockopt(socket, IPPROTO_SCTP, SCTP_STATUS, &status, &size) != 0)
        return {};
    return status;
}

} // namespace

SctpSocket::SctpSocket(const Config &config, SctpStack::Output &output)
    : m_config(config)
    , m_address(SctpStack::instance().add(output))
    , m_socket(usrsctp_socket(AF_CONN, SOCK_STREAM, IPPROTO_SCTP, nullptr, nullptr, 0, nullptr))
{
    if (m_socket && !configure()) {
        usrsctp_close(m_socket);
        m_socket = nullptr;
    }
}

SctpSocket::~SctpSocket()
{
    // SO_LINGER of 0 makes it an ABORT, which leaves nothing behind that waits for the peer.
    if (m_socket)
        usrsctp_close(m_socket);
    SctpStack::instance().remove(m_address);
}

bool SctpSocket::setOption(int name, const void *value, std::size_t size)
{
    return usrsctp_setsockopt(m_socket, IPPROTO_SCTP, name, value, static_cast<socklen_t>(size))
        == 0;
}

bool SctpSocket::configure()
{
    if (usrsctp_set_non_blocking(m_socket, 1) != 0)
        return false;
    const linger abortOnClose{1, 0};
    const int sendBuffer = static_cast<int>(m_config.sendBuffer);
    const int receiveBuffer = static_cast<int>(receiveBufferSize(m_config));
    const auto setSocketOption = [&](int name, const auto &value) {
        return usrsctp_setsockopt(m_socket, SOL_SOCKET, name, &value, sizeof value) == 0;
    };
    if (!setSocketOption(SO_LINGER, abortOnClose) || !setSocketOption(SO_SNDBUF, sendBuffer)
        || !setSocketOption(SO_RCVBUF, receiveBuffer)) {
        return false;
    }

    const std::uint32_t on = 1;
    const std::uint32_t off = 0;
    for (const std::uint16_t event :
         {SCTP_ASSOC_CHANGE, SCTP_STREAM_RESET_EVENT, SCTP_PARTIAL_DELIVERY_EVENT}) {
        sctp_event subscription{};
        subscription.se_assoc_id = SCTP_FUTURE_ASSOC;
        subscription.se_type = event;
        subscription.se_on = 1;
        if (!setOption(SCTP_EVENT, subscription))
            return false;
    }
    sctp_assoc_value streamReset{};
    streamReset.assoc_value = SCTP_ENABLE_RESET_STREAM_REQ;
    sctp_initmsg init{};
    init.sinit_num_ostreams = Streams;
    init.sinit_max_instreams = Streams;
    init.sinit_max_attempts = MaxRetransmissions;
    init.sinit_max_init_timeo = static_cast<std::uint16_t>(MaxRetransmission.count());
    sctp_rtoinfo retransmission{};
    retransmission.srto_initial = std::clamp(inMilliseconds(m_config.initialRetransmission),
                                             inMilliseconds(MinRetransmission),
                                             inMilliseconds(MaxRetransmission));
    retransmission.srto_min = inMilliseconds(MinRetransmission);
    retransmission.srto_max = inMilliseconds(MaxRetransmission);
    sctp_assocparams limits{};
    limits.sasoc_asocmaxrxt = MaxRetransmissions;
    sctp_paddrparams path{};
    path.spp_address.ss_family = AF_CONN;
    path.spp_flags = SPP_PMTUD_DISABLE | SPP_HB_ENABLE;
    path.spp_pathmtu = static_cast<std::uint32_t>(
        (std::max(m_config.pathMtu, MinPathMtu) - CommonHeaderSize) & ~std::size_t{3});
    path.spp_hbinterval = inMilliseconds(HeartbeatInterval);
    path.spp_pathmaxrxt = MaxRetransmissions;
    return setOption(SCTP_NODELAY, on) && setOption(SCTP_RECVRCVINFO, on)
        && setOption(SCTP_EXPLICIT_EOR, off) && setOption(SCTP_FRAGMENT_INTERLEAVE, off)
        && setOption(SCTP_PARTIAL_DELIVERY_POINT, partialDeliveryPoint(m_config))
        && setOption(SCTP_ENABLE_STREAM_RESET, streamReset) && setOption(SCTP_INITMSG, init)
        && setOption(SCTP_RTOINFO, retransmission) && setOption(SCTP_ASSOCINFO, limits)
        && setOption(SCTP_PEER_ADDR_PARAMS, path);
}

bool SctpSocket::connect()
{
    sockaddr_conn local = socketAddress(m_address, m_config.localPort);
    sockaddr_conn remote = socketAddress(m_address, m_config.remotePort);
    return usrsctp_bind(m_socket, reinterpret_cast<sockaddr *>(&local), sizeof local) == 0
        && (usrsctp_connect(m_socket, reinterpret_cast<sockaddr *>(&remote), sizeof remote) == 0
            || errno == EINPROGRESS);
}

void SctpSocket::receive(ByteView packet)
{
    usrsctp_conninput(reinterpret_cast<void *>(m_address), packet.data(), packet.size(), 0);
}

SctpSocket::SendStatus SctpSocket::send(StreamId stream, PayloadProtocol protocol,
                                        const Reliability &reliability, ByteView payload,
                                        bool wantsImmediateSack)
{
    sctp_sendv_spa info{};
    info.sendv_flags = SCTP_SEND_SNDINFO_VALID | SCTP_SEND_PRINFO_VALID;
    info.sendv_prinfo.pr_policy = SCTP_PR_SCTP_RTX;
    info.sendv_prinfo.pr_value = NeverAbandoned;
    info.sendv_sndinfo.snd_sid = stream;
    info.sendv_sndinfo.snd_ppid = htonl(static_cast<std::uint32_t>(protocol));
    if (!reliability.ordered)
        info.sendv_sndinfo.snd_flags |= SCTP_UNORDERED;
    if (wantsImmediateSack)
        info.sendv_sndinfo.snd_flags |= SCTP_SACK_IMMEDIATELY;
    if (reliability.maxRetransmits) {
        info.sendv_prinfo.pr_value = *reliability.maxRetransmits;
    } else if (reliability.maxLifetime) {
        info.sendv_prinfo.pr_policy = SCTP_PR_SCTP_TTL;
        const auto lifetime = std::clamp<milliseconds::rep>(reliability.maxLifetime->count(), 1,
                                                            milliseconds::rep{1} << 31);
        info.sendv_prinfo.pr_value = static_cast<std::uint32_t>(lifetime);
    }
    const ssize_t sent = usrsctp_sendv(m_socket, payload.data(), payload.size(), nullptr, 0, &info,
                                       sizeof info, SCTP_SENDV_SPA, 0);
    if (sent >= 0)
        return SendStatus::Sent;
    return errno == EWOULDBLOCK || errno == EAGAIN ? SendStatus::Full : SendStatus::Failed;
}

bool SctpSocket::resetStream(StreamId stream)
{
    sctp_reset_streams header{};
    header.srs_flags = SCTP_STREAM_RESET_OUTGOING;
    header.srs_number_streams = 1;
    std::array<std::uint8_t, sizeof header + sizeof stream> request;
    std::memcpy(request.data(), &header, sizeof header);
    std::memcpy(request.data() + sizeof header, &stream, sizeof stream);
    return setOption(SCTP_RESET_STREAMS, request.data(), request.size());
}

std::size_t SctpSocket::fragmentSize() const
{
    sctp_assoc_value fragment{};
    socklen_t size = sizeof fragment;
    if (usrsctp_getsockopt(m_socket, IPPROTO_SCTP, SCTP_MAXSEG, &fragment, &size) != 0)
        return 0;
    return fragment.assoc_value;
}

void SctpSocket::setFragmentSize(std::size_t size)
{
    if (size == std::exchange(m_fragmentSize, size))
        return;
    sctp_assoc_value fragment{};
    fragment.assoc_value = static_cast<std::uint32_t>(size - m_fragmentExcess.value_or(0));
    setOption(SCTP_MAXSEG, fragment);
    if (m_fragmentExcess)
        return;
    // usrsctp 0.9.5 allows for an IP header when it is told, and for none when it cuts.
    const std::size_t actual = fragmentSize();
    m_fragmentExcess = actual > size && actual < 2 * size ? actual - size : 0;
    fragment.assoc_value = static_cast<std::uint32_t>(size - *m_fragmentExcess);
    setOption(SCTP_MAXSEG, fragment);
}

void SctpSocket::abort(std::string_view reason)
{
    sctp_sndinfo info{};
    info.snd_flags = SCTP_ABORT;
    usrsctp_sendv(m_socket, reason.data(), reason.size(), nullptr, 0, &info, sizeof info,
                  SCTP_SENDV_SNDINFO, 0);
}

SctpSocket::Arrival SctpSocket::read()
{
    static std::array<std::uint8_t, ReadBufferSize> buffer; // one thread, one read at a time
    sctp_rcvinfo info{};
    socklen_t infoSize = sizeof info;
    unsigned int infoType = 0;
    int flags = 0;
    const ssize_t size = usrsctp_recvv(m_socket, buffer.data(), buffer.size(), nullptr, nullptr,
                                       &info, &infoSize, &infoType, &flags);
    Arrival arrival;
    if (size <= 0)
        return arrival;
    arrival.kind = flags & MSG_NOTIFICATION ? Arrival::Kind::News : Arrival::Kind::Message;
    arrival.octets = ByteView(buffer).first(static_cast<std::size_t>(size));
    arrival.isEnd = flags & MSG_EOR;
    if (infoType == SCTP_RECVV_RCVINFO) {
        arrival.stream = info.rcv_sid;
        arrival.protocol = static_cast<PayloadProtocol>(ntohl(info.rcv_ppid));
        arrival.isUnordered = info.rcv_flags & SCTP_UNORDERED;
        arrival.tsn = info.rcv_tsn;
        arrival.sequence = info.rcv_ssn;
    }
    return arrival;
}

bool SctpSocket::hasError() const
{
    return usrsctp_get_events(m_socket) & SCTP_EVENT_ERROR;
}

std::size_t SctpSocket::queuedOctets() const
{
    BufferUse use{};
    socklen_t size = sizeof use;
    if (usrsctp_getsockopt(m_socket, IPPROTO_SCTP, GetSendBufferUse, &use, &size) != 0)
        return 0;
    return use.sendBuffer;
}

SctpSocket::PathState SctpSocket::pathState() const
{
    const sctp_status status = statusOf(m_socket);
    return {milliseconds(status.sstat_primary.spinfo_srtt),
            milliseconds(status.sstat_primary.spinfo_rto), status.sstat_primary.spinfo_cwnd};
}

void SctpSocket::restartPath()
{
    sctp_assoc_value window{};
    window.assoc_value = static_cast<std::uint32_t>(10 * m_config.pathMtu);
    setOption(SCTP_MAX_CWND, window); // takes down at once what is above
    window.assoc_value = 0;
    setOption(SCTP_MAX_CWND, window); // no limit any more
    sctp_paddrparams path{};
    path.spp_address.ss_family = AF_CONN;
    path.spp_flags = SPP_HB_DEMAND;
    const sockaddr_conn remote = socketAddress(m_address, m_config.remotePort);
    std::memcpy(&path.spp_address, &remote, sizeof remote);
    setOption(SCTP_PEER_ADDR_PARAMS, path);
}

} // namespace peer::sctp
