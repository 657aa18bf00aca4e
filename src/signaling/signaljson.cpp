// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "signaling/signaljson.h"

#include <QtCore/qjsondocument.h>

#include <algorithm>
#include <array>
#include <utility>

namespace peer {

using namespace Qt::StringLiterals;

namespace {

constexpr std::array typeNames{
    std::pair{Signal::Type::Offer, "offer"_L1},
    std::pair{Signal::Type::Answer, "answer"_L1},
    std::pair{Signal::Type::Candidate, "candidate"_L1},
    std::pair{Signal::Type::Bye, "bye"_L1},
    std::pair{Signal::Type::Ack, "ack"_L1},
};

/// None is not written.
constexpr std::array reasonNames{
    std::pair{Signal::Reason::Rejected, "rejected"_L1},
    std::pair{Signal::Reason::Busy, "busy"_L1},
    std::pair{Signal::Reason::Unanswered, "unanswered"_L1},
    std::pair{Signal::Reason::Cancelled, "cancelled"_L1},
    std::pair{Signal::Reason::Failed, "failed"_L1},
};

/// Reads one object, member by member, and keeps the first fault.
class SignalReader
{
public:
    explicit SignalReader(const QJsonObject &object)
        : m_object(object)
    { }

    Result<Signal, SignalError> read();

private:
    void readType();
    void readBody();
    void readCandidate();
    void readReason();
    void readNumbers();

    bool isAbsent(QLatin1StringView member) const;
    std::string readText(const QJsonObject &from, QLatin1StringView member, qsizetype longest);
    quint64 readNumber(QLatin1StringView member);
    void readCall();
    void fail(const QString &message);

    const QJsonObject &m_object;
    Signal m_signal;
    QString m_fault;
};

void SignalReader::fail(const QString &message)
{
    if (m_fault.isEmpty())
        m_fault = message;
}

bool SignalReader::isAbsent(QLatin1StringView member) const
{
    const QJsonValue value = m_object.value(member);
    return value.isUndefined() || value.isNull();
}

std::string SignalReader::readText(const QJsonObject &from, QLatin1StringView member,
                                   qsizetype longest)
{
    const QJsonValue value = from.value(member);
    if (value.isUndefined() || value.isNull())
        return {};
    if (!value.isString()) {
        fail(u"The signal's \"%1\" is not a string."_s.arg(member));
        return {};
    }
    const QByteArray text = value.toString().toUtf8();
    if (text.size() > longest) {
        fail(u"The signal's \"%1\" is longer than %2 bytes."_s.arg(member).arg(longest));
        return {};
    }
    return text.toStdString();
}

quint64 SignalReader::readNumber(QLatin1StringView member)
{
    const QJsonValue value = m_object.value(member);
    const qint64 number = value.isDouble() ? value.toInteger(-1) : -1;
    if (number < 0 || static_cast<quint64>(number) > SignalLimits::number) {
        fail(u"The signal's \"%1\" is not a whole number from 0 to 2^53 - 1."_s.arg(member));
        return 0;
    }
    return static_cast<quint64>(number);
}

void SignalReader::readType()
{
    // RTCIceCandidate's JSON has no type.
    if (isAbsent("type"_L1) && m_object.contains("candidate"_L1)) {
        m_signal.type = Signal::Type::Candidate;
        return;
    }
    const QJsonValue value = m_object.value("type"_L1);
    const QString name = value.toString();
    const auto found = std::find_if(typeNames.begin(), typeNames.end(),
                                    [&](const auto &known) { return known.second == name; });
    if (found != typeNames.end())
        m_signal.type = found->first;
    else if (value.isString())
        fail(u"The signal is of an unknown type."_s);
    else
        fail(u"The signal has no type."_s);
}

void SignalReader::readCandidate()
{
    const QJsonValue wrapped = m_object.value("candidate"_L1);
    const QJsonObject from = wrapped.isObject() ? wrapped.toObject() : m_object;
    m_signal.candidate = readText(from, "candidate"_L1, SignalLimits::candidateLength);
    m_signal.sdpMid = readText(from, "sdpMid"_L1, SignalLimits::midLength);
    m_signal.usernameFragment = readText(from, "usernameFragment"_L1,
                                         SignalLimits::usernameFragmentLength);
}

void SignalReader::readReason()
{
    m_signal.text = readText(m_object, "text"_L1, SignalLimits::textLength);
    if (isAbsent("reason"_L1))
        return;
    const QJsonValue value = m_object.value("reason"_L1);
    if (!value.isString())
        return fail(u"The signal's \"reason\" is not a string."_s);
    const QString name = value.toString();
    const auto found = std::find_if(reasonNames.begin(), reasonNames.end(),
                                    [&](const auto &known) { return known.second == name; });
    m_signal.reason = found == reasonNames.end() ? Signal::Reason::Failed : found->first;
}

void SignalReader::readBody()
{
    switch (m_signal.type) {
    case Signal::Type::Offer:
    case Signal::Type::Answer:
        m_signal.sdp = readText(m_object, "sdp"_L1, SignalLimits::sdpLength);
        if (m_signal.sdp.empty())
            fail(u"The description has no \"sdp\"."_s);
        break;
    case Signal::Type::Candidate:
        readCandidate();
        break;
    case Signal::Type::Bye:
        readReason();
        break;
    case Signal::Type::Ack:
        if (isAbsent("ack"_L1))
            fail(u"The acknowledgement has no \"ack\"."_s);
        break;
    }
}

void SignalReader::readCall()
{
    m_signal.call = readText(m_object, "call"_L1, SignalLimits::callLength);
    const bool isClean = std::all_of(m_signal.call.begin(), m_signal.call.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')
            || c == '+' || c == '/' || c == '-' || c == '_';
    });
    if (!isClean)
        fail(u"The signal's \"call\" has other characters than letters, digits, + / - _."_s);
}

void SignalReader::readNumbers()
{
    if (m_signal.type != Signal::Type::Ack && !isAbsent("seq"_L1))
        m_signal.seq = readNumber("seq"_L1);
    if (!isAbsent("ack"_L1))
        m_signal.ack = readNumber("ack"_L1);
}

Result<Signal, SignalError> SignalReader::read()
{
    readType();
    if (m_fault.isEmpty())
        readBody();
    readCall();
    readNumbers();
    if (!m_fault.isEmpty())
        return SignalError{m_fault};
    return std::move(m_signal);
}

QString toText(const std::string &text)
{
    return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
}

void insertText(QJsonObject &object, QLatin1StringView member, const std::string &text)
{
    if (!text.empty())
        object.insert(member, toText(text));
}

/// At most so many octets of UTF-8, cut between two characters.
std::string shortened(const std::string &text, std::size_t longest)
{
    if (text.size() <= longest)
        return text;
    std::size_t end = longest;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80)
        --end;
    return text.substr(0, end);
}

