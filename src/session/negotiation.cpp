// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "session/negotiation.h"

#include "session/bundle.h"
#include "session/identityproof.h"

#include <algorithm>
#include <utility>

namespace peer {

namespace {

constexpr char Sha256[] = "sha-256";
constexpr std::uint16_t SctpPort = 5000;
constexpr char Renomination[] = "renomination";
/// Of the data section, in a session's first offer.
constexpr char FirstMid[] = "0";

// RFC 8839 section 5.4: at least 4 and 22 characters, at most 256.
bool areValid(const sdp::IceDescription &ice)
{
    return ice.usernameFragment.size() >= 4 && ice.usernameFragment.size() <= 256
        && ice.password.size() >= 22 && ice.password.size() <= 256;
}

ice::Parameters parameters(const sdp::IceDescription &description)
{
    ice::Parameters parameters;
    parameters.usernameFragment = description.usernameFragment;
    parameters.password = description.password;
    parameters.isLite = description.isLite;
    parameters.renomination = std::find(description.options.begin(), description.options.end(),
                                        Renomination)
        != description.options.end();
    parameters.pacing = description.pacing.value_or(parameters.pacing);
    return parameters;
}

const sdp::MediaDescription *dataSection(const sdp::SessionDescription &description)
{
    const auto found = std::find_if(
        description.media.begin(), description.media.end(), [](const sdp::MediaDescription &media) {
            return media.kind == sdp::MediaKind::Application && media.sctpPort
                && (media.port != 0 || media.isBundleOnly);
        });
    return found == description.media.end() ? nullptr : &*found;
}

void useTransport(RemoteDescription &remote, const sdp::MediaDescription &section)
{
    remote.ice = parameters(section.ice);
    remote.candidates = section.candidates;
    remote.endOfCandidates = section.endOfCandidates;
    remote.mid = section.mid;
}

std::optional<Bytes> sha256Fingerprint(const RemoteDescription &remote)
{
    for (const auto &fingerprint : remote.fingerprints) {
        if (fingerprint.hashFunction == Sha256)
            return fingerprint.digest;
    }
    return std::nullopt;
}

NegotiationFault badDescription(std::string text)
{
    return {SessionError::BadDescription, std::move(text)};
}

} // namespace

Negotiation::Negotiation(const SessionConfig &config, RandomSource &random)
    : m_config(config)
    , m_media(config.peersTracks)
    , m_sessionId(random.uint64() >> 2) // RFC 9429 section 5.2.1: 62 bits, so that it is positive
{ }

std::string Negotiation::offer(const LocalDescription &local)
{
    return describe(local, sdp::Setup::ActPass, true).toString();
}

std::string Negotiation::answer(const LocalDescription &local)
{
    return describe(local, m_answerSetup, false).toString();
}

Negotiation::Reading Negotiation::readOffer(const std::string &sdp)
{
    return read(sdp, true);
}

Negotiation::Reading Negotiation::readAnswer(const std::string &sdp)
{
    return read(sdp, false);
}

sdp::SessionDescription Negotiation::describe(const LocalDescription &local, sdp::Setup setup,
                                              bool isOffer)
{
    sdp::MediaDescription data;
    data.mid = FirstMid;
    data.ice.usernameFragment = local.ice.usernameFragment;
    data.ice.password = local.ice.password;
    data.ice.options = {"trickle"};
    if (local.ice.renomination)
        data.ice.options.emplace_back(Renomination);
    data.ice.pacing = local.ice.pacing;
    data.fingerprints = {{Sha256, m_config.certificate->digest()}};
    data.setup = setup;
    data.sctpPort = SctpPort;
    data.maxMessageSize = m_config.maxMessageSize;

    sdp::SessionDescription description;
    description.sessionId = m_sessionId;
    description.sessionVersion = ++m_sessionVersion;
    if (isOffer) {
        m_media.writeOffer(data, description);
    } else {
        m_media.writeAnswer(data, description);
        limitBundle(description, m_offeredBundle);
    }
    placeCandidates(description, local.candidates, local.endOfCandidates);
    if (const sdp::MediaDescription *tagged = description.transportSection())
        m_mid = tagged->mid;
    if (m_config.identity) {
        IdentityClaim claim;
        claim.call = m_config.call;
        claim.isOffer = isOffer;
        if (!isOffer)
            claim.receiverId = m_peerId;
        else if (!m_peerId.empty())
            claim.receiverId = m_peerId;
        else if (m_config.expectedPeerIds.size() == 1)
            claim.receiverId = m_config.expectedPeerIds.front();
        claim.certificateDigest = m_config.certificate->digest();
        description.identity = signClaim(*m_config.identity, claim);
    }
    return description;
}

Negotiation::Reading Negotiation::read(const std::string &sdp, bool isOffer)
{
    const auto parsed = sdp::SessionDescription::parse(sdp);
    if (!parsed)
        return badDescription(parsed.error().toString());
    const sdp::MediaDescription *data = dataSection(*parsed);
    if (!data)
        return badDescription("no data section that could be used");
    const sdp::MediaDescription &tagged = taggedSection(*parsed, *data);
    if (!areValid(tagged.ice))
        return badDescription("ICE credentials are missing or too short");
    if (tagged.fingerprints.empty())
        return badDescription("the certificate's fingerprint is missing");

    RemoteDescription remote;
    useTransport(remote, tagged);
    for (const sdp::Fingerprint &fingerprint : tagged.fingerprints)
        remote.fingerprints.push_back({fingerprint.hashFunction, fingerprint.digest});
    remote.sctpPort = *data->sctpPort;
    remote.maxMessageSize = static_cast<std::size_t>(data->maxMessageSize.value_or(65536));

    // RFC 8842 section 5.3: the answerer should be the active side, for that saves half a round
    // trip; "passive" in the offer leaves no choice, nor does "active".
    const sdp::Setup setup = tagged.setup.value_or(isOffer ? sdp::Setup::ActPass
                                                           : sdp::Setup::Active);
    switch (setup) {
    case sdp::Setup::ActPass:
        if (!isOffer)
            return badDescription("an answer must not say a=setup:actpass");
        remote.dtlsRole = dtls::Role::Client;
        break;
    case sdp::Setup::Passive:
        remote.dtlsRole = dtls::Role::Client;
        break;
    case sdp::Setup::Active:
        remote.dtlsRole = dtls::Role::Server;
        break;
    case sdp::Setup::HoldConnection:
        return badDescription("a=setup:holdconn cannot start a connection");
    }
    if (m_keptRole)
        remote.dtlsRole = *m_keptRole;
    if (auto fault = checkIdentity(*parsed, isOffer, remote))
        return std::move(*fault);
    remote.sections = bundledSections(*parsed, *data);
    remote.bundle = parsed->bundle;
    const char *fault = isOffer ? m_media.checkOffer(remote.sections)
                                : m_media.checkAnswer(remote.sections);
    if (fault)
        return badDescription(fault);
    return remote;
}

void Negotiation::takeOffer(const RemoteDescription &remote)
{
    m_media.takeOffer(remote.sections);
    m_offeredBundle = remote.bundle;
    m_peerId = remote.identity.id;
    m_answerSetup = remote.dtlsRole == dtls::Role::Client ? sdp::Setup::Active
                                                          : sdp::Setup::Passive;
}

void Negotiation::takeAnswer(const RemoteDescription &remote)
{
    m_media.takeAnswer(remote.sections);
    m_mid = remote.mid;
}

void Negotiation::settleTransport(RemoteDescription &remote) const
{
    for (const sdp::MediaDescription &section : remote.sections) {
        if (section.mid == m_mid && section.mid != remote.mid && areValid(section.ice))
            useTransport(remote, section);
    }
}

std::optional<NegotiationFault> Negotiation::checkIdentity(
    const sdp::SessionDescription &description, bool isOffer, RemoteDescription &remote) const
{
    const std::vector<std::string> &expected = m_config.expectedPeerIds;
    if (!description.identity) {
        if (expected.empty())
            return std::nullopt;
        return NegotiationFault{SessionError::IdentityMissing,
                                isOffer ? "the caller does not prove who it is"
                                        : "the peer does not prove the identity that the address "
                                          "asks for"};
    }
    const auto digest = sha256Fingerprint(remote);
    IdentityClaim claim;
    claim.call = m_config.call;
    claim.isOffer = isOffer;
    if (digest)
        claim.certificateDigest = *digest;
    // An offer names us if the caller knew our id; our answer's counterpart always knows whether
    // the offer was signed.
    if (m_config.identity)
        claim.receiverId = m_config.identity->id();
    auto id = digest ? verifyClaim(*description.identity, claim) : std::nullopt;
    if (!id && digest && isOffer) {
        claim.receiverId = {};
        id = verifyClaim(*description.identity, claim);
    }
    if (!id)
        return NegotiationFault{SessionError::IdentityMismatch,
                                "the signature of the peer's identity does not hold"};
    const bool isExpected = std::find(expected.begin(), expected.end(), *id) != expected.end();
    if (!expected.empty() && !isExpected)
        return NegotiationFault{SessionError::IdentityMismatch,
                                isOffer ? "the caller is not among those whose calls are taken"
                                        : "the peer proved to be " + *id
                                        + ", which is not who the address asks for"};
    remote.identity.id = *id;
    remote.identity.isVerified = isExpected || isOffer;
    // Whoever carries the description could have added a fingerprint of its own beside the signed
    // one: nothing else than what was signed is accepted.
    remote.fingerprints = {{Sha256, *digest}};
    return std::nullopt;
}

} // namespace peer
