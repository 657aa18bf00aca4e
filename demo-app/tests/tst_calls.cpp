// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "errorwords.h"
#include "fileoffer.h"
#include "filethread.h"
#include "filetransfer.h"
#include "incomingfile.h"
#include "phones.h"
#include "support/ports/quietport.h"

#include <PeerConnection/PeerChannel>

#include <QtCore/qdir.h>
#include <QtCore/qfile.h>
#include <QtCore/qscopeguard.h>
#include <QtCore/qsemaphore.h>
#include <QtCore/qsettings.h>
#include <QtCore/qstorageinfo.h>
#include <QtCore/qthread.h>
#include <QtNetwork/qsslsocket.h>
#include <QtNetwork/qtcpserver.h>
#include <QtTest/qsignalspy.h>
#include <QtTest/qtest.h>

using namespace demo;
using namespace Qt::StringLiterals;

namespace {

QString textAt(const Conversation &conversation, int row)
{
    return conversation.data(conversation.index(row), Conversation::TextRole).toString();
}

FileTransfer *transferAt(const Conversation &conversation, int row)
{
    return conversation.data(conversation.index(row), Conversation::TransferRole)
        .value<FileTransfer *>();
}

QByteArray contentOf(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray("unreadable");
}

/// Some octets that are not all the same.
QByteArray octets(qsizetype size)
{
    QByteArray result(size, Qt::Uninitialized);
    quint32 state = 1;
    for (char &octet : result) {
        state = state * 1664525 + 1013904223;
        octet = char(state >> 24);
    }
    return result;
}

} // namespace

class CallsTest : public QObject
{
    Q_OBJECT

private:
    std::unique_ptr<Phones> m_phones;
    Phone &alice() { return *m_phones->alice; }
    Phone &bob() { return *m_phones->bob; }

    QUrl makeFile(const QString &name, const QByteArray &content)
    {
        const QString path = m_phones->folder.filePath(name);
        QFile file(path);
        if (file.open(QIODevice::WriteOnly))
            file.write(content);
        return QUrl::fromLocalFile(path);
    }

    /// Both ends, Alice's and Bob's, of a channel that Alice's conversation does not know.
    std::pair<PeerChannel *, PeerChannel *> openFileChannel()
    {
        PeerChannel::Options options;
        options.protocol = QLatin1StringView(Conversation::FileProtocol);
        PeerChannel *hers = alice().call()->connection()->openChannel(u"file"_s, options);
        PeerChannel *his = nullptr;
        const auto isThere = [&] {
            for (PeerChannel *channel : bob().call()->connection()->channels()) {
                if (channel->label() == u"file"_s)
                    his = channel;
            }
            return his != nullptr;
        };
        return {hers, QTest::qWaitFor(isThere) ? his : nullptr};
    }

private Q_SLOTS:
    void init()
    {
        m_phones = std::make_unique<Phones>();
        QVERIFY(m_phones->start());
    }
    void cleanup() { m_phones.reset(); }

    void anAddressOfOurOwnSurvivesTheProgram()
    {
        const QString address = alice().own()->address();
        QVERIFY(address.contains(alice().own()->identityId()));
        m_phones->alice = std::make_unique<Phone>(m_phones->optionsOf(u"alice"_s));
        alice().start();
        QTRY_COMPARE(alice().own()->address(), address);
    }

    void withoutARendezvousTheProgramIsOneItself()
    {
        CommandLine options = m_phones->optionsOf(u"carol"_s);
        options.rendezvous.clear();
        QSettings(options.data + u"/settings.ini"_s, QSettings::IniFormat)
            .setValue(u"port"_s, peer::test::quietPort());
        QString address;
        {
            Phone carol(options);
            carol.start();
            QTRY_COMPARE(carol.own()->state(), OwnAddress::State::Ready);
            address = carol.own()->address();
            QVERIFY(address.contains(u"tls="_s)); // pinned
            QVERIFY(bob().dial(address));
            QTRY_VERIFY(carol.call());
            carol.call()->decline();
            QTRY_VERIFY(!bob().call());
        }
        {
            // Another program has the port for once.
            QTcpServer other;
            QVERIFY(other.listen(QHostAddress::Any, PeerAddress::fromString(address).port()));
            Phone elsewhere(options);
            elsewhere.start();
            QTRY_COMPARE(elsewhere.own()->state(), OwnAddress::State::Ready);
            QVERIFY(elsewhere.own()->address() != address);
        }
        Phone again(options);
        again.start();
        QTRY_COMPARE(again.own()->address(), address);
    }

