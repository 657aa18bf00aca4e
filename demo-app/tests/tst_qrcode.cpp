// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "qrcode.h"

#include <QtTest/qtest.h>

using namespace demo;
using namespace Qt::StringLiterals;

class QrCodeTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void itsCornersAreWhatReadersLookFor()
    {
        const QrCode code = QrCode::of(u"peer://alice@192.0.2.1:44300"_s);
        QVERIFY(code.side >= 21);
        QCOMPARE((code.side - 21) % 4, 0); // ISO/IEC 18004: 21, 25, 29 … modules
        // Three finder patterns: a dark ring of 7, a light one, and a dark square of 3.
        const int far = code.side - 7;
        for (const auto &[left, top] : {std::pair{0, 0}, {far, 0}, {0, far}}) {
            for (int y = 0; y < 7; ++y) {
                for (int x = 0; x < 7; ++x) {
                    const int ring = std::max(std::abs(x - 3), std::abs(y - 3));
                    QCOMPARE(code.isDark(left + x, top + y), ring != 2);
                }
            }
        }
    }

    void theLongestAddressFits() { QVERIFY(QrCode::of(QString(512, u'a')).side > 0); }

    void whatDoesNotFitIsNoCode()
    {
        QCOMPARE(QrCode::of({}).side, 0);
        QCOMPARE(QrCode::of(QString(5000, u'a')).side, 0);
        QCOMPARE(QrCode::of(u"a"_s + QChar(0) + u"b"_s).side, 0);
    }

    void differentAddressesLookDifferent()
    {
        QVERIFY(QrCode::of(u"peer://alice@a.example"_s).dark
                != QrCode::of(u"peer://alicf@a.example"_s).dark);
    }
};

QTEST_APPLESS_MAIN(QrCodeTest)
#include "tst_qrcode.moc"
