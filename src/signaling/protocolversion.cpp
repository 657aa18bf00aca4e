// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "signaling/protocolversion.h"

namespace peer::rendezvous {

namespace {

constexpr qsizetype MaxDigits = 4;

std::optional<int> numberIn(QStringView text)
{
    if (text.isEmpty() || text.size() > MaxDigits || (text.size() > 1 && text.front() == u'0'))
        return std::nullopt;
    int value = 0;
    for (const QChar digit : text) {
        if (digit < u'0' || digit > u'9')
            return std::nullopt;
        value = value * 10 + (digit.unicode() - u'0');
    }
    return value;
}

} // namespace

std::optional<ProtocolVersion> ProtocolVersion::fromString(QStringView text)
{
    const qsizetype dot = text.indexOf(u'.');
    if (dot < 0)
        return std::nullopt;
    const std::optional<int> majorNumber = numberIn(text.first(dot));
    const std::optional<int> minorNumber = numberIn(text.sliced(dot + 1));
    if (!majorNumber || !minorNumber)
        return std::nullopt;
    return ProtocolVersion{*majorNumber, *minorNumber};
}

QString ProtocolVersion::toString() const
{
    return QString::number(major) + u'.' + QString::number(minor);
}

} // namespace peer::rendezvous
