// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SIGNALING_MESSAGEREADER_H
#define PEER_SIGNALING_MESSAGEREADER_H

#include "signaling/protocolmessages.h"

#include <QtCore/qjsonobject.h>

#include <optional>

namespace peer::rendezvous {

/// Takes the members of one JSON object and remembers the first fault, so that a parser reads all
/// of a message's members in a row and asks once at the end.
class MessageReader
{
public:
    using Check = bool (*)(QStringView);

    explicit MessageReader(const QJsonObject &object)
        : m_object(object)
    { }

    bool has(QLatin1StringView member) const { return m_object.contains(member); }

    /// A string that passes the check.
    QString text(QLatin1StringView member, Check check);
    /// Likewise, or empty where the member is absent or empty.
    QString optionalText(QLatin1StringView member, Check check);
    /// Base64url of so many octets.
    QByteArray octets(QLatin1StringView member, qsizetype minimum, qsizetype maximum);
    ProtocolVersion version(QLatin1StringView member);
    bool boolean(QLatin1StringView member);
    int number(QLatin1StringView member, int minimum, int maximum);
    QJsonObject object(QLatin1StringView member);
    QStringList texts(QLatin1StringView member, qsizetype maximum, Check check);
    /// The position of the member's value in names.
    template<typename Enum, std::size_t Size>
    Enum oneOf(QLatin1StringView member, const std::array<QLatin1StringView, Size> &names)
    {
        const QString value = m_object.value(member).toString();
        for (std::size_t i = 0; i < Size; ++i) {
            if (value == names[i])
                return static_cast<Enum>(i);
        }
        setFault(member, "is none of the known values");
        return Enum{};
    }

    void setFault(QLatin1StringView member, const char *what);
    const std::optional<MessageError> &fault() const { return m_fault; }

private:
    QJsonObject m_object;
    std::optional<MessageError> m_fault;
};

} // namespace peer::rendezvous

#endif // PEER_SIGNALING_MESSAGEREADER_H
