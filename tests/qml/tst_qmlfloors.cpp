// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "qml/qmlhouse.h"

#include <QtGui/qguiapplication.h>
#include <QtTest/qtest.h>

using namespace Qt::StringLiterals;

/// The floors beneath the one object, as QML makes and uses them.
class tst_QmlFloors : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aRendezvousTellsWhoIsThereAndDials();
    void callsOfARendezvousGoWhenTheyHaveEnded();
    void aTunnelCarriesDatagrams();
    void aPortSendsWhereConsentIsProven();

private:
    std::unique_ptr<QObject> makeTwo();

    Meeting m_meeting;
    QmlHouse m_house;
};

namespace {

/// Two rendezvous objects: one listens, the other watches, and dials when told.
constexpr auto TwoAtARendezvous = R"(
    import QtQml
    import PeerConnection

    QtObject {
        id: root
        required property url address
        required property string name
        property string heard
        property int ended
        property PeerListener listener
        property PeerConnection incoming
        property PeerRendezvous there: PeerRendezvous {
            address: root.address
            onConnected: {
                root.listener = listen(root.name)
                root.listener.incomingConnection.connect(connection => {
                    root.incoming = connection
                    connection.textReceived.connect(text => root.heard = text)
                    connection.accept()
                })
            }
        }
        property PeerRendezvous here: PeerRendezvous {
            address: root.address
            onPeerOnline: name => {
                const call = dial(name)
                call.connected.connect(() => call.sendText("hello"))
                call.closed.connect(() => ++root.ended)
            }
            Component.onCompleted: watch(root.name)
        }
    }
)";

} // namespace

std::unique_ptr<QObject> tst_QmlFloors::makeTwo()
{
    QUrl address = m_meeting.newName();
    const QString name = address.userName();
    address.setUserName({});
    return m_house.make(QString::fromUtf8(TwoAtARendezvous),
                        {{u"address"_s, address}, {u"name"_s, name}});
}

void tst_QmlFloors::aRendezvousTellsWhoIsThereAndDials()
{
    const auto two = makeTwo();
    QVERIFY(two);
    QVERIFY(eventually([&] { return two->property("heard") == u"hello"_s; }));
    QCOMPARE(m_house.evaluate(two.get(), u"here.presence(name) === PeerRendezvous.Online"_s),
             QVariant(true));
    QCOMPARE(m_house.warnings, QStringList());
}

void tst_QmlFloors::callsOfARendezvousGoWhenTheyHaveEnded()
{
    const auto two = makeTwo();
    QVERIFY(two);
    const auto calls = [&] { return two->findChildren<PeerConnection *>(); };
    QVERIFY(eventually([&] { return two->property("heard") == u"hello"_s; }));
    m_house.collect();
    QPointer<PeerConnection> incoming = two->property("incoming").value<PeerConnection *>();
    QVERIFY(incoming);
    m_house.evaluate(two.get(), u"incoming.close()"_s);
    QVERIFY(eventually([&] { return two->property("ended") == 1; }));
    QVERIFY(incoming); // QML refers to it
    m_house.evaluate(two.get(), u"incoming = null"_s);
    QVERIFY(eventually([&] {
        m_house.collect();
        return !incoming && calls().isEmpty();
    }));
    QCOMPARE(m_house.warnings, QStringList());
}

void tst_QmlFloors::aTunnelCarriesDatagrams()
{
    QUrl address = m_meeting.newName();
    address.setUserName({});
    const auto two = m_house.make(uR"(
        import QtQml
        import PeerConnection

        QtObject {
            id: root
            required property url address
            property string heard
            property PeerTunnel first: PeerTunnel {
                onTicketChanged: ticket => root.second.join(ticket)
                onDatagramReceived: octets => root.heard = new Uint8Array(octets).join()
                Component.onCompleted: mint(root.address)
            }
            property PeerTunnel second: PeerTunnel {
                onJoined: sendDatagram(new Uint8Array([0, 255, 7]).buffer)
            }
        }
    )"_s,
                                  {{u"address"_s, address}});
    QVERIFY(two);
    QVERIFY(eventually([&] { return two->property("heard") == u"0,255,7"_s; }));
    QCOMPARE(m_house.warnings, QStringList());
}

void tst_QmlFloors::aPortSendsWhereConsentIsProven()
{
    const auto two = m_house.make(uR"(
        import QtQml
        import PeerConnection

        QtObject {
            id: root
            property string heard
            property PeerDatagramSocket first: PeerDatagramSocket {
                onConnectivitySucceeded: address => openSession(address)
                onDatagramReceived: (address, octets) => {
                    root.heard = new Uint8Array(octets).join()
                }
            }
            property PeerDatagramSocket second: PeerDatagramSocket {
                onConnectivitySucceeded: address => {
                    if (openSession(address))
                        root.there = address
                }
            }
            property string there
            property Timer again: Timer { // until the other has opened its session, nothing is heard
                running: root.there !== "" && root.heard === ""
                interval: 20
                repeat: true
                onTriggered: root.second.sendDatagram(root.there, new Uint8Array([0, 255, 7]).buffer)
            }
            property bool areOpen: first.state === PeerDatagramSocket.Open
                                   && second.state === PeerDatagramSocket.Open
            onAreOpenChanged: {
                for (const one of first.localAddresses)
                    second.testConnectivity(one, first.usernameFragment, first.password)
                for (const one of second.localAddresses)
                    first.testConnectivity(one, second.usernameFragment, second.password)
            }
        }
    )"_s);
    QVERIFY(two);
    QVERIFY(eventually([&] { return two->property("heard") == u"0,255,7"_s; }));
    QCOMPARE(m_house.warnings, QStringList());
}

QTEST_MAIN(tst_QmlFloors)
#include "tst_qmlfloors.moc"
