// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "core/turn/authentication.h"

#include <optional>
#include <string_view>

namespace peer::turn {

namespace {

using PasswordAlgorithm = stun::IntegrityKey::PasswordAlgorithm;

/// RFC 8489 section 9.2: a nonce that begins so tells, in the four characters of base64 behind it,
/// which security features the server has offered.
constexpr std::string_view NonceCookie = "obMatJos2";
/// Section 18.1: bit 0 is the most significant of the 24. (Appendix B.1 counts from the other end;
/// erratum 6290.)
constexpr std::uint32_t PasswordAlgorithmsFeature = 0x800000;
constexpr std::uint32_t UsernameAnonymityFeature = 0x400000;

int base64Value(char character)
{
    constexpr std::string_view alphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const std::size_t at = alphabet.find(character);
    return at == std::string_view::npos ? -1 : static_cast<int>(at);
}

/// The security features that a nonce tells; none if it does not.
std::uint32_t securityFeatures(std::string_view nonce)
{
    if (!nonce.starts_with(NonceCookie) || nonce.size() < NonceCookie.size() + 4)
        return 0;
    std::uint32_t features = 0;
    for (const char character : nonce.substr(NonceCookie.size(), 4)) {
        const int value = base64Value(character);
        if (value < 0)
            return 0;
        features = (features << 6) | static_cast<std::uint32_t>(value);
    }
    return features;
}

/// The first algorithm of PASSWORD-ALGORITHMS (section 14.11) that we have: each has a number, a
/// length of parameters and these, padded. Ours have none.
std::optional<PasswordAlgorithm> firstSupported(ByteView algorithms)
{
    while (algorithms.size() >= 4) {
        const std::uint16_t number = readUint16(&algorithms[0]);
        const std::size_t length = readUint16(&algorithms[2]);
        if (length == 0 && number == static_cast<std::uint16_t>(PasswordAlgorithm::Sha256))
            return PasswordAlgorithm::Sha256;
        if (length == 0 && number == static_cast<std::uint16_t>(PasswordAlgorithm::Md5))
            return PasswordAlgorithm::Md5;
        const std::size_t size = 4 + ((length + 3) & ~std::size_t{3});
        if (size > algorithms.size())
            return std::nullopt;
        algorithms = algorithms.subspan(size);
    }
    return std::nullopt;
}

/// By which a message proves itself: who was offered algorithms uses the newer one.
stun::Integrity integrityKind(const Bytes &algorithms)
{
    return algorithms.empty() ? stun::Integrity::Sha1 : stun::Integrity::Sha256;
}

} // namespace

Authentication::Authentication(std::string username, std::string password)
    : m_username(std::move(username))
    , m_password(std::move(password))
{ }

Authentication::Verdict Authentication::challenge(const stun::Message &response,
                                                  const Attempt &request)
{
    const auto error = response.errorCode();
    if (!error)
        return Verdict::Invalid;
    // Of several requests under way each gets the challenge: the first of them has been met.
    if (request.challenge < m_challenges)
        return Verdict::Retry;
    const auto realm = response.text(stun::Attribute::Realm);
    const bool isStale = error->code == stun::errorcode::StaleNonce;
    if (request.isSigned && !isStale && (!realm || *realm == m_realm))
        return Verdict::Refused;
    if (isStale && response.text(stun::Attribute::Nonce) == std::string_view(m_nonce))
        return Verdict::Invalid;
    return readChallenge(response) ? Verdict::Retry : Verdict::Invalid;
}

bool Authentication::readChallenge(const stun::Message &response)
{
    // A 438 of an older server may leave out the realm, which it does not change.
    const auto realm = response.text(stun::Attribute::Realm).value_or(m_realm);
    const auto nonce = response.text(stun::Attribute::Nonce);
    if (realm.empty() || !nonce || nonce->empty() || nonce->size() > MaxText
        || realm.size() > MaxText)
        return false;
    const std::uint32_t features = securityFeatures(*nonce);
    const ByteView algorithms =
        response.find(stun::Attribute::PasswordAlgorithms).value_or(ByteView());
    std::optional<PasswordAlgorithm> algorithm = PasswordAlgorithm::Md5;
    // Section 9.2.5: announced in the nonce and missing, somebody has taken it out.
    if ((features & PasswordAlgorithmsFeature) && algorithms.empty())
        return false;
    if (!algorithms.empty())
        algorithm = algorithms.size() <= MaxAlgorithms ? firstSupported(algorithms) : std::nullopt;
    if (!algorithm)
        return false;

    const bool isNewKey = m_key.isNull() || realm != m_realm || *algorithm != m_algorithm;
    m_realm = realm;
    m_nonce = *nonce;
    m_algorithms = toBytes(algorithms);
    m_algorithm = *algorithm;
    m_hidesUsername = (features & UsernameAnonymityFeature) != 0;
    if (isNewKey) {
        m_key = stun::IntegrityKey::longTerm(m_username, m_realm, m_password, m_algorithm);
        m_userHash = stun::userHash(m_username, m_realm);
    }
    ++m_challenges;
    return true;
}

void Authentication::sign(stun::MessageWriter &writer) const
{
    if (m_challenges == 0)
        return;
    if (m_hidesUsername)
        writer.addBytes(stun::Attribute::UserHash, m_userHash);
    else
        writer.addText(stun::Attribute::Username, m_username);
    writer.addText(stun::Attribute::Realm, m_realm);
    writer.addText(stun::Attribute::Nonce, m_nonce);
    if (!m_algorithms.empty()) {
        std::array<std::uint8_t, 4> chosen{};
        writeUint16(chosen.data(), static_cast<std::uint16_t>(m_algorithm));
        writer.addBytes(stun::Attribute::PasswordAlgorithms, m_algorithms);
        writer.addBytes(stun::Attribute::PasswordAlgorithm, chosen);
    }
    writer.addIntegrity(m_key, integrityKind(m_algorithms));
}

bool Authentication::accepts(const stun::Message &response) const
{
    return m_challenges != 0 && response.checkIntegrity(m_key, integrityKind(m_algorithms));
}

} // namespace peer::turn
