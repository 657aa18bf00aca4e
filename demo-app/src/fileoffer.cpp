// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "fileoffer.h"

#include <QtCore/qfileinfo.h>
#include <QtCore/qjsondocument.h>
#include <QtCore/qjsonobject.h>

#include <algorithm>
#include <cmath>

using namespace Qt::StringLiterals;

namespace demo {

namespace {

QJsonObject readObject(const QString &message)
{
    if (message.size() > FileOffer::MaxMessage)
        return {};
    return QJsonDocument::fromJson(message.toUtf8()).object();
}

QString writeObject(const QJsonObject &object)
{
    return QString::fromUtf8(QJsonDocument(object).toJson(QJsonDocument::Compact));
}

bool isForbidden(char32_t character)
{
    // Control and formatting characters could turn around what the user reads, as in exe.gpj.
    static constexpr QChar::Category categories[] = {
        QChar::Other_Control,       QChar::Other_Format,      QChar::Other_Surrogate,
        QChar::Other_PrivateUse,    QChar::Other_NotAssigned, QChar::Separator_Line,
        QChar::Separator_Paragraph,
    };
    if (std::ranges::find(categories, QChar::category(character)) != std::end(categories))
        return true;
    return character < 0x80 && QStringView(u"<>:\"|?*").contains(QChar(char16_t(character)));
}

/// As much of the beginning as fits into so many octets of UTF-8.
QString leftOctets(const QString &text, qsizetype octets)
{
    QString left = text;
    while (left.toUtf8().size() > octets)
        left.chop(left.back().isLowSurrogate() ? 2 : 1);
    return left;
}

/// "COM1" and its kin are devices on other systems, whatever their suffix.
bool isDevice(const QString &name)
{
    const QString stem = name.section(u'.', 0, 0).toUpper();
    static const QStringList names{u"CON"_s, u"PRN"_s, u"AUX"_s, u"NUL"_s};
    const bool isPort = stem.size() == 4 && stem.back().isDigit()
        && (stem.startsWith("COM"_L1) || stem.startsWith("LPT"_L1));
    return names.contains(stem) || isPort;
}

} // namespace

std::optional<FileOffer> FileOffer::read(const QString &message)
{
    const QJsonObject object = readObject(message);
    const QJsonValue name = object.value("name"_L1);
    const QJsonValue size = object.value("size"_L1);
    const double octets = size.toDouble(-1);
    if (!name.isString() || !size.isDouble() || octets < 0 || octets > double(MaxSize)
        || octets != std::floor(octets)) {
        return std::nullopt;
    }
    return FileOffer{safeFileName(name.toString()), qint64(octets)};
}

QString FileOffer::write() const
{
    return writeObject({{u"name"_s, name}, {u"size"_s, size}});
}

QString FileOffer::receipt()
{
    return writeObject({{u"received"_s, true}});
}

bool FileOffer::isReceipt(const QString &message)
{
    return readObject(message).value("received"_L1).toBool();
}

QString FileOffer::cancellation()
{
    return writeObject({{u"cancelled"_s, true}});
}

bool FileOffer::isCancellation(const QString &message)
{
    return readObject(message).value("cancelled"_L1).toBool();
}

QString safeFileName(const QString &name)
{
    QString plain = name;
    plain.replace(u'\\', u'/');
    plain = plain.section(u'/', -1);
    QString safe;
    for (const char32_t character : plain.toUcs4())
        safe += isForbidden(character) ? u"_"_s : QString::fromUcs4(&character, 1);
    safe = safe.simplified();
    while (safe.startsWith(u'.') || safe.startsWith(u' ') || safe.startsWith(u'-'))
        safe.remove(0, 1);
    while (safe.endsWith(u'.') || safe.endsWith(u' '))
        safe.chop(1);
    if (safe.toUtf8().size() > FileOffer::MaxName) {
        const QString last = QFileInfo(safe).suffix();
        const QString suffix = last.isEmpty() ? QString() : leftOctets(u'.' + last, 20);
        safe = leftOctets(safe, FileOffer::MaxName - suffix.toUtf8().size()) + suffix;
    }
    if (isDevice(safe))
        safe.prepend(u'_');
    return safe.isEmpty() ? u"file"_s : safe;
}

QString numberedFileName(const QString &name, int number)
{
    if (number == 0)
        return name;
    qsizetype dot = name.indexOf(u'.', 1);
    if (dot < 0 || name.size() - dot > 12) // ".tar.gz" stays together, "v1.2 of the plan" does not
        dot = name.lastIndexOf(u'.');
    if (dot <= 0)
        dot = name.size();
    return name.left(dot) + u" (%1)"_s.arg(number) + name.mid(dot);
}

} // namespace demo
