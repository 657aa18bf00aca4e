// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "signaling/protocolmessages.h"

#include <algorithm>

namespace peer::rendezvous {

namespace {

constexpr qsizetype IdentitySize = 52;

bool isAsciiLetterOrDigit(QChar c)
{
    return (c >= u'a' && c <= u'z') || (c >= u'A' && c <= u'Z') || (c >= u'0' && c <= u'9');
}

} // namespace

bool isValidName(QStringView name)
{
    return !name.isEmpty() && name.size() <= MaxNameSize
        && std::all_of(name.begin(), name.end(), [](QChar c) {
               return isAsciiLetterOrDigit(c) || c == u'-' || c == u'.' || c == u'_' || c == u'~';
           });
}

bool isIdentityName(QStringView name)
{
    return name.size() == IdentitySize && std::all_of(name.begin(), name.end(), [](QChar c) {
               return (c >= u'a' && c <= u'z') || (c >= u'2' && c <= u'7');
           });
}

bool isValidCall(QStringView call)
{
    return call.size() >= MinCallSize && call.size() <= MaxCallSize
        && std::all_of(call.begin(), call.end(), [](QChar c) {
               return isAsciiLetterOrDigit(c) || c == u'+' || c == u'/' || c == u'-' || c == u'_';
           });
}

bool isValidService(QStringView service)
{
    return service.size() <= MaxServiceSize && service.toUtf8().size() <= MaxServiceSize
        && std::none_of(service.begin(), service.end(),
                        [](QChar c) { return c.category() == QChar::Other_Control; });
}

bool isValidToken(const QByteArray &token)
{
    return !token.isEmpty() && token.size() <= MaxTokenSize
        && std::all_of(token.begin(), token.end(), [](char c) { return c > ' ' && c < '\x7f'; });
}

} // namespace peer::rendezvous
