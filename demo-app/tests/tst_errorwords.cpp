// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "errorwords.h"

#include <QtCore/qmetaobject.h>
#include <QtCore/qset.h>
#include <QtTest/qtest.h>

using namespace demo;
using namespace Qt::StringLiterals;

class ErrorWordsTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void everyErrorOfACallHasItsOwnWords() { check<PeerConnection::Error>(); }
    void everyErrorOfTheMediaHasItsOwnWords() { check<PeerMediaCall::Error>(); }

    void noTestPictureIsSaidToStandForAMicrophone()
    {
        // Of these it is not known which device it is.
        for (const auto error : {PeerMediaCall::Error::NotFound, PeerMediaCall::Error::NotAllowed,
                                 PeerMediaCall::Error::Busy, PeerMediaCall::Error::Lost,
                                 PeerMediaCall::Error::Unusable, PeerMediaCall::Error::Internal,
                                 PeerMediaCall::Error::NoMedia}) {
            const QString advice = wordsFor(error).advice;
            QVERIFY2(!advice.contains("test picture"_L1)
                         || advice.contains("the place of a camera or film"_L1),
                     qPrintable(advice));
        }
    }

private:
    template<typename Error>
    void check()
    {
        const QMetaEnum errors = QMetaEnum::fromType<Error>();
        QVERIFY(errors.keyCount() > 5);
        QSet<QString> titles;
        for (int i = 0; i < errors.keyCount(); ++i) {
            const ErrorWords words = wordsFor(static_cast<Error>(errors.value(i)));
            const bool isNone = errors.value(i) == 0;
            QVERIFY2(words.title.isEmpty() == isNone, errors.key(i));
            QVERIFY2(words.advice.isEmpty() == isNone, errors.key(i));
            QVERIFY2(isNone || words.advice.endsWith(u'.'), errors.key(i));
            QVERIFY2(!words.title.endsWith(u'.'), errors.key(i));
            titles.insert(words.title);
        }
        QCOMPARE(titles.size(), errors.keyCount());
    }
};

QTEST_APPLESS_MAIN(ErrorWordsTest)
#include "tst_errorwords.moc"
