// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SIGNALING_PROTOCOLVERSION_H
#define PEER_SIGNALING_PROTOCOLVERSION_H

#include <QtCore/qstring.h>

#include <optional>

namespace peer::rendezvous {

/// "MAJOR.MINOR" of PROTOCOL.md. Two sides understand each other if their majors are equal.
struct ProtocolVersion
{
    int major = 0;
    int minor = 0;

    /// Two decimal numbers up to 9999 without leading zeros.
    static std::optional<ProtocolVersion> fromString(QStringView text);
    QString toString() const;
    bool isCompatibleWith(const ProtocolVersion &other) const { return major == other.major; }

    friend bool operator==(const ProtocolVersion &, const ProtocolVersion &) = default;
};

inline constexpr ProtocolVersion ownProtocolVersion{1, 1};
/// "watch" and "mint" are known since then.
inline constexpr int wishesMinor = 1;

} // namespace peer::rendezvous

#endif // PEER_SIGNALING_PROTOCOLVERSION_H
