// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "signaling/messagereader.h"

#include "secure/identity/encoding.h"

#include <QtCore/qjsonarray.h>

namespace peer::rendezvous {

using namespace Qt::StringLiterals;

QString MessageReader::text(QLatin1StringView member, Check check)
{
    const QJsonValue value = m_object.value(member);
    if (!value.isString()) {
        setFault(member, value.isUndefined() ? "is missing" : "is not a string");
        return {};
    }
    const QString text = value.toString();
    if (!check(text)) {
        setFault(member, "has a value that is not allowed");
        return {};
    }
    return text;
}

QString MessageReader::optionalText(QLatin1StringView member, Check check)
{
    const QJsonValue value = m_object.value(member);
    if (value.isUndefined() || (value.isString() && value.toString().isEmpty()))
        return {};
    return text(member, check);
}

QByteArray MessageReader::octets(QLatin1StringView member, qsizetype minimum, qsizetype maximum)
{
    const QByteArray text = m_object.value(member).toString().toUtf8();
    // Four characters hold three octets; what is much longer is not worth decoding.
    if (text.size() > maximum * 2) {
        setFault(member, "is too long");
        return {};
    }
    const std::optional<Bytes> octets = fromBase64Url({text.constData(), std::size_t(text.size())});
    if (!octets || octets->size() < std::size_t(minimum) || octets->size() > std::size_t(maximum)) {
        setFault(member, "is not base64url of the right length");
        return {};
    }
    return QByteArray(reinterpret_cast<const char *>(octets->data()), qsizetype(octets->size()));
}

ProtocolVersion MessageReader::version(QLatin1StringView member)
{
    const auto version = ProtocolVersion::fromString(m_object.value(member).toString());
    if (!version) {
        setFault(member, "is not a version");
        return {};
    }
    return *version;
}

bool MessageReader::boolean(QLatin1StringView member)
{
    const QJsonValue value = m_object.value(member);
    if (!value.isBool())
        setFault(member, "is not a boolean");
    return value.toBool();
}

int MessageReader::number(QLatin1StringView member, int minimum, int maximum)
{
    const QJsonValue value = m_object.value(member);
    const double number = value.toDouble(-1);
    if (!value.isDouble() || number < minimum || number > maximum || number != int(number)) {
        setFault(member, "is not a number in its range");
        return minimum;
    }
    return int(number);
}

QJsonObject MessageReader::object(QLatin1StringView member)
{
    const QJsonValue value = m_object.value(member);
    if (!value.isObject())
        setFault(member, "is not an object");
    return value.toObject();
}

QStringList MessageReader::texts(QLatin1StringView member, qsizetype maximum, Check check)
{
    const QJsonValue value = m_object.value(member);
    const QJsonArray array = value.toArray();
    if (!value.isArray() || array.size() > maximum) {
        setFault(member, "is not an array, or too long");
        return {};
    }
    QStringList list;
    for (const QJsonValue element : array) {
        if (!element.isString() || !check(element.toString())) {
            setFault(member, "has an element that is not allowed");
            return {};
        }
        list.append(element.toString());
    }
    return list;
}

void MessageReader::setFault(QLatin1StringView member, const char *what)
{
    if (!m_fault) {
        m_fault = MessageError{MessageError::Kind::Malformed,
                               "The member \""_L1 + member + "\" "_L1 + QLatin1StringView(what)
                                   + u'.'};
    }
}

} // namespace peer::rendezvous