    void anotherNameIsAnotherAddress()
    {
        alice().own()->setName(u"  Alice Müller! "_s);
        QCOMPARE(alice().own()->name(), u"Alice-Muller"_s);
        QTRY_VERIFY(alice().own()->address().contains(u"Alice-Muller@"_s));
        alice().own()->setName(u"!!!"_s);
        QCOMPARE(alice().own()->name(), u"Alice-Muller"_s);
    }

    void whatIsNoAddressIsToldInWords()
    {
        QVERIFY(!bob().dial(u"https://alice.example"_s));
        QCOMPARE(bob().troubleTitle(), wordsFor(PeerConnection::Error::BadAddress).title);
        QVERIFY(!bob().troubleDetail().isEmpty());
        QVERIFY(!bob().call());
    }

    void somebodyWhoIsNotThereIsToldInWords()
    {
        QString address = alice().own()->address();
        m_phones->alice.reset();
        QVERIFY(bob().dial(u" %1\n"_s.arg(address))); // as it is pasted
        QTRY_VERIFY(!bob().call());
        QCOMPARE(bob().troubleTitle(), wordsFor(PeerConnection::Error::PeerOffline).title);
    }

    void itRingsWithTheNameAndProvenIdentityAndNothingIsOpened()
    {
        QVERIFY(m_phones->ring());
        CallSession &call = *alice().call();
        QVERIFY(call.isIncoming());
        QCOMPARE(call.peerName(), u"bob"_s);
        QVERIFY(call.isPeerVerified());
        QVERIFY(!call.peerIdentity().isEmpty());
        QVERIFY(bob().own()->identityId().startsWith(call.peerIdentity().remove(u' ')));
        QVERIFY(!call.media()->connection()); // no tracks, hence no devices
        QVERIFY(!bob().call()->media()->isActive());
    }

    void aDeclinedCallIsToldInWords()
    {
        QVERIFY(m_phones->ring());
        alice().call()->decline();
        QTRY_VERIFY(!bob().call() && !alice().call());
        QCOMPARE(bob().troubleTitle(), wordsFor(PeerConnection::Error::PeerRejected).title);
    }

    void aCallerWhoHangsUpStopsTheRinging()
    {
        QVERIFY(m_phones->ring());
        bob().call()->hangUp();
        QTRY_VERIFY(!bob().call() && !alice().call());
        QCOMPARE(alice().troubleTitle(), wordsFor(PeerConnection::Error::Cancelled).title);
        QVERIFY(bob().troubleTitle().isEmpty());
    }

    void whoIsInACallIsBusy()
    {
        QVERIFY(m_phones->ring());
        Phone carol(m_phones->optionsOf(u"carol"_s));
        carol.start();
        QTRY_COMPARE(carol.own()->state(), OwnAddress::State::Ready);
        QVERIFY(carol.dial(alice().own()->address()));
        QTRY_VERIFY(!carol.call());
        QCOMPARE(carol.troubleTitle(), wordsFor(PeerConnection::Error::PeerBusy).title);
        QVERIFY(alice().call());
    }

    void itRingsUntilSomebodyAnswers()
    {
        QSignalSpy ringing(&alice(), &Phone::ringingChanged);
        QVERIFY(!alice().isRinging());
        QVERIFY(m_phones->ring());
        QVERIFY(alice().isRinging());
        QVERIFY(!bob().isRinging());
        alice().call()->accept();
        QTRY_VERIFY(!alice().isRinging());
        QCOMPARE(ringing.size(), 2);
        QTRY_COMPARE(bob().call()->phase(), CallSession::Phase::Talking);
        bob().call()->hangUp();
        QTRY_VERIFY(!alice().call());
        QCOMPARE(ringing.size(), 2);
        QVERIFY(m_phones->ring());
        QVERIFY(alice().isRinging());
        bob().call()->hangUp();
        QTRY_VERIFY(!alice().isRinging());
    }

