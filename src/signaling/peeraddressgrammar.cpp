// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "signaling/peeraddressgrammar.h"

#include "secure/identity/identitykey.h"

#include <algorithm>

namespace peer {

bool isUnreserved(QStringView text, qsizetype longest)
{
    return !text.isEmpty() && text.size() <= longest
        && std::all_of(text.begin(), text.end(), [](QChar c) {
               return (c >= u'a' && c <= u'z') || (c >= u'A' && c <= u'Z')
                   || (c >= u'0' && c <= u'9') || QStringView(u"-._~").contains(c);
           });
}

bool isService(QStringView text)
{
    return isUnreserved(text, MaxServiceLength) && text != u"." && text != u"..";
}

bool isToken(QStringView text)
{
    return !text.isEmpty() && text.size() <= MaxTokenLength
        && std::all_of(text.begin(), text.end(), [](QChar c) { return c > u' ' && c < u'\x7f'; });
}

QByteArray digestFromText(QStringView text)
{
    if (text.size() != DigestTextLength)
        return {};
    const auto octets = fromBase32(text.toLatin1().toStdString());
    if (!octets || octets->size() != 32)
        return {};
    return QByteArray(reinterpret_cast<const char *>(octets->data()), 32);
}

QString digestToText(const QByteArray &digest)
{
    return QString::fromStdString(
        toBase32(asBytes({digest.constData(), static_cast<std::size_t>(digest.size())})));
}

} // namespace peer
