// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "rendezvous/tunneltokens.h"

#include <QtCore/qendian.h>
#include <QtCore/qmessageauthenticationcode.h>

#include <chrono>

namespace peer::rendezvous {

namespace {

constexpr qsizetype KeySize = 32;
constexpr qsizetype MintedSize = 8;
constexpr qsizetype BodySize = MintedSize + TunnelTokens::IdSize;
constexpr qsizetype SignatureSize = 32;
/// Of base64url without padding.
constexpr qsizetype TextSize = ((BodySize + SignatureSize) * 4 + 2) / 3;

constexpr auto Encoding = QByteArray::Base64UrlEncoding | QByteArray::OmitTrailingEquals;

QByteArray randomOctets(RandomSource &random, qsizetype count)
{
    QByteArray octets(count, '\0');
    random.fill({reinterpret_cast<std::uint8_t *>(octets.data()), std::size_t(count)});
    return octets;
}

qint64 secondsOf(TimePoint time)
{
    return std::chrono::floor<std::chrono::seconds>(time.time_since_epoch()).count();
}

bool isEqual(const QByteArray &a, const QByteArray &b)
{
    if (a.size() != b.size())
        return false;
    unsigned difference = 0;
    for (qsizetype i = 0; i < a.size(); ++i)
        difference |= unsigned(a[i] ^ b[i]);
    return difference == 0;
}

} // namespace

TunnelTokens::TunnelTokens(RandomSource &random, Duration lifetime)
    : m_random(random)
    , m_lifetime(lifetime)
    , m_key(randomOctets(random, KeySize))
{ }

QString TunnelTokens::mint(TimePoint now)
{
    QByteArray body(MintedSize, '\0');
    qToBigEndian(secondsOf(now), body.data());
    body += randomOctets(m_random, IdSize);
    return QString::fromLatin1((body + signature(body)).toBase64(Encoding));
}

std::optional<QByteArray> TunnelTokens::check(TimePoint now, const QString &token) const
{
    if (token.size() != TextSize)
        return std::nullopt;
    const auto decoded = QByteArray::fromBase64Encoding(
        token.toLatin1(), Encoding | QByteArray::AbortOnBase64DecodingErrors);
    if (!decoded || decoded.decoded.size() != BodySize + SignatureSize)
        return std::nullopt;
    const QByteArray body = decoded.decoded.first(BodySize);
    if (!isEqual(signature(body), decoded.decoded.sliced(BodySize)))
        return std::nullopt;
    const TimePoint minted{std::chrono::seconds(qFromBigEndian<qint64>(body.constData()))};
    if (now - minted > m_lifetime)
        return std::nullopt;
    return body.sliced(MintedSize);
}

QByteArray TunnelTokens::signature(const QByteArray &body) const
{
    return QMessageAuthenticationCode::hash(body, m_key, QCryptographicHash::Sha256);
}

} // namespace peer::rendezvous
