// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "qml/qmlhouse.h"

#include <PeerConnection/PeerIdentity>

#include <QtCore/qtemporarydir.h>
#include <QtGui/qguiapplication.h>
#include <QtQml/qqmlcontext.h>
#include <QtTest/qsignalspy.h>
#include <QtTest/qtest.h>

using namespace Qt::StringLiterals;

using State = PeerConnection::State;

namespace {

/// A callee that answers and echoes text, and a caller that greets.
constexpr auto BothSides = R"(
    import QtQml
    import PeerConnection

    QtObject {
        id: root
        required property url address
        property PeerConnection incoming
        property PeerConnection call
        property string heard
        property string echoed
        property PeerListener listener: PeerListener {
            listenAddress: root.address
            onIncomingConnection: connection => {
                root.incoming = connection
                connection.textReceived.connect(text => {
                    root.heard = text
                    connection.sendText("echo of " + text)
                })
                connection.accept()
            }
            onListening: root.call = caller.createObject(null, {destination: address})
        }
        property Component caller: Component {
            PeerConnection {
                onConnected: sendText("hello")
                onTextReceived: text => root.echoed = text
            }
        }
    }
)";

} // namespace

class tst_QmlTypes : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();

    void textGoesBothWays();
    void octetsGoBothWays();
    void aCallIsRejectedForAReason_data();
    void aCallIsRejectedForAReason();
    void aListenersFaultIsToldInWords();
    void callsEndWithTheirListener();
    void aChannelIsOpenedWithOptions();
    void aWrongOptionOpensNoChannel_data();
    void aWrongOptionOpensNoChannel();
    void badDestinationsAreToldInWords_data();
    void badDestinationsAreToldInWords();
    void nothingIsDialledWithoutADestination();
    void enumsAreWholeNumbers();
    void aLiveCallIsNotCollected();
    void aCallThatHasJustBegunIsNotCollected();
    void anEndedCallLivesAsLongAsSomethingRefersToIt();
    void whatCppOwnsIsNotCollected();
    void aConnectionOfCppIsOfTheSameType();
    void anIdentityIsKept();
    void addressesAreReadStrictly();

private:
    std::unique_ptr<QObject> makeBothSides();
    static PeerConnection *connectionOf(const QObject *object, const char *property)
    {
        return object->property(property).value<PeerConnection *>();
    }

    std::unique_ptr<Meeting> m_meeting;
    std::unique_ptr<QmlHouse> m_house;
};

void tst_QmlTypes::init()
{
    m_meeting = std::make_unique<Meeting>();
    m_house = std::make_unique<QmlHouse>();
}

void tst_QmlTypes::cleanup()
{
    m_house.reset();
    m_meeting.reset();
}

std::unique_ptr<QObject> tst_QmlTypes::makeBothSides()
{
    auto both = m_house->make(QString::fromUtf8(BothSides), {{u"address"_s, m_meeting->newName()}});
    if (both && eventually([&] {
            const auto *call = connectionOf(both.get(), "call");
            return call && call->state() == State::Connected;
        }))
        return both;
    qWarning("%s", qPrintable(m_house->warnings.join(u'\n')));
    return nullptr;
}

void tst_QmlTypes::textGoesBothWays()
{
    const auto both = makeBothSides();
    QVERIFY(both);
    QVERIFY(eventually([&] { return both->property("echoed") == u"echo of hello"_s; }));
    QCOMPARE(both->property("heard").toString(), u"hello"_s);
    QCOMPARE(m_house->warnings, QStringList());
}

void tst_QmlTypes::octetsGoBothWays()
{
    const auto both = makeBothSides();
    QVERIFY(both);
    m_house->evaluate(both.get(), uR"(
        incoming.messageReceived.connect(octets => {
            heard = new Uint8Array(octets).join()
            incoming.sendMessage(octets)
        }),
        call.messageReceived.connect(octets => echoed = new Uint8Array(octets).join()),
        call.sendMessage(new Uint8Array([0, 255, 7]).buffer)
    )"_s);
    QVERIFY(eventually([&] { return both->property("echoed") == u"0,255,7"_s; }));
    QCOMPARE(both->property("heard").toString(), u"0,255,7"_s);
    QCOMPARE(m_house->warnings, QStringList());
}

void tst_QmlTypes::aCallIsRejectedForAReason_data()
{
    QTest::addColumn<QString>("reason");
    QTest::addColumn<PeerConnection::Error>("error");
    QTest::newRow("none") << u""_s << PeerConnection::Error::PeerRejected;
    QTest::newRow("rejected") << u"PeerConnection.Rejected"_s
                              << PeerConnection::Error::PeerRejected;
    QTest::newRow("busy") << u"PeerConnection.RejectReason.Busy"_s
                          << PeerConnection::Error::PeerBusy;
}