    void whoAnswersAllCallsHearsNoRinging()
    {
        CommandLine options = m_phones->optionsOf(u"carol"_s);
        options.answers = true;
        Phone carol(options);
        QSignalSpy ringing(&carol, &Phone::ringingChanged);
        carol.start();
        QTRY_COMPARE(carol.own()->state(), OwnAddress::State::Ready);
        QVERIFY(bob().dial(carol.own()->address()));
        QTRY_VERIFY(carol.call() && carol.call()->phase() == CallSession::Phase::Talking);
        QCOMPARE(ringing.size(), 0);
    }

    void whatIsWantedIsToldWhileItRings_data()
    {
        QTest::addColumn<QList<PeerTrack::Kind>>("kinds");
        QTest::addColumn<QString>("words");
        QTest::newRow("sound and picture")
            << QList{PeerTrack::Kind::Audio, PeerTrack::Kind::Video} << u"Video call"_s;
        QTest::newRow("sound") << QList{PeerTrack::Kind::Audio} << u"Voice call"_s;
        QTest::newRow("neither") << QList<PeerTrack::Kind>() << u"Call without sound or picture"_s;
    }
    void whatIsWantedIsToldWhileItRings()
    {
        QFETCH(const QList<PeerTrack::Kind>, kinds);
        QFETCH(const QString, words);
        PeerConnection caller;
        for (const PeerTrack::Kind kind : kinds)
            caller.addTrack(kind);
        caller.setDestination(QUrl(alice().own()->address()));
        caller.open();
        QTRY_VERIFY(alice().call());
        QCOMPARE(alice().call()->kindWords(), words);
    }

