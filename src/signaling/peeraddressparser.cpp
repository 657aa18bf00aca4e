// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "signaling/peeraddressparser.h"

#include "signaling/hostport.h"
#include "signaling/peeraddressgrammar.h"
#include "signaling/serveruri.h"

#include <QtCore/qstringconverter.h>

#include <algorithm>
#include <optional>

namespace peer {

using namespace Qt::StringLiterals;

namespace {

bool isHexDigit(QChar c)
{
    return (c >= u'0' && c <= u'9') || (c >= u'a' && c <= u'f') || (c >= u'A' && c <= u'F');
}

/// Null if the octets are no UTF-8.
std::optional<QString> percentDecoded(QStringView text)
{
    const QByteArray octets = QByteArray::fromPercentEncoding(text.toUtf8());
    QStringDecoder decoder(QStringDecoder::Utf8, QStringDecoder::Flag::Stateless);
    const QString decoded = decoder(octets);
    if (decoder.hasError())
        return std::nullopt;
    return decoded;
}

template<typename Value>
void appendOnce(QList<Value> &list, const Value &value)
{
    if (!list.contains(value))
        list.append(value);
}

} // namespace

bool PeerAddressParser::parse(QStringView text, PeerAddressData &data, PeerAddressError &error)
{
    return PeerAddressParser(data, error).parseWhole(text);
}

bool PeerAddressParser::fail(Fault fault, qsizetype at, const QString &message)
{
    m_error = PeerAddressError(fault, static_cast<int>(at) + 1, message);
    return false;
}

bool PeerAddressParser::parseWhole(QStringView text)
{
    Part rest{text};
    if (!checkCharacters(text) || !parseScheme(rest))
        return false;
    const qsizetype hash = rest.text.indexOf(u'#');
    const std::optional<Part> fragment = hash < 0 ? std::nullopt
                                                  : std::optional<Part>(rest.mid(hash + 1));
    if (hash >= 0)
        rest = rest.mid(0, hash);
    const qsizetype question = rest.text.indexOf(u'?');
    const std::optional<Part> query = question < 0 ? std::nullopt
                                                   : std::optional<Part>(rest.mid(question + 1));
    if (question >= 0)
        rest = rest.mid(0, question);
    const qsizetype slash = rest.text.indexOf(u'/');
    const Part authority = rest.mid(0, slash);
    return parseAuthority(authority) && (slash < 0 || parseService(rest.mid(slash + 1)))
        && (!query || parseQuery(*query)) && (!fragment || parseToken(*fragment));
}

bool PeerAddressParser::checkCharacters(QStringView text)
{
    qsizetype octets = 0;
    for (qsizetype at = 0; at < text.size(); ++at) {
        const QChar c = text[at];
        const char16_t code = c.unicode();
        const bool isPair = c.isHighSurrogate() && at + 1 < text.size()
            && text[at + 1].isLowSurrogate();
        octets += code < 0x80 ? 1 : code < 0x800 ? 2 : isPair ? 4 : 3;
        if (octets > PeerAddress::MaximumLength)
            return fail(Fault::TooLong, at, u"The address is longer than 512 bytes."_s);
        if (code < 0x20 || (code >= 0x7f && code < 0xa0))
            return fail(Fault::ForbiddenCharacter, at, u"Control characters are not allowed."_s);
        if (c.isSurrogate() && !isPair)
            return fail(Fault::ForbiddenCharacter, at, u"Half a character is not allowed."_s);
        if (c.isSpace() || QStringView(u"\"<>\\^`{|}").contains(c)) {
            return fail(
                Fault::ForbiddenCharacter, at,
                u"\"%1\" cannot stand in an address; it is written percent-encoded."_s.arg(c));
        }
        if (c == u'%'
            && (at + 2 >= text.size() || !isHexDigit(text[at + 1]) || !isHexDigit(text[at + 2])))
            return fail(Fault::BadEncoding, at, u"Behind \"%\" two hexadecimal digits stand."_s);
        at += isPair ? 1 : 0;
    }
    return true;
}

bool PeerAddressParser::parseScheme(Part &rest)
{
    if (!rest.text.startsWith("peer://"_L1, Qt::CaseInsensitive))
        return fail(Fault::BadScheme, 0, u"An address begins with \"peer://\"."_s);
    rest = rest.mid(7);
    return true;
}

bool PeerAddressParser::parseAuthority(Part authority)
{
    const qsizetype at = authority.text.indexOf(u'@');
    if (at >= 0 && !parseName(authority.mid(0, at)))
        return false;
    const Part host = authority.mid(at + 1);
    HostPort parsed;
    if (const auto fault = parseHostPort(host.text, parsed)) {
        return fail(fault->isInPort ? Fault::BadPort : Fault::BadHost, host.at + fault->at,
                    fault->message);
    }
    m_data.rendezvous = {parsed.host, parsed.port.value_or(443)};
    return true;
}

bool PeerAddressParser::parseName(Part userInfo)
{
    const qsizetype colon = userInfo.text.indexOf(u':');
    if (colon >= 0) {
        return fail(Fault::PasswordGiven, userInfo.at + colon,
                    u"An address has no password; a token stands behind \"#\"."_s);
    }
    if (userInfo.text.isEmpty())
        return fail(Fault::BadName, userInfo.at, u"The name before \"@\" is missing."_s);
    if (userInfo.text.size() > MaxNameLength) {
        return fail(Fault::BadName, userInfo.at + MaxNameLength,
                    u"The name is longer than 64 characters."_s);
    }
    for (qsizetype index = 0; index < userInfo.text.size(); ++index) {
        if (!isUnreserved(userInfo.text.mid(index, 1), 1)) {
            return fail(Fault::BadName, userInfo.at + index,
                        u"A name consists of letters, digits, \"-\", \".\", \"_\" and \"~\"."_s);
        }
    }
    m_data.name = userInfo.text.toString();
    return true;
}

bool PeerAddressParser::parseService(Part path)
{
    if (path.text.isEmpty())
        return true;
    if (path.text.size() > MaxServiceLength) {
        return fail(Fault::BadService, path.at + MaxServiceLength,
                    u"The service is longer than 64 characters."_s);
    }
    for (qsizetype index = 0; index < path.text.size(); ++index) {
        if (!isUnreserved(path.text.mid(index, 1), 1)) {
            return fail(Fault::BadService, path.at + index,
                        u"A service consists of letters, digits, \"-\", \".\", \"_\" and \"~\"."_s);
        }
    }
    if (!isService(path.text))
        return fail(Fault::BadService, path.at, u"A service is neither \".\" nor \"..\"."_s);
    m_data.service = path.text.toString();
    return true;
}

bool PeerAddressParser::parseQuery(Part query)
{
    for (;;) {
        const qsizetype ampersand = query.text.indexOf(u'&');
        if (!parseParameter(query.mid(0, ampersand)))
            return false;
        if (ampersand < 0)
            return true;
        query = query.mid(ampersand + 1);
    }
}

bool PeerAddressParser::parseParameter(Part parameter)
{
    const qsizetype equals = parameter.text.indexOf(u'=');
    const QStringView name = parameter.text.first(equals < 0 ? parameter.text.size() : equals);
    const QStringView raw = equals < 0 ? QStringView() : parameter.text.mid(equals + 1);
    const qsizetype at = parameter.at + (equals < 0 ? name.size() : equals + 1);
    if (name.startsWith("x-"_L1))
        return true;
    const bool isKnown = name == "id"_L1 || name == "rv"_L1 || name == "paths"_L1
        || name == "stun"_L1 || name == "turn"_L1 || name == "tls"_L1;
    if (!isKnown) {
        return fail(Fault::UnknownParameter, parameter.at,
                    u"The parameters are id, rv, paths, stun, turn, tls and any \"x-…\"."_s);
    }
    if ((name == "paths"_L1 && m_hasPaths) || (name == "tls"_L1 && m_hasTls)) {
        return fail(Fault::RepeatedParameter, parameter.at,
                    u"The parameter \"%1\" stands twice."_s.arg(name));
    }
    if (raw.isEmpty()) {
        return fail(Fault::BadParameter, at, u"The parameter \"%1\" has no value."_s.arg(name));
    }
    const std::optional<QString> value = percentDecoded(raw);
    if (!value)
        return fail(Fault::BadEncoding, at, u"The percent-encoded octets are no UTF-8."_s);
    if (name == "id"_L1)
        return parseId(*value, at);
    if (name == "rv"_L1)
        return parseRendezvous(*value, at);
    if (name == "paths"_L1)
        return parsePaths(*value, at);
    if (name == "tls"_L1)
        return parseTls(*value, at);
    return parseServer(*value, at, name == "turn"_L1);
}

bool PeerAddressParser::parseId(const QString &value, qsizetype at)
{
    if (digestFromText(value).isEmpty()) {
        return fail(Fault::BadParameter, at,
                    u"An id is 52 characters of lower-case base32 (a-z, 2-7)."_s);
    }
    appendOnce(m_data.ids, value);
    return true;
}

bool PeerAddressParser::parseRendezvous(const QString &value, qsizetype at)
{
    HostPort parsed;
    if (const auto fault = parseHostPort(value, parsed))
        return fail(Fault::BadParameter, at, fault->message);
    const PeerAddress::RendezvousHost host{parsed.host, parsed.port.value_or(443)};
    if (host != m_data.rendezvous)
        appendOnce(m_data.furtherRendezvous, host);
    return true;
}

bool PeerAddressParser::parsePaths(const QString &value, qsizetype at)
{
    m_hasPaths = true;
    if (value == "all"_L1)
        m_data.paths = PeerAddress::Paths::All;
    else if (value == "direct"_L1)
        m_data.paths = PeerAddress::Paths::Direct;
    else if (value == "relay"_L1)
        m_data.paths = PeerAddress::Paths::Relay;
    else if (value == "tunnel"_L1)
        m_data.paths = PeerAddress::Paths::Tunnel;
    else
        return fail(Fault::BadParameter, at, u"Paths are all, direct, relay or tunnel."_s);
    return true;
}

bool PeerAddressParser::parseTls(const QString &value, qsizetype at)
{
    m_hasTls = true;
    if (value == "off"_L1) {
        m_data.tls = PeerAddress::Tls::Off;
        return true;
    }
    m_data.tlsPin = digestFromText(value);
    if (m_data.tlsPin.isEmpty()) {
        return fail(Fault::BadParameter, at,
                    u"TLS is \"off\" or 52 characters of lower-case base32 (a-z, 2-7)."_s);
    }
    m_data.tls = PeerAddress::Tls::Pinned;
    return true;
}

bool PeerAddressParser::parseServer(const QString &value, qsizetype at, bool isTurn)
{
    const auto uri = ServerUri::fromString(value);
    if (!uri || (uri->kind == ServerUri::Kind::Turn) != isTurn) {
        return fail(Fault::BadParameter, at,
                    isTurn ? u"A TURN server is turn:HOST or turns:HOST, with :PORT and "
                             "?transport= if need be."_s
                           : u"A STUN server is stun:HOST or stuns:HOST, with :PORT if need be."_s);
    }
    appendOnce(isTurn ? m_data.turnUris : m_data.stunUris, uri->toString());
    return true;
}

bool PeerAddressParser::parseToken(Part fragment)
{
    const std::optional<QString> token = percentDecoded(fragment.text);
    if (!token)
        return fail(Fault::BadEncoding, fragment.at, u"The percent-encoded octets are no UTF-8."_s);
    if (!isToken(*token)) {
        return fail(Fault::BadToken, fragment.at,
                    u"A token is 1 to 256 visible characters of ASCII."_s);
    }
    m_data.token = *token;
    return true;
}

} // namespace peer