void tst_QmlTypes::aCallIsRejectedForAReason()
{
    QFETCH(const QString, reason);
    QFETCH(const PeerConnection::Error, error);
    const auto listener = m_house->make(
        u"import PeerConnection\nPeerListener { onIncomingConnection: connection => {"
        "    if (connection.state === PeerConnection.Ringing) connection.reject(%1) } }"_s.arg(
            reason));
    QVERIFY(listener);
    auto *listening = qobject_cast<PeerListener *>(listener.get());
    listening->setListenAddress(m_meeting->newName());
    listening->listen();
    QVERIFY(eventually([&] { return listening->state() == PeerListener::State::Listening; }));
    const PeerConnection caller(listening->address());
    QVERIFY(eventually([&] { return caller.state() == State::Closed; }));
    QCOMPARE(caller.error(), error);
    QCOMPARE(m_house->warnings, QStringList());
}

void tst_QmlTypes::aListenersFaultIsToldInWords()
{
    const auto object = m_house->make(u"import PeerConnection\nPeerListener {"
                                      "    property string words; property int what\n"
                                      "    listenAddress: 'peer://alice@example.org:0'\n"
                                      "    onErrorOccurred: error => {"
                                      "        what = error; words = errorString } }"_s);
    QVERIFY(object);
    QVERIFY(eventually([&] { return !object->property("words").toString().isEmpty(); }));
    QCOMPARE(object->property("words").toString(), u"column 26: The port is 0 or begins with 0."_s);
    QCOMPARE(object->property("what").toInt(), int(PeerConnection::Error::BadAddress));
    QCOMPARE(m_house->warnings, QStringList());
}

void tst_QmlTypes::callsEndWithTheirListener()
{
    const auto both = makeBothSides();
    QVERIFY(both);
    const QPointer<PeerConnection> call = connectionOf(both.get(), "call");
    const QPointer<PeerConnection> incoming = connectionOf(both.get(), "incoming");
    delete both->property("listener").value<PeerListener *>();
    QVERIFY(!incoming);
    QVERIFY(m_house->evaluate(both.get(), u"incoming === null"_s).toBool());
    QVERIFY(eventually([&] { return call->state() == State::Closed; }));
    QCOMPARE(m_house->warnings, QStringList());
}

void tst_QmlTypes::aChannelIsOpenedWithOptions()
{
    const auto both = makeBothSides();
    QVERIFY(both);
    const auto opened = m_house->evaluate(
        both.get(),
        u"call.openChannel('positions', {ordered: false, maxRetransmits: 0, protocol: 'p'})"_s);
    const auto *channel = opened.value<PeerChannel *>();
    QVERIFY(channel);
    QCOMPARE(channel->label(), u"positions"_s);
    QCOMPARE(channel->protocol(), u"p"_s);
    QVERIFY(!channel->isOrdered());
    QCOMPARE(channel->maxRetransmits(), std::optional<quint16>(0));
    const QPointer<const PeerChannel> guard(channel);
    m_house->collect();
    QVERIFY(guard);
    QVERIFY(m_house->evaluate(both.get(), u"call.openChannel('plain').label"_s) == u"plain"_s);
    QVERIFY(
        m_house->evaluate(both.get(), u"call.defaultChannel instanceof PeerChannel"_s).toBool());
    QCOMPARE(m_house->warnings, QStringList());
}

void tst_QmlTypes::aWrongOptionOpensNoChannel_data()
{
    QTest::addColumn<QString>("options");
    QTest::addColumn<QString>("member");
    QTest::newRow("an unknown member") << u"{orderd: false}"_s << u"orderd"_s;
    QTest::newRow("a negative number") << u"{maxRetransmits: -1}"_s << u"maxRetransmits"_s;
    QTest::newRow("a number that is too great") << u"{maxLifetime: 65536}"_s << u"maxLifetime"_s;
    QTest::newRow("a broken number") << u"{maxLifetime: 0.5}"_s << u"maxLifetime"_s;
    QTest::newRow("no number") << u"{negotiatedId: NaN}"_s << u"negotiatedId"_s;
    QTest::newRow("a text for a claim") << u"{ordered: 'no'}"_s << u"ordered"_s;
}

void tst_QmlTypes::aWrongOptionOpensNoChannel()
{
    QFETCH(const QString, options);
    QFETCH(const QString, member);
    const auto connection = m_house->make(u"import PeerConnection\nPeerConnection {}"_s);
    QVERIFY(connection);
    QTest::ignoreMessage(
        QtWarningMsg,
        qPrintable(u"PeerConnection::openChannel: there is no option '%1' with such a value"_s.arg(
            member)));
    QCOMPARE(m_house->evaluate(connection.get(), u"openChannel('x', %1) === null"_s.arg(options)),
             QVariant(true));
    QCOMPARE(m_house->warnings, QStringList());
}

