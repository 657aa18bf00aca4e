// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SIGNALING_PEERADDRESSGRAMMAR_H
#define PEER_SIGNALING_PEERADDRESSGRAMMAR_H

#include <QtCore/qbytearray.h>
#include <QtCore/qstring.h>

/// What the parts of an address consist of (D7).
namespace peer {

/// The base32 form of 32 octets (D7): 52 characters, lower case, no padding, no stray bits.
inline constexpr qsizetype DigestTextLength = 52;
inline constexpr qsizetype MaxNameLength = 64;
inline constexpr qsizetype MaxServiceLength = 64;
inline constexpr qsizetype MaxTokenLength = 256;

/// 1 to longest characters of RFC 3986's unreserved.
bool isUnreserved(QStringView text, qsizetype longest);
/// A service: unreserved, and neither "." nor "..", which normalisation of a URL takes away.
bool isService(QStringView text);
/// Visible ASCII.
bool isToken(QStringView text);
/// The 32 octets of a digest's text; empty if it is none.
QByteArray digestFromText(QStringView text);
QString digestToText(const QByteArray &digest);

} // namespace peer

#endif // PEER_SIGNALING_PEERADDRESSGRAMMAR_H
