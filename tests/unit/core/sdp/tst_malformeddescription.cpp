// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "core/sdp/sessiondescription.h"

#include "support/malformed/malformed.h"

#include <QtTest/qtest.h>

using peer::sdp::SessionDescription;

/// Each row is a description with one fault, the line that the error must name and words of it.
class tst_MalformedDescription : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void isRefusedByLineAndFault_data();
    void isRefusedByLineAndFault();
};

void tst_MalformedDescription::isRefusedByLineAndFault_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<int>("line");
    QTest::addColumn<QByteArray>("fault");

    for (const auto &row : peer::test::malformedDescriptions())
        QTest::newRow(row.name) << row.text << row.line << QByteArray(row.fault);
}

void tst_MalformedDescription::isRefusedByLineAndFault()
{
    QFETCH(QByteArray, text);
    QFETCH(int, line);
    QFETCH(QByteArray, fault);
    const auto description = SessionDescription::parse(text.toStdString());
    QVERIFY(!description);
    const QByteArray message = QByteArray::fromStdString(description.error().message);
    QVERIFY2(message.contains(fault), message.constData());
    QCOMPARE(int(description.error().line), line);
}

QTEST_APPLESS_MAIN(tst_MalformedDescription)

#include "tst_malformeddescription.moc"
