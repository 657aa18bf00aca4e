// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "secure/srtp/srtpsession.h"

#include <srtp2/srtp.h>

#include <algorithm>
#include <array>
#include <type_traits>
#include <unordered_set>
#include <utility>

namespace peer::srtp {

namespace {

/// RFC 3550 section 5.1: the fixed header. RFC 3550 section 6.4.2: header and sender of the least
/// RTCP packet.
constexpr std::size_t MinRtp = 12;
constexpr std::size_t SsrcInRtp = 8;
constexpr std::size_t MinRtcp = 8;
constexpr std::size_t SsrcInRtcp = 4;

static_assert(Session::MaxOverhead <= SRTP_MAX_TRAILER_LEN + 4);

struct Destroy
{
    void operator()(srtp_t session) const { srtp_dealloc(session); }
};
using Handle = std::unique_ptr<std::remove_pointer_t<srtp_t>, Destroy>;

/// libsrtp2 is set up once a process and never taken down: other code may use it as well.
bool isLibraryReady()
{
    static const bool isReady = srtp_init() == srtp_err_status_ok;
    return isReady;
}

/// One direction: every source gets its own stream on its first packet.
Handle makeHandle(Profile profile, const MasterKey &key, srtp_ssrc_type_t direction)
{
    srtp_policy_t policy{};
    switch (profile) {
    case Profile::AeadAes128Gcm:
        srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtp);
        srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtcp);
        break;
    case Profile::Aes128CmSha1_80:
        srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&policy.rtp);
        srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&policy.rtcp);
        break;
    }
    Bytes octets = toBytes(key.octets()); // libsrtp2 wants to be able to write
    policy.ssrc.type = direction;
    policy.key = octets.data();
    policy.window_size = Session::ReplayWindow;
    policy.allow_repeat_tx = 0; // RFC 3711 section 9.1: never the same key stream twice
    srtp_t session = nullptr;
    const bool isMade = isLibraryReady() && srtp_create(&session, &policy) == srtp_err_status_ok;
    std::fill(octets.begin(), octets.end(), std::uint8_t{0});
    return Handle(isMade ? session : nullptr);
}

using Function = srtp_err_status_t (*)(srtp_t, void *, int *);

/// The sources that have a stream.
class Sources
{
public:
    bool accepts(std::uint32_t ssrc) const
    {
        return m_known.size() < Session::MaxSources || m_known.contains(ssrc);
    }
    void add(std::uint32_t ssrc) { m_known.insert(ssrc); }

private:
    std::unordered_set<std::uint32_t> m_known;
};

struct Layout
{
    std::size_t least;
    std::size_t ssrcAt;
};
constexpr Layout Rtp{MinRtp, SsrcInRtp};
constexpr Layout Rtcp{MinRtcp, SsrcInRtcp};

} // namespace

class Session::Private
{
public:
    Private(Handle sender, Handle receiver)
        : m_sender(std::move(sender))
        , m_receiver(std::move(receiver))
    { }

    std::optional<ByteView> protect(ByteView packet, const Layout &layout, Function function);
    std::optional<ByteView> open(ByteView packet, const Layout &layout, Function function);

    Statistics statistics;

private:
    bool isWellFormed(ByteView packet, const Layout &layout) const
    {
        return packet.size() >= layout.least && packet.size() <= m_packet.size() - TrailerRoom;
    }

    /// What libsrtp2 asks to be able to write behind a packet.
    static constexpr std::size_t TrailerRoom = SRTP_MAX_TRAILER_LEN + 4;

    Handle m_sender;
    Handle m_receiver;
    Sources m_sent;
    Sources m_received;
    /// libsrtp2 works in place, on words.
    alignas(std::uint64_t) std::array<std::uint8_t, MaxPacket + MaxOverhead + TrailerRoom> m_packet;
};

std::optional<ByteView> Session::Private::protect(ByteView packet, const Layout &layout,
                                                  Function function)
{
    if (packet.size() > MaxPacket || !isWellFormed(packet, layout)) {
        ++statistics.unprotected;
        return std::nullopt;
    }
    const std::uint32_t ssrc = readUint32(packet.data() + layout.ssrcAt);
    std::copy(packet.begin(), packet.end(), m_packet.begin());
    int size = static_cast<int>(packet.size());
    if (!m_sent.accepts(ssrc)
        || function(m_sender.get(), m_packet.data(), &size) != srtp_err_status_ok) {
        ++statistics.unprotected;
        return std::nullopt;
    }
    m_sent.add(ssrc);
    return ByteView(m_packet).first(static_cast<std::size_t>(size));
}

std::optional<ByteView> Session::Private::open(ByteView packet, const Layout &layout,
                                               Function function)
{
    if (!isWellFormed(packet, layout)) {
        ++statistics.malformed;
        return std::nullopt;
    }
    const std::uint32_t ssrc = readUint32(packet.data() + layout.ssrcAt);
    if (!m_received.accepts(ssrc)) {
        ++statistics.excessSources;
        return std::nullopt;
    }
    std::copy(packet.begin(), packet.end(), m_packet.begin());
    int size = static_cast<int>(packet.size());
    switch (function(m_receiver.get(), m_packet.data(), &size)) {
    case srtp_err_status_ok:
        m_received.add(ssrc);
        return ByteView(m_packet).first(static_cast<std::size_t>(size));
    case srtp_err_status_auth_fail:
        ++statistics.unauthenticated;
        return std::nullopt;
    case srtp_err_status_replay_fail:
    case srtp_err_status_replay_old:
        ++statistics.replayed;
        return std::nullopt;
    default: // libsrtp2 has two dozen; what is left to a packet is its form
        ++statistics.malformed;
        return std::nullopt;
    }
}

Session::Session(std::unique_ptr<Private> content)
    : d(std::move(content))
{ }

Session::~Session() = default;

std::unique_ptr<Session> Session::create(Profile profile, const KeyPair &keys)
{
    Handle sender = makeHandle(profile, keys.local, ssrc_any_outbound);
    Handle receiver = makeHandle(profile, keys.remote, ssrc_any_inbound);
    if (!sender || !receiver)
        return nullptr;
    return std::unique_ptr<Session>(
        new Session(std::make_unique<Private>(std::move(sender), std::move(receiver))));
}

std::optional<ByteView> Session::protectRtp(ByteView packet)
{
    return d->protect(packet, Rtp, srtp_protect);
}

std::optional<ByteView> Session::protectRtcp(ByteView packet)
{
    return d->protect(packet, Rtcp, srtp_protect_rtcp);
}

std::optional<ByteView> Session::openRtp(ByteView packet)
{
    return d->open(packet, Rtp, srtp_unprotect);
}

std::optional<ByteView> Session::openRtcp(ByteView packet)
{
    return d->open(packet, Rtcp, srtp_unprotect_rtcp);
}

const Session::Statistics &Session::statistics() const
{
    return d->statistics;
}

} // namespace peer::srtp
