// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

// The tables as JSON, for tests that are no C++: {"descriptions": [[name, text], …], "candidates": …,
// "signals": …}, the texts in base64, for not all are UTF-8.

#include "support/malformed/malformed.h"

#include <QtCore/qjsonarray.h>
#include <QtCore/qjsondocument.h>
#include <QtCore/qjsonobject.h>

#include <cstdio>

namespace {

template<typename Row>
QJsonArray toJson(const std::vector<Row> &rows)
{
    QJsonArray list;
    for (const Row &row : rows)
        list.append(
            QJsonArray{QLatin1StringView(row.name), QString::fromLatin1(row.text.toBase64())});
    return list;
}

} // namespace

int main()
{
    const QJsonObject tables{
        {QStringLiteral("descriptions"), toJson(peer::test::malformedDescriptions())},
        {QStringLiteral("candidates"), toJson(peer::test::malformedCandidates())},
        {QStringLiteral("signals"), toJson(peer::test::malformedSignals())},
    };
    const QByteArray text = QJsonDocument(tables).toJson(QJsonDocument::Compact);
    return std::fwrite(text.constData(), 1, std::size_t(text.size()), stdout)
            == std::size_t(text.size())
        ? 0
        : 1;
}
