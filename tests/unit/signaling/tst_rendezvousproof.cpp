// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "signaling/rendezvousproof.h"

#include <QtTest/qtest.h>

using namespace Qt::StringLiterals;
using namespace peer::rendezvous;
using peer::IdentityKey;

class tst_RendezvousProof : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void theTextHasChallengeHostAndPin();
    void theOwnerOfTheKeyIsProven();
    void aChangedProofProvesNothing_data();
    void aChangedProofProvesNothing();
    void pinsAreBase32();

private:
    const QByteArray m_challenge = QByteArray(32, '\x11');
    const IdentityKey m_key = IdentityKey::generate().value();
};

void tst_RendezvousProof::theTextHasChallengeHostAndPin()
{
    QCOMPARE(proofText(QByteArray(3, '\0'), u"rv.example:443"_s, u"-"_s),
             std::string("peer-rendezvous-1 AAAA rv.example:443 -"));
}

void tst_RendezvousProof::theOwnerOfTheKeyIsProven()
{
    const message::Identity proof = proveIdentity(m_key, m_challenge, u"rv.example:443"_s, u"-"_s);
    QCOMPARE(provenId(proof, m_challenge).toStdString(), m_key.id());
}

void tst_RendezvousProof::aChangedProofProvesNothing_data()
{
    QTest::addColumn<int>("change");
    QTest::newRow("another challenge") << 0;
    QTest::newRow("another host") << 1;
    QTest::newRow("another pin") << 2;
    QTest::newRow("another key") << 3;
    QTest::newRow("another signature") << 4;
    QTest::newRow("garbage for a key") << 5;
    QTest::newRow("no key") << 6;
}

void tst_RendezvousProof::aChangedProofProvesNothing()
{
    QFETCH(int, change);
    message::Identity proof = proveIdentity(m_key, m_challenge, u"rv.example:443"_s, u"-"_s);
    QByteArray challenge = m_challenge;
    if (change == 0)
        challenge[31] = '\x12';
    else if (change == 1)
        proof.host = u"rv.example:444"_s;
    else if (change == 2)
        proof.pin = QString(52, u'a');
    else if (change == 3)
        proof.key = proveIdentity(IdentityKey::generate().value(), m_challenge, {}, {}).key;
    else if (change == 4)
        proof.signature[10] = char(proof.signature[10] ^ 1);
    else if (change == 5)
        proof.key.fill('\x30');
    else
        proof.key.clear();
    QCOMPARE(provenId(proof, challenge), QString());
}

void tst_RendezvousProof::pinsAreBase32()
{
    QCOMPARE(pinText({}), u"-"_s);
    QCOMPARE(pinText(QByteArray(32, '\0')), QString(52, u'a'));
}

QTEST_APPLESS_MAIN(tst_RendezvousProof)

#include "tst_rendezvousproof.moc"