void tst_QmlTypes::badDestinationsAreToldInWords_data()
{
    QTest::addColumn<QString>("destination");
    QTest::newRow("another scheme") << u"http://alice@example.org"_s;
    QTest::newRow("no address at all") << u"alice"_s;
    QTest::newRow("port 0") << u"peer://alice@example.org:0"_s;
    QTest::newRow("an unknown parameter") << u"peer://alice@example.org?colour=red"_s;
    QTest::newRow("a password") << u"peer://alice:secret@example.org"_s;
}

void tst_QmlTypes::badDestinationsAreToldInWords()
{
    QFETCH(const QString, destination);
    PeerAddressError fault;
    PeerAddress::fromString(destination, &fault);
    const QString words = u"column %1: %2"_s.arg(fault.column()).arg(fault.message());
    QVERIFY(!fault.message().isEmpty());

    const QString text = u"import PeerConnection\nPeerConnection { %1 }"_s;
    const auto declared = m_house->make(text.arg(u"destination: \"%1\""_s.arg(destination)));
    const auto dialled = m_house->make(text.arg(QString()));
    m_house->evaluate(dialled.get(), u"dial(\"%1\")"_s.arg(destination));
    for (QObject *object : {declared.get(), dialled.get()}) {
        const auto *connection = qobject_cast<PeerConnection *>(object);
        QVERIFY(connection);
        QVERIFY(eventually([&] { return connection->state() == State::Closed; }));
        QCOMPARE(connection->error(), PeerConnection::Error::BadAddress);
        QCOMPARE(connection->errorString(), words);
    }
    QCOMPARE(m_house->warnings, QStringList());
}

void tst_QmlTypes::nothingIsDialledWithoutADestination()
{
    const auto connection = m_house->make(u"import PeerConnection\nPeerConnection {}"_s);
    const auto listener = m_house->make(u"import PeerConnection\nPeerListener {}"_s);
    QCoreApplication::processEvents();
    QCOMPARE(qobject_cast<PeerConnection *>(connection.get())->state(), State::Idle);
    QCOMPARE(qobject_cast<PeerListener *>(listener.get())->state(), PeerListener::State::Idle);
}

// An enum of one octet is read as four of them by Qt 6.4.
void tst_QmlTypes::enumsAreWholeNumbers()
{
    const auto both = makeBothSides();
    QVERIFY(both);
    const QStringList claims{
        u"call.state === PeerConnection.Connected"_s,
        u"call.state === PeerConnection.State.Connected"_s,
        u"call.error === PeerConnection.None"_s,
        u"call.path.kind === PeerPath.Direct"_s,
        u"call.path.kind === PeerPath.Kind.Direct"_s,
        u"call.path.protocol === PeerPath.Udp"_s,
        u"call.path.remoteEnd !== PeerPath.Relayed"_s,
        u"call.statistics.path.kind !== PeerPath.Tunnel"_s,
        u"call.defaultChannel.state === PeerChannel.Open"_s,
        u"listener.state === PeerListener.Listening"_s,
        u"incoming instanceof PeerConnection"_s,
        u"call.report.text.length > 0"_s,
    };
    for (const QString &claim : claims)
        QVERIFY2(eventually([&] { return m_house->evaluate(both.get(), claim).toBool(); }),
                 qPrintable(claim));
    QCOMPARE(m_house->warnings, QStringList());
}

void tst_QmlTypes::aLiveCallIsNotCollected()
{
    const auto both = makeBothSides();
    QVERIFY(both);
    const QPointer<PeerConnection> call = connectionOf(both.get(), "call");
    const QPointer<PeerConnection> incoming = connectionOf(both.get(), "incoming");
    QVERIFY(call && incoming);
    m_house->evaluate(both.get(), u"call = null"_s);
    m_house->evaluate(both.get(), u"incoming = null"_s);
    m_house->collect();
    QVERIFY(call && incoming);
    QCOMPARE(call->state(), State::Connected);

    // Ended and with no reference left, it may go.
    call->close();
    QVERIFY(eventually([&] {
        m_house->collect();
        return !call && !incoming;
    }));
}

void tst_QmlTypes::aCallThatHasJustBegunIsNotCollected()
{
    const auto maker = m_house->make(u"import QtQml\nimport PeerConnection\n"
                                     "QtObject { property Component call: PeerConnection {} }"_s);
    QVERIFY(maker);
    const QPointer<PeerConnection> call = m_house
                                              ->evaluate(maker.get(),
                                                         u"call.createObject(null, {destination:"
                                                         " 'peer://alice@127.0.0.1:9?tls=off'})"_s)
                                              .value<PeerConnection *>();
    QVERIFY(call);
    m_house->engine.collectGarbage();
    QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
    QVERIFY(call);
    // Nobody listens there, and nothing refers to it: so it goes by itself.
    QVERIFY(eventually([&] {
        m_house->collect();
        return !call;
    }));
}