void insertBody(QJsonObject &object, const Signal &signal)
{
    switch (signal.type) {
    case Signal::Type::Offer:
    case Signal::Type::Answer:
        object.insert("sdp"_L1, toText(signal.sdp));
        break;
    case Signal::Type::Candidate:
        object.insert("candidate"_L1, toText(signal.candidate));
        if (signal.sdpMid.empty())
            object.insert("sdpMLineIndex"_L1, 0);
        insertText(object, "sdpMid"_L1, signal.sdpMid);
        insertText(object, "usernameFragment"_L1, signal.usernameFragment);
        break;
    case Signal::Type::Bye:
        for (const auto &[reason, name] : reasonNames) {
            if (reason == signal.reason)
                object.insert("reason"_L1, name);
        }
        insertText(object, "text"_L1, shortened(signal.text, SignalLimits::textLength));
        break;
    case Signal::Type::Ack:
        break;
    }
}

} // namespace

Result<Signal, SignalError> signalFromJson(const QJsonObject &object)
{
    return SignalReader(object).read();
}

Result<Signal, SignalError> signalFromJson(const QByteArray &text)
{
    if (text.size() > SignalLimits::messageLength)
        return SignalError{u"The signal is longer than 64 KiB."_s};
    QJsonParseError error;
    const QJsonDocument document = QJsonDocument::fromJson(text, &error);
    if (error.error != QJsonParseError::NoError)
        return SignalError{u"The signal is not JSON: %1."_s.arg(error.errorString())};
    if (!document.isObject())
        return SignalError{u"The signal is not a JSON object."_s};
    return signalFromJson(document.object());
}

QJsonObject signalToJson(const Signal &signal)
{
    QJsonObject object;
    for (const auto &[type, name] : typeNames) {
        if (type == signal.type)
            object.insert("type"_L1, name);
    }
    insertBody(object, signal);
    insertText(object, "call"_L1, signal.call);
    if (signal.seq != 0)
        object.insert("seq"_L1, static_cast<qint64>(signal.seq));
    if (signal.ack)
        object.insert("ack"_L1, static_cast<qint64>(*signal.ack));
    return object;
}

QByteArray signalToText(const Signal &signal)
{
    return QJsonDocument(signalToJson(signal)).toJson(QJsonDocument::Compact);
}

} // namespace peer