    void whoCallEachOtherHaveOneCall_data()
    {
        QTest::addColumn<bool>("isById");
        QTest::newRow("by identity") << true;
        QTest::newRow("by name alone") << false;
    }
    void whoCallEachOtherHaveOneCall()
    {
        QFETCH(const bool, isById);
        const auto addressOf = [isById](Phone &phone) {
            PeerAddress address = PeerAddress::fromString(phone.own()->address());
            if (!isById)
                address.setIds({});
            return address.toString();
        };
        QSignalSpy troubles(&alice(), &Phone::troubleChanged);
        QVERIFY(alice().dial(addressOf(bob())));
        QVERIFY(bob().dial(addressOf(alice())));
        const auto talks = [](Phone &phone) {
            return phone.call() && phone.call()->phase() == CallSession::Phase::Talking
                && phone.call()->conversation()->isOpen();
        };
        QTRY_VERIFY_WITH_TIMEOUT(talks(alice()) && talks(bob()), 20'000);
        const bool isAlicesCall = alice().own()->identityId() < bob().own()->identityId();
        QCOMPARE(alice().call()->isIncoming(), !isAlicesCall);
        QCOMPARE(bob().call()->isIncoming(), isAlicesCall);
        QVERIFY(alice().call()->conversation()->say(u"at last"_s));
        QTRY_COMPARE(bob().call()->conversation()->rowCount(), 1);
        QVERIFY(alice().troubleTitle().isEmpty() && bob().troubleTitle().isEmpty());
        alice().call()->hangUp();
        QTRY_VERIFY(!alice().call() && !bob().call());
        QVERIFY(alice().troubleTitle().isEmpty() && bob().troubleTitle().isEmpty());
        // Nothing is left that would ring now.
        QVERIFY(m_phones->ring());
    }

    void whoseOwnCallDoesNotArriveAnswersTheOthers()
    {
        const bool isAliceLower = alice().own()->identityId() < bob().own()->identityId();
        Phone &lower = isAliceLower ? alice() : bob();
        Phone &higher = isAliceLower ? bob() : alice();
        // A meeting point that says nothing.
        auto silent = std::make_unique<QTcpServer>();
        QVERIFY(silent->listen(QHostAddress::LocalHost, peer::test::quietPort()));
        PeerAddress nowhere = PeerAddress::fromString(higher.own()->address());
        QVERIFY(nowhere.setPort(silent->serverPort()));
        QVERIFY(lower.dial(nowhere.toString()));
        QVERIFY(higher.dial(lower.own()->address()));
        QTRY_COMPARE(higher.call()->phase(), CallSession::Phase::Ringing);
        QVERIFY(!lower.call()->isIncoming() && !lower.isRinging());
        silent.reset();
        const auto talks = [](Phone &phone) {
            return phone.call() && phone.call()->phase() == CallSession::Phase::Talking;
        };
        QTRY_VERIFY_WITH_TIMEOUT(talks(lower) && talks(higher), 30'000);
        QVERIFY(lower.call()->isIncoming() && !higher.call()->isIncoming());
        QVERIFY(lower.troubleTitle().isEmpty());
    }

    void theServerOfOurOwnDoesNotWaitForTheWindow()
    {
        CommandLine options = m_phones->optionsOf(u"carol"_s);
        options.rendezvous.clear();
        Phone carol(options);
        carol.start();
        QTRY_COMPARE(carol.own()->state(), OwnAddress::State::Ready);
        const quint16 port = PeerAddress::fromString(carol.own()->address()).port();
        bool isAnswered = false;
        const std::unique_ptr<QThread> caller(QThread::create([&isAnswered, port] {
            QSslSocket socket;
            socket.setPeerVerifyMode(QSslSocket::VerifyNone);
            socket.connectToHostEncrypted(u"127.0.0.1"_s, port);
            isAnswered = socket.waitForEncrypted(20'000);
        }));
        caller->start();
        caller->wait(); // and no event of this thread is handled
        QVERIFY(isAnswered);
    }

    void afterACallBothKnowEachOther()
    {
        QVERIFY(m_phones->talk());
        QTRY_COMPARE(alice().people()->count(), 1);
        QCOMPARE(bob().people()->count(), 1);
        bob().call()->hangUp();
        QTRY_VERIFY(!bob().call() && !alice().call());
        QVERIFY(alice().troubleTitle().isEmpty());
        // Alice can call back.
        const auto index = alice().people()->index(0);
        QVERIFY(alice().dial(alice().people()->data(index, RecentPeople::AddressRole).toString()));
        QTRY_VERIFY(bob().call());
    }

    void anAddressOfSomebodyElseIsNotTakenForTheCallers_data()
    {
        QTest::addColumn<bool>("isAlsoHis");
        QTest::newRow("somebody else's alone") << false;
        QTest::newRow("the caller's and somebody else's") << true;
    }
    void anAddressOfSomebodyElseIsNotTakenForTheCallers()
    {
        QFETCH(const bool, isAlsoHis);
        QVERIFY(m_phones->ring());
        PeerAddress address = PeerAddress::fromString(alice().own()->address());
        if (isAlsoHis)
            QVERIFY(address.setIds(address.ids() << bob().own()->identityId()));
        bob().call()->conversation()->setOwnAddress(address.toString());
        alice().call()->accept();
        QTRY_VERIFY(alice().call()->conversation()->isOpen());
        QTRY_VERIFY(bob().call()->conversation()->isOpen());
        QVERIFY(bob().call()->conversation()->say(u"after it"_s));
        QTRY_COMPARE(alice().call()->conversation()->rowCount(), 1);
        QCOMPARE(alice().people()->count(), 0);
    }

    void aCallerHasOneAddressACall()
    {
        QVERIFY(m_phones->talk());
        QTRY_COMPARE(alice().people()->count(), 1);
        PeerAddress address = PeerAddress::fromString(bob().own()->address());
        QVERIFY(address.setName(u"robert"_s));
        bob().call()->conversation()->setOwnAddress(address.toString());
        QVERIFY(bob().call()->conversation()->say(u"after it"_s));
        QTRY_COMPARE(alice().call()->conversation()->rowCount(), 1);
        const auto index = alice().people()->index(0);
        QCOMPARE(alice().people()->data(index, RecentPeople::NameRole).toString(), u"bob"_s);
    }

    void whatIsSaidArrives()
    {
        QVERIFY(m_phones->talk());
        Conversation &hers = *alice().call()->conversation();
        Conversation &his = *bob().call()->conversation();
        QVERIFY(his.say(u"  <b>hello</b> \"you\" \U0001F600 "_s));
        QTRY_COMPARE(hers.rowCount(), 1);
        QCOMPARE(textAt(hers, 0), u"<b>hello</b> \"you\" \U0001F600"_s);
        QCOMPARE(hers.unread(), 1);
        hers.setWatched(true);
        QCOMPARE(hers.unread(), 0);
        QVERIFY(hers.say(QString(Conversation::MaxText, u'ä')));
        QTRY_COMPARE(his.rowCount(), 2);
        QVERIFY(!hers.say(QString(Conversation::MaxText + 1, u'a')));
        QVERIFY(!hers.say(u" \n"_s));
        QCOMPARE(hers.rowCount(), 2);
    }

    void whoHasMeasuredTheCallSaysSo()
    {
        QVERIFY(m_phones->talk());
        QSignalSpy measured(alice().call()->conversation(), &Conversation::peerMeasured);
        bob().call()->conversation()->sayMeasured();
        QTRY_COMPARE(measured.size(), 1);
        QCOMPARE(alice().call()->conversation()->rowCount(), 0);
    }

    void aFileArrivesWholeAndNothingIsOverwritten_data()
    {
        QTest::addColumn<qsizetype>("size");
        QTest::newRow("an empty file") << qsizetype(0);
        QTest::newRow("one octet") << qsizetype(1);
        QTest::newRow("a piece") << qsizetype(FileOffer::ChunkSize);
        QTest::newRow("more than all buffers hold") << qsizetype(20 << 20) + 1;
    }
    void aFileArrivesWholeAndNothingIsOverwritten()
    {
        QFETCH(const qsizetype, size);
        const QByteArray content = octets(size);
        const QUrl file = makeFile(u"a picture.tar.gz"_s, content);
        QVERIFY(m_phones->talk());
        Conversation &hers = *alice().call()->conversation();
        Conversation &his = *bob().call()->conversation();
        his.send({file, file});
        QTRY_COMPARE(hers.rowCount(), 2);
        for (int row = 0; row < 2; ++row) {
            QTRY_COMPARE_WITH_TIMEOUT(transferAt(hers, row)->state(), FileTransfer::State::Done,
                                      60'000);
            QTRY_COMPARE(transferAt(his, row)->state(), FileTransfer::State::Done);
            QCOMPARE(transferAt(his, row)->done(), size);
            QVERIFY(contentOf(transferAt(hers, row)->path()) == content);
        }
        QStringList names = QDir(m_phones->optionsOf(u"alice"_s).downloads)
                                .entryList(QDir::AllEntries | QDir::Hidden | QDir::NoDotAndDotDot);
        names.sort();
        QCOMPARE(names, (QStringList{u"a picture (1).tar.gz"_s, u"a picture.tar.gz"_s}));
    }

    void aCancelledFileLeavesNothing_data()
    {
        QTest::addColumn<bool>("bySender");
        QTest::newRow("by the sender") << true;
        QTest::newRow("by the receiver") << false;
    }
    void aCancelledFileLeavesNothing()
    {
        QFETCH(const bool, bySender);
        const QUrl file = makeFile(u"large"_s, octets(50 << 20));
        QVERIFY(m_phones->talk());
        Conversation &hers = *alice().call()->conversation();
        Conversation &his = *bob().call()->conversation();
        his.send({file});
        QTRY_COMPARE(hers.rowCount(), 1);
        QTRY_VERIFY(transferAt(hers, 0)->done() > 0);
        transferAt(bySender ? his : hers, 0)->cancel();
        QTRY_COMPARE(transferAt(hers, 0)->state(), FileTransfer::State::Cancelled);
        QTRY_COMPARE(transferAt(his, 0)->state(), FileTransfer::State::Cancelled);
        QTRY_VERIFY(QDir(m_phones->optionsOf(u"alice"_s).downloads)
                        .entryList(QDir::AllEntries | QDir::Hidden | QDir::NoDotAndDotDot)
                        .isEmpty());
        QVERIFY(his.say(u"the call goes on"_s));
        QTRY_COMPARE(hers.rowCount(), 2);
    }

    void whatTheEndOfTheCallHasCutOffIsNamed_data()
    {
        QTest::addColumn<bool>("bySender");
        QTest::newRow("by the sender") << true;
        QTest::newRow("by the receiver") << false;
    }
    void whatTheEndOfTheCallHasCutOffIsNamed()
    {
        QFETCH(const bool, bySender);
        const QUrl large = makeFile(u"large film"_s, octets(50 << 20));
        const QUrl unwanted = makeFile(u"unwanted"_s, octets(50 << 20));
        const QUrl small = makeFile(u"small"_s, octets(10));
        QVERIFY(m_phones->talk());
        Conversation &hers = *alice().call()->conversation();
        Conversation &his = *bob().call()->conversation();
        his.send({large, unwanted, small});
        QTRY_COMPARE(hers.rowCount(), 3);
        QTRY_VERIFY(transferAt(hers, 0)->done() > 0);
        transferAt(hers, 1)->cancel();
        QTRY_COMPARE(transferAt(his, 1)->state(), FileTransfer::State::Cancelled);
        QTRY_COMPARE(transferAt(his, 2)->state(), FileTransfer::State::Done);
        QVERIFY(transferAt(his, 0)->isRunning());
        (bySender ? bob() : alice()).call()->hangUp();
        QTRY_VERIFY(!bob().call() && !alice().call());
        for (const Phone *phone : {m_phones->alice.get(), m_phones->bob.get()}) {
            QVERIFY(!phone->troubleTitle().isEmpty());
            QVERIFY2(phone->troubleAdvice().contains(u"large film"_s),
                     qPrintable(phone->troubleAdvice()));
            QVERIFY2(!phone->troubleAdvice().contains(u"unwanted"_s),
                     qPrintable(phone->troubleAdvice()));
            QVERIFY(!phone->troubleAdvice().contains(u"small"_s));
        }
    }

    void whatCannotBeSentIsToldInWords_data()
    {
        QTest::addColumn<QString>("path");
        QTest::newRow("a folder") << u"/"_s;
        QTest::newRow("a device") << u"/dev/zero"_s;
        QTest::newRow("nothing") << u"/nothing/of/that/name"_s;
    }
    void whatCannotBeSentIsToldInWords()
    {
        QFETCH(const QString, path);
        QVERIFY(m_phones->talk());
        Conversation &his = *bob().call()->conversation();
        his.send({QUrl::fromLocalFile(path)});
        QTRY_COMPARE(transferAt(his, 0)->state(), FileTransfer::State::Failed);
        QVERIFY(!transferAt(his, 0)->words().isEmpty());
    }

    void onlySoManyFilesGoAtOnce()
    {
        const QUrl file = makeFile(u"some"_s, octets(1000));
        QVERIFY(m_phones->talk());
        Conversation &his = *bob().call()->conversation();
        his.send(QList<QUrl>(Conversation::MaxFiles + 3, file));
        QCOMPARE(his.rowCount(), Conversation::MaxFiles + 1);
        QVERIFY(!transferAt(his, Conversation::MaxFiles));
        QVERIFY(!textAt(his, Conversation::MaxFiles).isEmpty());
    }

    void aStrangersFileChannelIsNotTrusted_data()
    {
        QTest::addColumn<QString>("offer");
        QTest::addColumn<QByteArray>("content");
        QTest::newRow("no offer") << u"hello"_s << QByteArray();
        QTest::newRow("more than offered")
            << u"{\"name\":\"x\",\"size\":3}"_s << QByteArray("1234");
        QTest::newRow("nothing but content") << QString() << QByteArray("1234");
    }
    void aStrangersFileChannelIsNotTrusted()
    {
        QFETCH(const QString, offer);
        QFETCH(const QByteArray, content);
        QVERIFY(m_phones->talk());
        PeerChannel::Options options;
        options.protocol = QLatin1StringView(Conversation::FileProtocol);
        PeerChannel *channel = bob().call()->connection()->openChannel(u"file"_s, options);
        QSignalSpy closed(channel, &PeerChannel::closed);
        if (!offer.isEmpty())
            channel->sendText(offer);
        if (!content.isEmpty())
            channel->sendMessage(content);
        QTRY_COMPARE(closed.size(), 1);
        QCOMPARE(transferAt(*alice().call()->conversation(), 0)->state(),
                 FileTransfer::State::Failed);
        QVERIFY(QDir(m_phones->optionsOf(u"alice"_s).downloads)
                    .entryList(QDir::Files | QDir::NoDotAndDotDot)
                    .isEmpty());
    }

    void whatIsShownAsNotStoredIsNotStored_data()
    {
        QTest::addColumn<int>("size");
        QTest::addColumn<QByteArrayList>("pieces");
        QTest::addColumn<FileTransfer::State>("state");
        QTest::newRow("an octet after the last")
            << 3 << QByteArrayList{"123", "4"} << FileTransfer::State::Failed;
        QTest::newRow("an octet of an empty file")
            << 0 << QByteArrayList{"1"} << FileTransfer::State::Failed;
        QTest::newRow("cancelled when whole")
            << 3 << QByteArrayList{"123"} << FileTransfer::State::Cancelled;
    }
    void whatIsShownAsNotStoredIsNotStored()
    {
        QFETCH(const int, size);
        QFETCH(const QByteArrayList, pieces);
        QFETCH(const FileTransfer::State, state);
        QVERIFY(m_phones->talk());
        const QTemporaryDir downloads;
        {
            // The disk is slower than whatever comes.
            QSemaphore disk;
            FileThread thread;
            const auto goOn = qScopeGuard([&disk] { disk.release(); });
            thread.run([&disk] { disk.acquire(); });
            const auto [hers, his] = openFileChannel();
            QVERIFY(his);
            IncomingFile file(hers, downloads.path(), thread);
            QSignalSpy received(hers, &PeerChannel::messageReceived);
            his->sendText(FileOffer{u"x"_s, size}.write());
            for (const QByteArray &piece : pieces)
                his->sendMessage(piece);
            QTRY_COMPARE(received.size(), pieces.size());
            if (state == FileTransfer::State::Cancelled)
                file.cancel();
            QCOMPARE(file.state(), state);
        }
        QCOMPARE(QDir(downloads.path())
                     .entryList(QDir::AllEntries | QDir::Hidden | QDir::NoDotAndDotDot),
                 QStringList());
    }

    void manySmallPiecesMakeThePeerWaitToo()
    {
        QVERIFY(m_phones->talk());
        const QTemporaryDir downloads;
        QSemaphore disk;
        FileThread thread;
        const auto goOn = qScopeGuard([&disk] { disk.release(); });
        thread.run([&disk] { disk.acquire(); });
        const auto [hers, his] = openFileChannel();
        QVERIFY(his);
        const IncomingFile file(hers, downloads.path(), thread);
        constexpr int Pieces = 2000;
        his->sendText(FileOffer{u"x"_s, Pieces}.write());
        for (int i = 0; i < Pieces; ++i)
            his->sendMessage("1");
        QTRY_VERIFY(hers->isReceivingPaused());
        disk.release();
        QTRY_COMPARE(file.state(), FileTransfer::State::Done);
        QCOMPARE(contentOf(file.path()).size(), Pieces);
    }

    void theRoomOnTheDiskIsPromisedOnce()
    {
        QVERIFY(m_phones->talk());
        const qint64 room = QStorageInfo(m_phones->folder.path()).bytesAvailable();
        if (room <= 0)
            QSKIP("the system does not tell how much room there is");
        const qint64 size = std::min<qint64>(FileOffer::MaxSize, room * 2 / 3);
        const int files = int(room / size) + 1;
        if (files > Conversation::MaxFiles)
            QSKIP("there is room for more files of the greatest size than come at once");
        QList<PeerChannel *> channels;
        PeerChannel::Options options;
        options.protocol = QLatin1StringView(Conversation::FileProtocol);
        for (int i = 0; i < files; ++i) {
            channels += bob().call()->connection()->openChannel(u"file"_s, options);
            channels.last()->sendText(FileOffer{u"x"_s, size}.write());
        }
        const Conversation &hers = *alice().call()->conversation();
        QTRY_COMPARE(hers.rowCount(), files);
        const auto count = [&](FileTransfer::State state) {
            int number = 0;
            for (int row = 0; row < files; ++row)
                number += transferAt(hers, row)->state() == state;
            return number;
        };
        QTRY_VERIFY(count(FileTransfer::State::Failed) > 0);
        QVERIFY(count(FileTransfer::State::Running) > 0);
    }

    void oddChatMessagesAreDropped()
    {
        QVERIFY(m_phones->talk());
        PeerConnection *connection = bob().call()->connection();
        PeerChannel *chat = nullptr;
        for (PeerChannel *channel : connection->channels()) {
            if (channel->label() == u"chat"_s)
                chat = channel;
        }
        QVERIFY(chat);
        for (const QString &text :
             {u"no JSON"_s, u"[1]"_s, u"{\"text\": 1}"_s, u"{\"address\": \"x\"}"_s,
              u"{\"text\": \""_s + QString(Conversation::MaxMessage, u'a') + u"\"}"_s}) {
            chat->sendText(text);
        }
        chat->sendMessage("octets");
        QVERIFY(bob().call()->conversation()->say(u"after it"_s));
        QTRY_COMPARE(alice().call()->conversation()->rowCount(), 1);
    }
};

QTEST_MAIN(CallsTest)
#include "tst_calls.moc"