void tst_QmlTypes::anEndedCallLivesAsLongAsSomethingRefersToIt()
{
    const auto both = makeBothSides();
    QVERIFY(both);
    const QPointer<PeerConnection> call = connectionOf(both.get(), "call");
    const QPointer<PeerConnection> incoming = connectionOf(both.get(), "incoming");
    call->close();
    QVERIFY(eventually(
        [&] { return call->state() == State::Closed && incoming->state() == State::Closed; }));
    m_house->collect();
    QVERIFY(call && incoming);
    QCOMPARE(m_house->evaluate(both.get(), u"incoming.state === PeerConnection.Closed"_s),
             QVariant(true));
    m_house->evaluate(both.get(), u"call = null"_s);
    m_house->evaluate(both.get(), u"incoming = null"_s);
    m_house->collect();
    QVERIFY(!call);
    QVERIFY(!incoming);
    QCOMPARE(m_house->warnings, QStringList());
}

void tst_QmlTypes::whatCppOwnsIsNotCollected()
{
    const auto object = m_house->make(u"import PeerConnection\nPeerConnection {"
                                      "    destination: 'peer://alice@example.org:0' }"_s);
    const QPointer<PeerConnection> call = qobject_cast<PeerConnection *>(object.get());
    QVERIFY(call);
    QVERIFY(eventually([&] { return call->state() == State::Closed; }));
    for (int i = 0; i < 3; ++i)
        m_house->collect();
    QVERIFY(call);
}

void tst_QmlTypes::aConnectionOfCppIsOfTheSameType()
{
    const auto object = m_house->make(u"import QtQml\nimport PeerConnection\n"
                                      "QtObject { property PeerConnection call }"_s);
    QVERIFY(object);
    PeerConnection connection;
    QVERIFY(object->setProperty("call", QVariant::fromValue(&connection)));
    QCOMPARE(connectionOf(object.get(), "call"), &connection);
    QCOMPARE(m_house->evaluate(object.get(), u"call instanceof PeerConnection"_s), QVariant(true));
    m_house->evaluate(object.get(), u"call.patience = 5000"_s);
    QCOMPARE(connection.patience(), 5000);
    QCOMPARE(m_house->warnings, QStringList());
}

void tst_QmlTypes::anIdentityIsKept()
{
    const QTemporaryDir folder;
    const QString file = folder.filePath(u"bob.key"_s);
    const auto listener = m_house->make(
        u"import PeerConnection\n"
        "PeerListener { identity: PeerIdentities.loadOrCreate(\"%1\") }"_s.arg(
            QUrl::fromLocalFile(file).toString()));
    QVERIFY(listener);
    const PeerIdentity kept = PeerIdentity::load(file);
    QVERIFY(!kept.isNull());
    QCOMPARE(m_house->evaluate(listener.get(), u"identity.id"_s).toString(), kept.id());
    QCOMPARE(m_house->evaluate(listener.get(), u"PeerIdentities.load('%1').id"_s.arg(file)),
             QVariant(kept.id()));
    QCOMPARE(m_house->evaluate(listener.get(), u"PeerIdentities.create().isNull"_s),
             QVariant(false));
    QCOMPARE(m_house->warnings, QStringList());

    QCOMPARE(m_house->evaluate(listener.get(), u"PeerIdentities.load('/nowhere/x').isNull"_s),
             QVariant(true));
    QCOMPARE(m_house->warnings.size(), 1);
}

void tst_QmlTypes::addressesAreReadStrictly()
{
    const auto object = m_house->make(u"import PeerConnection\nPeerConnection {}"_s);
    const auto claim = [&](const QString &text) {
        return m_house->evaluate(object.get(), text).toBool();
    };
    QVERIFY(claim(u"PeerAddresses.read('peer://alice@example.org/chat').name === 'alice'"_s));
    QVERIFY(claim(u"PeerAddresses.read('peer://alice@example.org/chat').valid"_s));
    QVERIFY(claim(u"PeerAddresses.fault('peer://alice@example.org').message === ''"_s));
    // QUrl would have completed it.
    QVERIFY(
        claim(u"PeerAddresses.fault('peer://alice@127.1').fault === PeerAddressError.BadHost"_s));
    QVERIFY(claim(u"!PeerAddresses.read('peer://alice@127.1').valid"_s));
    QCOMPARE(m_house->warnings, QStringList());
}

QTEST_MAIN(tst_QmlTypes)
#include "tst_qmltypes.moc"
