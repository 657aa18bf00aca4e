// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "shell/publickeyinfo.h"

#include <QtCore/qbytearrayview.h>

#include <cstdint>
#include <optional>

namespace peer {

namespace {

constexpr std::uint8_t Sequence = 0x30;
constexpr std::uint8_t Integer = 0x02;
constexpr std::uint8_t ExplicitVersion = 0xa0; ///< [0] of TBSCertificate

/// One DER element (X.690 section 8.1): its tag, its content, and itself with tag and length.
struct Element
{
    std::uint8_t tag = 0;
    QByteArrayView content;
    QByteArrayView whole;
};

/// Takes the element that der begins with off it.
std::optional<Element> takeElement(QByteArrayView &der)
{
    if (der.size() < 2)
        return std::nullopt;
    const auto octet = [&der](qsizetype at) { return static_cast<std::uint8_t>(der[at]); };
    qsizetype header = 2;
    qsizetype length = octet(1);
    if (length & 0x80) {
        // Long form; certificates beyond 16 MiB are none.
        const qsizetype octets = length & 0x7f;
        if (octets < 1 || octets > 3 || der.size() < 2 + octets)
            return std::nullopt;
        length = 0;
        for (qsizetype at = 0; at < octets; ++at)
            length = length << 8 | octet(2 + at);
        header += octets;
    }
    if (length > der.size() - header)
        return std::nullopt;
    const Element element{octet(0), der.sliced(header, length), der.first(header + length)};
    der = der.sliced(header + length);
    return element;
}

bool skipElement(QByteArrayView &der, std::uint8_t tag)
{
    const auto element = takeElement(der);
    return element && element->tag == tag;
}

} // namespace

QByteArray subjectPublicKeyInfo(const QSslCertificate &certificate)
{
    return subjectPublicKeyInfo(certificate.toDer());
}

QByteArray subjectPublicKeyInfo(const QByteArray &der)
{
    QByteArrayView rest(der);
    const auto certificate = takeElement(rest);
    if (!certificate || certificate->tag != Sequence)
        return {};
    QByteArrayView content = certificate->content;
    const auto toBeSigned = takeElement(content);
    if (!toBeSigned || toBeSigned->tag != Sequence)
        return {};
    // RFC 5280 section 4.1: version (absent in v1), serialNumber, signature, issuer, validity,
    // subject, subjectPublicKeyInfo.
    QByteArrayView fields = toBeSigned->content;
    if (!fields.isEmpty() && static_cast<std::uint8_t>(fields[0]) == ExplicitVersion)
        skipElement(fields, ExplicitVersion);
    if (!skipElement(fields, Integer))
        return {};
    for (int field = 0; field < 4; ++field) {
        if (!skipElement(fields, Sequence))
            return {};
    }
    const auto publicKey = takeElement(fields);
    if (!publicKey || publicKey->tag != Sequence)
        return {};
    return publicKey->whole.toByteArray();
}

} // namespace peer
