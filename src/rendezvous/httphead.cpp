// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "rendezvous/httphead.h"

#include <algorithm>

namespace peer::rendezvous {

namespace {

bool isToken(QByteArrayView text)
{
    // RFC 9110 section 5.6.2
    static constexpr QByteArrayView others = "!#$%&'*+-.^_`|~";
    return !text.isEmpty() && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')
            || others.contains(c);
    });
}

bool hasControl(QByteArrayView text)
{
    return std::any_of(text.begin(), text.end(), [](char c) {
        return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f;
    });
}

/// Whether one of the comma-separated tokens is this one, whatever its case.
bool listHas(QByteArrayView list, QByteArrayView token)
{
    while (!list.isEmpty()) {
        const qsizetype comma = list.indexOf(',');
        const QByteArrayView element = comma < 0 ? list : list.first(comma);
        if (element.trimmed().compare(token, Qt::CaseInsensitive) == 0)
            return true;
        list = comma < 0 ? QByteArrayView() : list.sliced(comma + 1);
    }
    return false;
}

QByteArray hostWithoutPort(QByteArrayView field)
{
    if (field.startsWith('[')) {
        const qsizetype bracket = field.indexOf(']');
        return bracket < 0 ? QByteArray() : field.sliced(1, bracket - 1).toByteArray();
    }
    // QWebSocket writes an IPv6 host without brackets, and always a port behind it.
    const qsizetype colon = field.lastIndexOf(':');
    return (colon < 0 ? field : field.first(colon)).toByteArray();
}

struct Fields
{
    QByteArrayView host, upgrade, connection, key, version;
};

/// False if a line is no field.
bool readField(QByteArrayView line, Fields &fields)
{
    const qsizetype colon = line.indexOf(':');
    if (colon < 0 || !isToken(line.first(colon)) || hasControl(line))
        return false;
    const QByteArrayView name = line.first(colon);
    const QByteArrayView value = line.sliced(colon + 1).trimmed();
    const auto is = [name](QByteArrayView other) {
        return name.compare(other, Qt::CaseInsensitive) == 0;
    };
    if (is("Host"))
        fields.host = value;
    else if (is("Upgrade"))
        fields.upgrade = value;
    else if (is("Connection"))
        fields.connection = value;
    else if (is("Sec-WebSocket-Key"))
        fields.key = value;
    else if (is("Sec-WebSocket-Version"))
        fields.version = value;
    return true;
}

/// Method, target and version.
std::optional<HttpHead> readRequestLine(QByteArrayView line)
{
    const qsizetype first = line.indexOf(' ');
    const qsizetype last = line.lastIndexOf(' ');
    if (first <= 0 || last <= first + 1 || line.sliced(last + 1) != "HTTP/1.1")
        return std::nullopt;
    const QByteArrayView target = line.sliced(first + 1, last - first - 1);
    if (!isToken(line.first(first)) || !target.startsWith('/') || hasControl(target)
        || target.contains(' ')) {
        return std::nullopt;
    }
    const qsizetype query = target.indexOf('?');
    HttpHead head;
    head.method = line.first(first).toByteArray();
    head.path = (query < 0 ? target : target.first(query)).toByteArray();
    return head;
}

} // namespace

qsizetype endOfHead(QByteArrayView octets)
{
    static constexpr QByteArrayView emptyLine = "\r\n\r\n";
    const qsizetype at = octets.indexOf(emptyLine);
    return at < 0 ? -1 : at + emptyLine.size();
}

std::optional<HttpHead> parseHttpHead(QByteArrayView octets)
{
    static constexpr QByteArrayView endOfLine = "\r\n";
    Fields fields;
    std::optional<HttpHead> head;
    while (true) {
        const qsizetype end = octets.indexOf(endOfLine);
        if (end < 0)
            return std::nullopt;
        const QByteArrayView line = octets.first(end);
        octets = octets.sliced(end + endOfLine.size());
        if (!head) {
            head = readRequestLine(line);
            if (!head)
                return std::nullopt;
        } else if (line.isEmpty()) {
            break;
        } else if (!readField(line, fields)) {
            return std::nullopt;
        }
    }
    head->host = hostWithoutPort(fields.host);
    head->isWebSocketUpgrade = listHas(fields.upgrade, "websocket")
        && listHas(fields.connection, "upgrade") && !fields.key.isEmpty() && fields.version == "13";
    return head;
}

QByteArray httpAnswer(QByteArrayView status, const HttpPage &page)
{
    QByteArray answer = "HTTP/1.1 ";
    answer += status;
    answer += "\r\nContent-Type: ";
    answer += page.type;
    answer += "\r\nContent-Length: ";
    answer += QByteArray::number(page.body.size());
    answer += "\r\nCache-Control: no-store\r\nConnection: close\r\n";
    answer += page.extraFields;
    answer += "\r\n";
    answer += page.body;
    return answer;
}

} // namespace peer::rendezvous
