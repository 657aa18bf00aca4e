// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SIGNALING_SIGNALJSON_H
#define PEER_SIGNALING_SIGNALJSON_H

#include "core/base/result.h"
#include "session/signal.h"

#include <QtCore/qbytearray.h>
#include <QtCore/qjsonobject.h>
#include <QtCore/qstring.h>

namespace peer {

/// A signal as a JSON object (D8), so that a browser can read and write it:
///
///   {"type":"offer","sdp":"v=0…"}                                  and "answer"
///   {"type":"candidate","candidate":"candidate:…","sdpMid":"0","usernameFragment":"…"}
///   {"type":"bye","reason":"busy","text":"…"}
///   {"type":"ack"}
///
/// each with "call", "seq" and "ack" where the signal has them. Members that are not known are
/// ignored, known ones that are null count as absent.
struct SignalLimits
{
    static constexpr qsizetype messageLength = 64 * 1024; ///< octets of the JSON text
    static constexpr qsizetype sdpLength = 64 * 1024;     ///< octets of UTF-8, as are the others
    static constexpr qsizetype candidateLength = 1024;
    static constexpr qsizetype midLength = 64;
    static constexpr qsizetype usernameFragmentLength = 256; ///< RFC 8839 section 5.4
    static constexpr qsizetype textLength = 1024;
    static constexpr qsizetype callLength = 64; ///< of A-Z a-z 0-9 + / - _; empty = no call named
    /// 2^53 - 1: beyond it the number type of JSON (RFC 8259 section 6) is not exact.
    static constexpr quint64 number = 9007199254740991;
};

struct SignalError
{
    QString message; ///< a sentence; repeats nothing of what was read
};

/// Takes also what browsers make of their own objects: a description's JSON, a candidate's without
/// "type" and with "sdpMLineIndex" (which is ignored: everything is bundled), a candidate wrapped
/// once more ({"candidate":{"candidate":…}}), and null or "" for the end of candidates.
/// A reason that is not known is read as Failed.
Result<Signal, SignalError> signalFromJson(const QJsonObject &object);
/// Likewise, of a text of at most 64 KiB that holds one object.
Result<Signal, SignalError> signalFromJson(const QByteArray &text);

/// The signal must be within the limits, but for its text, which is cut. A candidate without sdpMid
/// gets "sdpMLineIndex":0, for browsers want one of the two.
QJsonObject signalToJson(const Signal &signal);
/// Likewise, as compact UTF-8. It may be longer than 64 KiB if its SDP is nearly so.
QByteArray signalToText(const Signal &signal);

} // namespace peer

#endif // PEER_SIGNALING_SIGNALJSON_H
