// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "trackoptions.h"

#include "session/identityproof.h"
#include "session/negotiation.h"
#include "support/sessionpair/sessionpair.h"

#include <QtTest/qtest.h>

#include <algorithm>

using namespace Qt::StringLiterals;
using peer::IdentityKey;
using peer::Negotiation;
using peer::SessionConfig;
using peer::SessionError;

namespace {

peer::sdp::SessionDescription parsed(const std::string &sdp)
{
    const auto description = peer::sdp::SessionDescription::parse(sdp);
    return description ? *description : peer::sdp::SessionDescription();
}

/// A letter each.
std::vector<std::string> toMids(const QByteArray &letters)
{
    std::vector<std::string> mids;
    for (const char letter : letters)
        mids.emplace_back(1, letter);
    return mids;
}

/// A caller and a callee with an identity each, and the certificate of somebody in the middle.
struct Parties
{
    peer::test::SeedRandom random{1};
    IdentityKey callerKey = *IdentityKey::generate();
    IdentityKey calleeKey = *IdentityKey::generate();
    IdentityKey evilKey = *IdentityKey::generate();
    std::shared_ptr<const peer::dtls::Certificate> callerCertificate =
        peer::dtls::Certificate::generate(1'700'000'000);
    std::shared_ptr<const peer::dtls::Certificate> calleeCertificate =
        peer::dtls::Certificate::generate(1'700'000'000);
    std::shared_ptr<const peer::dtls::Certificate> evilCertificate =
        peer::dtls::Certificate::generate(1'700'000'000);

    SessionConfig caller() const
    {
        SessionConfig config;
        config.role = SessionConfig::Role::Caller;
        config.call = "0123456789012345678901";
        config.certificate = callerCertificate;
        config.identity = callerKey;
        config.expectedPeerIds = {calleeKey.id()};
        return config;
    }

    SessionConfig callee() const
    {
        SessionConfig config = caller();
        config.role = SessionConfig::Role::Callee;
        config.certificate = calleeCertificate;
        config.identity = calleeKey;
        config.expectedPeerIds = {};
        return config;
    }

    SessionConfig anonymous() const
    {
        SessionConfig config = caller();
        config.identity.reset();
        config.expectedPeerIds = {};
        return config;
    }

    SessionConfig answering(bool takesAudio) const
    {
        SessionConfig config = callee();
        config.peersTracks = {peer::test::videoOptions(400)};
        if (takesAudio)
            config.peersTracks.push_back(peer::test::audioOptions(300));
        return config;
    }

    /// Audio "a", video "v", and data "d", each with ICE credentials of its own.
    peer::sdp::SessionDescription offerOfManyTransports(const std::vector<std::string> &bundle)
    {
        Negotiation offerer(anonymous(), random);
        offerer.media().add(peer::test::audioOptions());
        offerer.media().add(peer::test::videoOptions());
        auto offer = parsed(offerer.offer(local()));
        std::rotate(offer.media.begin(), offer.media.begin() + 1, offer.media.end());
        const char *const mids[] = {"a", "v", "d"};
        for (std::size_t i = 0; i < offer.media.size(); ++i) {
            offer.media[i].mid = mids[i];
            offer.media[i].ice.usernameFragment = std::string("ufrag") + mids[i];
        }
        offer.bundle = bundle;
        return offer;
    }

    static peer::LocalDescription local()
    {
        peer::LocalDescription local;
        local.ice.usernameFragment = "abcd";
        local.ice.password = "0123456789012345678901";
        local.ice.renomination = true;
        local.ice.pacing = std::chrono::milliseconds(5);
        return local;
    }
};

/// As a session does with an offer that it is going to answer.
Negotiation::Reading takeOffer(Negotiation &reader, const std::string &sdp)
{
    auto reading = reader.readOffer(sdp);
    if (reading)
        reader.takeOffer(*reading);
    return reading;
}

std::string fingerprintLine(const peer::dtls::Certificate &certificate)
{
    QByteArray digest(reinterpret_cast<const char *>(certificate.digest().data()),
                      qsizetype(certificate.digest().size()));
    return "a=fingerprint:sha-256 " + digest.toHex(':').toUpper().toStdString() + "\r\n";
}

std::string replaced(std::string text, const std::string &from, const std::string &to)
{
    const auto at = text.find(from);
    return at == std::string::npos ? std::string() : text.replace(at, from.size(), to);
}

std::string withoutLine(const std::string &text, const std::string &start)
{
    const auto at = text.find(start);
    if (at == std::string::npos)
        return {};
    return text.substr(0, at) + text.substr(text.find("\r\n", at) + 2);
}

} // namespace

class tst_Negotiation : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void offerAndAnswerAgree();
    void calleeKnowsAVerifiedCaller();
    void callerWithoutExpectationIsNotVerified();
    void refusesWhatSomebodyInTheMiddleChanged_data();
    void refusesWhatSomebodyInTheMiddleChanged();
    void acceptsOnlyTheSignedFingerprint();
    void refusesAnAnswerOfAnotherCall();
    void refusesUnusableDescriptions_data();
    void refusesUnusableDescriptions();
    void candidatesStandInTheTaggedSectionAlone();
    void theTransportIsThatOfTheTaggedSection_data();
    void theTransportIsThatOfTheTaggedSection();
    void whatIsNotBundledIsRefused_data();
    void whatIsNotBundledIsRefused();
};

void tst_Negotiation::offerAndAnswerAgree()
{
    Parties parties;
    Negotiation caller(parties.caller(), parties.random);
    Negotiation callee(parties.callee(), parties.random);
    const auto offer = takeOffer(callee, caller.offer(Parties::local()));
    QVERIFY2(offer, offer ? "" : offer.error().text.c_str());
    QCOMPARE(offer->dtlsRole, peer::dtls::Role::Client);
    QCOMPARE(offer->ice.usernameFragment, std::string("abcd"));
    QVERIFY(offer->ice.renomination);
    QCOMPARE(offer->ice.pacing, std::chrono::milliseconds(5));
    QCOMPARE(offer->maxMessageSize, std::size_t(256 * 1024));

    const auto answer = caller.readAnswer(callee.answer(Parties::local()));
    QVERIFY2(answer, answer ? "" : answer.error().text.c_str());
    QCOMPARE(answer->dtlsRole, peer::dtls::Role::Server);
    QCOMPARE(answer->identity.id, parties.calleeKey.id());
    QVERIFY(answer->identity.isVerified);
}

void tst_Negotiation::calleeKnowsAVerifiedCaller()
{
    Parties parties;
    Negotiation caller(parties.caller(), parties.random);
    Negotiation callee(parties.callee(), parties.random);
    const auto offer = takeOffer(callee, caller.offer(Parties::local()));
    QVERIFY(offer);
    QCOMPARE(offer->identity.id, parties.callerKey.id());
    QVERIFY(offer->identity.isVerified);
}

void tst_Negotiation::callerWithoutExpectationIsNotVerified()
{
    Parties parties;
    SessionConfig config = parties.caller();
    config.expectedPeerIds.clear();
    Negotiation caller(config, parties.random);
    Negotiation callee(parties.callee(), parties.random);
    QVERIFY(takeOffer(callee, caller.offer(Parties::local())));
    const auto answer = caller.readAnswer(callee.answer(Parties::local()));
    QVERIFY(answer);
    QCOMPARE(answer->identity.id, parties.calleeKey.id());
    QVERIFY(!answer->identity.isVerified);
}

void tst_Negotiation::refusesWhatSomebodyInTheMiddleChanged_data()
{
    QTest::addColumn<QByteArray>("attack");
    QTest::addColumn<SessionError>("error");

    QTest::newRow("another fingerprint") << "fingerprint"_ba << SessionError::IdentityMismatch;
    QTest::newRow("identity removed") << "strip"_ba << SessionError::IdentityMissing;
    QTest::newRow("signed by another key") << "resign"_ba << SessionError::IdentityMismatch;
    QTest::newRow("identity removed from the offer")
        << "strip offer"_ba << SessionError::IdentityMismatch;
    QTest::newRow("the offer's own proof as answer")
        << "reflect"_ba << SessionError::IdentityMismatch;
}

void tst_Negotiation::refusesWhatSomebodyInTheMiddleChanged()
{
    QFETCH(QByteArray, attack);
    QFETCH(SessionError, error);
    Parties parties;
    Negotiation caller(parties.caller(), parties.random);
    Negotiation callee(parties.callee(), parties.random);
    std::string offer = caller.offer(Parties::local());
    if (attack == "strip offer")
        offer = withoutLine(offer, "a=peer-identity:");
    QVERIFY(takeOffer(callee, offer));
    std::string answer = callee.answer(Parties::local());

    if (attack == "fingerprint") {
        answer = replaced(answer, fingerprintLine(*parties.calleeCertificate),
                          fingerprintLine(*parties.evilCertificate));
    } else if (attack == "strip") {
        answer = withoutLine(answer, "a=peer-identity:");
    } else if (attack == "resign") {
        SessionConfig evil = parties.callee();
        evil.identity = parties.evilKey;
        evil.certificate = parties.evilCertificate;
        Negotiation middle(evil, parties.random);
        QVERIFY(takeOffer(middle, withoutLine(offer, "a=peer-identity:")));
        answer = middle.answer(Parties::local());
    } else if (attack == "reflect") {
        answer = replaced(offer, "a=setup:actpass", "a=setup:active");
    }
    QVERIFY(!answer.empty());
    const auto read = caller.readAnswer(answer);
    QVERIFY(!read);
    QCOMPARE(read.error().error, error);
    QVERIFY(!read.error().text.empty());
}

void tst_Negotiation::acceptsOnlyTheSignedFingerprint()
{
    Parties parties;
    Negotiation caller(parties.caller(), parties.random);
    Negotiation callee(parties.callee(), parties.random);
    QVERIFY(takeOffer(callee, caller.offer(Parties::local())));
    const std::string own = fingerprintLine(*parties.calleeCertificate);
    const std::string added = fingerprintLine(*parties.evilCertificate);
    const auto read = caller.readAnswer(
        replaced(callee.answer(Parties::local()), own, own + added));
    QVERIFY(read);
    QCOMPARE(read->fingerprints.size(), std::size_t(1));
    QCOMPARE(read->fingerprints[0].digest, parties.calleeCertificate->digest());
}

void tst_Negotiation::refusesAnAnswerOfAnotherCall()
{
    Parties parties;
    Negotiation caller(parties.caller(), parties.random);
    SessionConfig otherCall = parties.callee();
    otherCall.call = "another call of theirs";
    Negotiation callee(otherCall, parties.random);
    SessionConfig otherCaller = parties.caller();
    otherCaller.call = otherCall.call;
    QVERIFY(takeOffer(callee, Negotiation(otherCaller, parties.random).offer(Parties::local())));
    const auto read = caller.readAnswer(callee.answer(Parties::local()));
    QVERIFY(!read);
    QCOMPARE(read.error().error, SessionError::IdentityMismatch);
}

void tst_Negotiation::refusesUnusableDescriptions_data()
{
    QTest::addColumn<QByteArray>("from");
    QTest::addColumn<QByteArray>("to");

    QTest::newRow("no version line") << "v=0\r\n"_ba
                                     << ""_ba;
    QTest::newRow("data section refused") << "m=application 9"_ba
                                          << "m=application 0"_ba;
    QTest::newRow("ufrag too short") << "a=ice-ufrag:abcd"_ba
                                     << "a=ice-ufrag:abc"_ba;
    QTest::newRow("password too short") << "a=ice-pwd:0123456789012345678901"_ba
                                        << "a=ice-pwd:012345678901234567890"_ba;
    QTest::newRow("hold") << "a=setup:actpass"_ba
                          << "a=setup:holdconn"_ba;
    QTest::newRow("no fingerprint") << "a=fingerprint:"_ba
                                    << "a=x-fingerprint:"_ba;
}

void tst_Negotiation::refusesUnusableDescriptions()
{
    QFETCH(QByteArray, from);
    QFETCH(QByteArray, to);
    Parties parties;
    SessionConfig anonymous = parties.caller();
    anonymous.identity.reset();
    const std::string offer = Negotiation(anonymous, parties.random).offer(Parties::local());
    const std::string changed = replaced(offer, from.toStdString(), to.toStdString());
    QVERIFY(!changed.empty());
    Negotiation callee(parties.callee(), parties.random);
    QVERIFY(takeOffer(callee, offer));
    const auto read = Negotiation(parties.callee(), parties.random).readOffer(changed);
    QVERIFY(!read);
    QCOMPARE(read.error().error, SessionError::BadDescription);
    QVERIFY(!read.error().text.empty());
}

void tst_Negotiation::candidatesStandInTheTaggedSectionAlone()
{
    Parties parties;
    Negotiation caller(parties.anonymous(), parties.random);
    caller.media().add(peer::test::audioOptions());
    peer::LocalDescription local = Parties::local();
    local.endOfCandidates = true;
    const auto offer = parsed(caller.offer(local));
    QCOMPARE(offer.media.size(), 2U);
    QVERIFY(offer.media[0].endOfCandidates);
    QVERIFY(!offer.media[1].endOfCandidates);
    QCOMPARE(caller.mid(), offer.media[0].mid);
}

void tst_Negotiation::theTransportIsThatOfTheTaggedSection_data()
{
    QTest::addColumn<QByteArray>("bundle"); // as offered
    QTest::addColumn<bool>("takesAudio");
    QTest::addColumn<QByteArray>("answered");
    QTest::newRow("the first") << "avd"_ba << true << "avd"_ba;
    QTest::newRow("data first") << "dav"_ba << true << "dav"_ba;
    QTest::newRow("the next, where the first is refused") << "avd"_ba << false << "vd"_ba;
}

/// A peer that does not know yet whether we bundle has a transport for each of its sections.
void tst_Negotiation::theTransportIsThatOfTheTaggedSection()
{
    QFETCH(QByteArray, bundle);
    QFETCH(bool, takesAudio);
    QFETCH(QByteArray, answered);
    Parties parties;
    const auto offered = parties.offerOfManyTransports(toMids(bundle));
    Negotiation callee(parties.answering(takesAudio), parties.random);
    auto reading = takeOffer(callee, offered.toString());
    QVERIFY2(reading, reading ? "" : reading.error().text.c_str());
    const auto answer = parsed(callee.answer(Parties::local()));
    callee.settleTransport(*reading);
    const std::string tagged = toMids(answered).front();
    QCOMPARE(reading->mid, tagged);
    QCOMPARE(reading->ice.usernameFragment, "ufrag" + tagged);
    QCOMPARE(answer.bundle, toMids(answered));
    QCOMPARE(callee.mid(), tagged);
}

void tst_Negotiation::whatIsNotBundledIsRefused_data()
{
    QTest::addColumn<QByteArray>("bundle");
    QTest::addColumn<QList<bool>>("isTaken"); // audio, video, data
    QTest::newRow("video apart") << "ad"_ba << QList<bool>{true, false, true};
    QTest::newRow("data apart") << "av"_ba << QList<bool>{false, false, true};
    QTest::newRow("no bundle") << ""_ba << QList<bool>{false, false, true};
}

void tst_Negotiation::whatIsNotBundledIsRefused()
{
    QFETCH(QByteArray, bundle);
    QFETCH(QList<bool>, isTaken);
    Parties parties;
    const auto offered = parties.offerOfManyTransports(toMids(bundle));
    Negotiation callee(parties.answering(true), parties.random);
    const auto reading = takeOffer(callee, offered.toString());
    QVERIFY2(reading, reading ? "" : reading.error().text.c_str());
    QCOMPARE(reading->mid, std::string(isTaken[0] ? "a" : "d"));
    const auto answer = parsed(callee.answer(Parties::local()));
    for (qsizetype i = 0; i < isTaken.size(); ++i)
        QCOMPARE(answer.media[std::size_t(i)].isRejected(), !isTaken[i]);
}

QTEST_APPLESS_MAIN(tst_Negotiation)

#include "tst_negotiation.moc"
