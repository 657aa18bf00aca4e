// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "signaling/hostport.h"

#include "core/base/address.h"

#include <QtCore/qurl.h>

#include <algorithm>
#include <string>

namespace peer {

using namespace Qt::StringLiterals;

namespace {

constexpr qsizetype MaxNameOctets = 253; // RFC 1035 section 2.3.4, without the root's dot

bool isAscii(QStringView text)
{
    return std::all_of(text.begin(), text.end(), [](QChar c) { return c.unicode() < 0x80; });
}

bool isDigit(QChar c)
{
    return c >= u'0' && c <= u'9';
}

bool isLetter(QChar c)
{
    return (c >= u'a' && c <= u'z') || (c >= u'A' && c <= u'Z');
}

std::optional<IpAddress> toAddress(QStringView text)
{
    if (!isAscii(text))
        return std::nullopt;
    return IpAddress::fromString(text.toLatin1().toStdString());
}

/// inet_aton() and browsers take "127.1", "0x7f.1" and "2130706433" for IPv4 addresses; whatever
/// ends in a label like a number is one or a mistake.
bool looksLikeNumber(QStringView name)
{
    const QStringView label = name.mid(name.lastIndexOf(u'.') + 1);
    if (label.startsWith("0x"_L1, Qt::CaseInsensitive)) {
        const QStringView digits = label.mid(2);
        return std::all_of(digits.begin(), digits.end(), [](QChar c) {
            return isDigit(c) || (c >= u'a' && c <= u'f') || (c >= u'A' && c <= u'F');
        });
    }
    return std::all_of(label.begin(), label.end(), isDigit);
}

/// A name as A-labels; empty if it is none.
QString toALabels(QStringView name)
{
    const QByteArray labels = QUrl::toAce(name.toString());
    // toAce() leaves A-labels as they are, also those that no name has.
    if (labels.size() > MaxNameOctets || QUrl::toAce(QUrl::fromAce(labels)) != labels)
        return {};
    const QString text = QString::fromLatin1(labels);
    const bool isClean = std::all_of(text.begin(), text.end(), [](QChar c) {
        return isLetter(c) || isDigit(c) || c == u'-' || c == u'.' || c == u'_';
    });
    // A name of full-width digits maps to an address: that is a trap, not a name.
    return isClean && !looksLikeNumber(text) ? text : QString();
}

HostPortFault hostFault(qsizetype at, const QString &message)
{
    return {false, at, message};
}

HostPortFault portFault(qsizetype at, const QString &message)
{
    return {true, at, message};
}

std::optional<HostPortFault> parseBracketed(QStringView inside, HostPort &result)
{
    const auto address = toAddress(inside);
    if (!address || !address->isV6())
        return hostFault(1, u"Brackets hold an IPv6 address, without a zone."_s);
    result.host = QString::fromStdString(address->toString());
    return std::nullopt;
}

std::optional<HostPortFault> parseName(QStringView name, HostPort &result)
{
    if (name.isEmpty())
        return hostFault(0, u"The host is missing."_s);
    if (const auto address = toAddress(name)) {
        if (address->isV6())
            return hostFault(0, u"An IPv6 address stands in brackets."_s);
        result.host = name.toString();
        return std::nullopt;
    }
    if (isAscii(name)) {
        const auto bad = std::find_if_not(name.begin(), name.end(), [](QChar c) {
            return isLetter(c) || isDigit(c) || c == u'-' || c == u'.' || c == u'_';
        });
        if (bad != name.end())
            return hostFault(bad - name.begin(), u"\"%1\" cannot stand in a host."_s.arg(*bad));
        if (name.endsWith(u'.'))
            return hostFault(name.size() - 1, u"The host ends in a dot."_s);
        if (looksLikeNumber(name)) {
            return hostFault(0, u"The host is a number, but no whole IPv4 address in decimal."_s);
        }
    }
    result.host = toALabels(name);
    if (result.host.isEmpty() || result.host.endsWith(u'.'))
        return hostFault(0, u"The host is no valid name."_s);
    return std::nullopt;
}

std::optional<HostPortFault> parsePort(QStringView text, qsizetype at, HostPort &result)
{
    if (text.isEmpty())
        return portFault(at, u"The port behind the colon is missing."_s);
    const auto bad = std::find_if_not(text.begin(), text.end(), isDigit);
    if (bad != text.end())
        return portFault(at + (bad - text.begin()), u"The port is not a number."_s);
    if (text.front() == u'0')
        return portFault(at, u"The port is 0 or begins with 0."_s);
    const uint number = text.size() > 5 ? 65536 : text.toUInt();
    if (number > 65535)
        return portFault(at, u"The port is above 65535."_s);
    result.port = static_cast<quint16>(number);
    return std::nullopt;
}

} // namespace

std::optional<HostPortFault> parseHostPort(QStringView text, HostPort &result)
{
    result = {};
    qsizetype end = 0;
    if (text.startsWith(u'[')) {
        const qsizetype bracket = text.indexOf(u']');
        if (bracket < 0)
            return hostFault(0, u"The bracket is not closed."_s);
        if (auto fault = parseBracketed(text.mid(1, bracket - 1), result))
            return fault;
        end = bracket + 1;
        if (end < text.size() && text[end] != u':')
            return hostFault(end, u"Behind the bracket only a port may stand."_s);
    } else {
        // Two colons are an IPv6 address without brackets, not a port.
        end = text.count(u':') > 1 ? text.size() : text.indexOf(u':');
        end = end < 0 ? text.size() : end;
        if (auto fault = parseName(text.first(end), result))
            return fault;
    }
    return end < text.size() ? parsePort(text.mid(end + 1), end + 1, result) : std::nullopt;
}

QString canonicalHost(QStringView text)
{
    const auto address = toAddress(text);
    if (address && address->isV6())
        return QString::fromStdString(address->toString());
    HostPort parsed;
    return parseHostPort(text, parsed) || parsed.port ? QString() : parsed.host;
}

QString hostForUri(const QString &host)
{
    return host.contains(u':') ? u'[' + host + u']' : host;
}

bool isLoopbackHost(const QString &host)
{
    if (const auto address = toAddress(host))
        return address->isLoopback();
    return host == "localhost"_L1 || host.endsWith(".localhost"_L1);
}

} // namespace peer
