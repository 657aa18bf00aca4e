// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

// The attributes of ICE (RFC 8839), DTLS (RFC 8122, RFC 8842), SCTP (RFC 8841) and BUNDLE
// (RFC 9143), which mean the same in every section.

#include "core/sdp/grammar.h"
#include "core/sdp/section.h"

#include <array>
#include <charconv>
#include <limits>

namespace peer::sdp {

namespace {

/// The octets of a digest of a known hash function (RFC 8122 section 5); 0 = unknown function.
std::size_t digestSize(std::string_view hashFunction)
{
    struct Known
    {
        std::string_view name;
        std::size_t size;
    };
    constexpr std::array<Known, 7> table{{{"sha-1", 20},
                                          {"sha-224", 28},
                                          {"sha-256", 32},
                                          {"sha-384", 48},
                                          {"sha-512", 64},
                                          {"md5", 16},
                                          {"md2", 16}}};
    for (const Known &known : table) {
        if (known.name == hashFunction)
            return known.size;
    }
    return 0;
}

/// "AB:CD:…", also in lower case, which the standard forbids and some endpoints write.
std::optional<std::vector<std::uint8_t>> parseDigest(std::string_view text)
{
    std::vector<std::uint8_t> digest;
    for (Split parts = splitAt(text, ':');; parts = splitAt(parts.tail, ':')) {
        const char *begin = parts.head.data();
        const char *end = begin + parts.head.size();
        std::uint8_t octet = 0;
        const auto [stop, error] = std::from_chars(begin, end, octet, 16);
        if (parts.head.size() != 2 || error != std::errc() || stop != end
            || digest.size() == Limits::digestLength)
            return std::nullopt;
        digest.push_back(octet);
        if (!parts.isSplit)
            return digest;
    }
}

Fault applyFingerprint(std::string_view value, Section &section)
{
    Words words(value);
    Fingerprint fingerprint;
    const std::string_view name = words.next();
    if (!isToken(name, 32))
        return "the hash function is missing";
    fingerprint.hashFunction = name;
    for (char &letter : fingerprint.hashFunction) {
        if (letter >= 'A' && letter <= 'Z')
            letter = static_cast<char>(letter - 'A' + 'a');
    }
    auto digest = parseDigest(words.next());
    if (!digest)
        return "the digest is not 1 to 64 octets in hexadecimal pairs with colons";
    const std::size_t size = digestSize(fingerprint.hashFunction);
    if (size != 0 && digest->size() != size)
        return "the digest is not of the length that its hash function has";
    fingerprint.digest = std::move(*digest);
    if (section.media.fingerprints.size() == Limits::fingerprints)
        return "more than 8";
    section.media.fingerprints.push_back(std::move(fingerprint));
    return nullptr;
}

Fault applySetup(std::string_view value, Section &section)
{
    if (value == "actpass")
        section.media.setup = Setup::ActPass;
    else if (value == "active")
        section.media.setup = Setup::Active;
    else if (value == "passive")
        section.media.setup = Setup::Passive;
    else if (value == "holdconn")
        section.media.setup = Setup::HoldConnection;
    else
        return "not one of actpass, active, passive and holdconn";
    return nullptr;
}

Fault applyUsernameFragment(std::string_view value, Section &section)
{
    if (!isIceText(value, 4, Limits::usernameFragmentLength))
        return "not 4 to 256 ice-chars";
    section.media.ice.usernameFragment = value;
    return nullptr;
}

Fault applyPassword(std::string_view value, Section &section)
{
    if (!isIceText(value, 22, Limits::passwordLength))
        return "not 22 to 256 ice-chars";
    section.media.ice.password = value;
    return nullptr;
}

Fault addIceOption(std::string_view option, IceDescription &ice)
{
    if (!isToken(option, 64))
        return "an option is not a token of at most 64 characters";
    if (ice.hasOption(option))
        return nullptr;
    if (ice.options.size() == Limits::iceOptions)
        return "more than 16";
    ice.options.emplace_back(option);
    return nullptr;
}

/// RFC 8839 section 5.6 wants tags of ice-chars with spaces between them. "google-ice" shows that
/// tokens are meant, and libdatachannel writes commas.
Fault applyIceOptions(std::string_view value, Section &section)
{
    Words words(value);
    for (std::string_view word = words.next(); !word.empty(); word = words.next()) {
        for (Split parts = splitAt(word, ',');; parts = splitAt(parts.tail, ',')) {
            if (const Fault fault = addIceOption(parts.head, section.media.ice))
                return fault;
            if (!parts.isSplit)
                break;
        }
    }
    return nullptr;
}

Fault applyIceLite(std::string_view, Section &section)
{
    section.media.ice.isLite = true;
    return nullptr;
}

/// RFC 8839 section 5.5: up to ten digits; a day is more than anybody can mean.
Fault applyIcePacing(std::string_view value, Section &section)
{
    const auto pacing = parseNumber(value, 86'400'000);
    if (!pacing)
        return "not a number of milliseconds up to a day";
    section.media.ice.pacing = std::chrono::milliseconds(*pacing);
    return nullptr;
}

Fault applyEndOfCandidates(std::string_view, Section &section)
{
    section.media.endOfCandidates = true;
    return nullptr;
}

Fault applyMid(std::string_view value, Section &section)
{
    if (!isToken(value, Limits::midLength))
        return "not a token of at most 64 characters";
    section.media.mid = value;
    return nullptr;
}

Fault applyBundleOnly(std::string_view, Section &section)
{
    section.media.isBundleOnly = true;
    return nullptr;
}

Fault applySctpPort(std::string_view value, Section &section)
{
    const auto port = parseNumber(value, 65535);
    if (!port)
        return "not a number up to 65535";
    if (section.media.kind == MediaKind::Application)
        section.media.sctpPort = static_cast<std::uint16_t>(*port);
    return nullptr;
}

Fault applyMaxMessageSize(std::string_view value, Section &section)
{
    const auto size = parseNumber(value, std::numeric_limits<std::uint64_t>::max());
    if (!size)
        return "not a number of at most 64 bits";
    if (section.media.kind == MediaKind::Application)
        section.media.maxMessageSize = *size;
    return nullptr;
}

constexpr std::array rules{
    AttributeRule{"bundle-only", AttributeRule::Media, false, applyBundleOnly},
    AttributeRule{"end-of-candidates", AttributeRule::Both, false, applyEndOfCandidates},
    AttributeRule{"fingerprint", AttributeRule::Both, false, applyFingerprint},
    AttributeRule{"ice-lite", AttributeRule::Session, false, applyIceLite},
    AttributeRule{"ice-options", AttributeRule::Both, false, applyIceOptions},
    AttributeRule{"ice-pacing", AttributeRule::Session, true, applyIcePacing},
    AttributeRule{"ice-pwd", AttributeRule::Both, true, applyPassword},
    AttributeRule{"ice-ufrag", AttributeRule::Both, true, applyUsernameFragment},
    AttributeRule{"max-message-size", AttributeRule::Media, true, applyMaxMessageSize},
    AttributeRule{"mid", AttributeRule::Media, true, applyMid},
    AttributeRule{"sctp-port", AttributeRule::Media, true, applySctpPort},
    AttributeRule{"setup", AttributeRule::Both, true, applySetup},
};

} // namespace

AttributeResult applyTransportAttribute(std::string_view name, std::string_view value,
                                        Section &section, Fault &fault)
{
    return applyRule(rules.data(), rules.size(), section.seenTransport, name, value, section,
                     fault);
}

} // namespace peer::sdp
