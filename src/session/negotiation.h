// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SESSION_NEGOTIATION_H
#define PEER_SESSION_NEGOTIATION_H

#include "core/base/candidate.h"
#include "core/base/random.h"
#include "core/base/result.h"
#include "core/ice/agent.h"
#include "core/sdp/sessiondescription.h"
#include "secure/dtls/dtlstransport.h"
#include "session/media/mediasections.h"
#include "session/sessionconfig.h"
#include "session/sessionevent.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace peer {

/// What we must know of the peer's description to connect to it.
struct RemoteDescription
{
    ice::Parameters ice;
    std::vector<Candidate> candidates;
    bool endOfCandidates = false;
    std::vector<dtls::Config::Fingerprint> fingerprints;
    /// Which part in the DTLS handshake falls to us (RFC 8842 section 5).
    dtls::Role dtlsRole = dtls::Role::Client;
    std::uint16_t sctpPort = 5000;
    /// RFC 8841 section 6; 0 = any size.
    std::size_t maxMessageSize = 65536;
    PeerIdentityInfo identity;
    /// Of the section that describes the transport (RFC 9143).
    std::string mid;
    /// All of the description, for takeOffer() and takeAnswer().
    std::vector<sdp::MediaDescription> sections;
    std::vector<std::string> bundle;
};

struct NegotiationFault
{
    SessionError error;
    std::string text;
};

/// Our own side of a description: what the network part of the session has to say.
struct LocalDescription
{
    ice::Parameters ice;
    std::vector<Candidate> candidates;
    bool endOfCandidates = false;
};

/// Writes our descriptions and reads the peer's: a data section and those of the tracks, bundled,
/// signed by the identity key if there is one (RFC 9429, RFC 8841, identity as in
/// WIRE-EXTENSIONS.md). It keeps what one direction must know of the other and decides nothing
/// else.
///
/// A description that was read and is to be believed (the session knows whether it is its peer's)
/// must be taken before it is answered or used.
class Negotiation
{
public:
    using Reading = Result<RemoteDescription, NegotiationFault>;

    Negotiation(const SessionConfig &config, RandomSource &random);

    std::string offer(const LocalDescription &local);
    /// Only after takeOffer().
    std::string answer(const LocalDescription &local);
    Reading readOffer(const std::string &sdp);
    Reading readAnswer(const std::string &sdp);
    void takeOffer(const RemoteDescription &remote);
    void takeAnswer(const RemoteDescription &remote);
    /// After answer(), in the offer that it answers: if our answer refuses the section that describes
    /// the peer's transport, the next one's holds (RFC 9143 section 7.3.1).
    void settleTransport(RemoteDescription &remote) const;

    /// The tracks, whose wishes become part of what offer() and answer() write.
    MediaSections &media() { return m_media; }
    const MediaSections &media() const { return m_media; }

    /// The DTLS connection stands, with us in this role: later descriptions keep it (RFC 8842
    /// section 5.5).
    void keepDtlsRole(dtls::Role role) { m_keptRole = role; }

    /// The mid that our candidates belong to: of the section that describes our transport.
    const std::string &mid() const { return m_mid; }

private:
    sdp::SessionDescription describe(const LocalDescription &local, sdp::Setup setup, bool isOffer);
    Reading read(const std::string &sdp, bool isOffer);
    /// Nothing, or why the peer is not to be talked to. Fills remote.identity, and leaves only
    /// the signed fingerprint.
    std::optional<NegotiationFault> checkIdentity(const sdp::SessionDescription &description,
                                                  bool isOffer, RemoteDescription &remote) const;

    SessionConfig m_config;
    MediaSections m_media;
    std::uint64_t m_sessionId;
    /// Of our last description (RFC 3264 section 8: each is one more than that before).
    std::uint64_t m_sessionVersion = 0;
    std::optional<dtls::Role> m_keptRole;
    std::string m_mid;
    std::vector<std::string> m_offeredBundle; ///< by the peer
    /// What our answer must say to the offer's a=setup.
    sdp::Setup m_answerSetup = sdp::Setup::Active;
    /// The peer's id once its offer proved it.
    std::string m_peerId;
};

} // namespace peer

#endif // PEER_SESSION_NEGOTIATION_H
