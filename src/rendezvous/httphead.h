// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_RENDEZVOUS_HTTPHEAD_H
#define PEER_RENDEZVOUS_HTTPHEAD_H

#include <QtCore/qbytearray.h>
#include <QtCore/qbytearrayview.h>

#include <optional>

namespace peer::rendezvous {

/// What the server wants to know of an HTTP/1.1 request's head (RFC 9112): enough to choose
/// between a WebSocket and a small static answer, not to serve files.
struct HttpHead
{
    QByteArray method;
    QByteArray path; ///< without the query
    /// Host without its port and without the brackets of IPv6; empty if absent.
    QByteArray host;
    /// RFC 6455 section 4.2.1: Upgrade, Connection, key and version are there.
    bool isWebSocketUpgrade = false;
};

/// Where the head ends: the position after the empty line, or -1 if it is not all there.
qsizetype endOfHead(QByteArrayView octets);

/// head: up to and including the empty line. Null if it is no such head. Network input.
std::optional<HttpHead> parseHttpHead(QByteArrayView head);

/// What there is at a path.
struct HttpPage
{
    QByteArray body = {};
    QByteArray type = "text/plain; charset=utf-8";
    /// Each with its line's end.
    QByteArray extraFields = {};
};

/// A whole answer, after which the connection is closed. status: such as "404 Not Found".
QByteArray httpAnswer(QByteArrayView status, const HttpPage &page);

} // namespace peer::rendezvous

#endif // PEER_RENDEZVOUS_HTTPHEAD_H
