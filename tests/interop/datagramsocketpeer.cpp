// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

// A PeerDatagramSocket, driven as icepeer.cpp is, by as much of it as it has: interop_datagramsocket.
// It has no role, so the other side has to be the one that nominates.

#include "jsonlines.h"

#include <PeerConnection/PeerDatagramSocket>

#include <QtCore/qcoreapplication.h>
#include <QtCore/qstringlist.h>

#include <utility>

using namespace Qt::StringLiterals;

namespace {

class SocketPeer : public QObject
{
public:
    SocketPeer()
        : m_lines([this](const QByteArray &, const QJsonObject &object) { take(object); })
    {
        connect(&m_socket, &PeerDatagramSocket::stateChanged, this,
                [this](PeerDatagramSocket::State state) {
                    if (state == PeerDatagramSocket::State::Open)
                        introduce();
                });
        connect(&m_socket, &PeerDatagramSocket::connectivitySucceeded, this,
                [this](const QString &address) {
                    if (!m_socket.openSession(address))
                        return JsonLines::tellError(u"no session with "_s + address);
                    m_peer = address;
                    JsonLines::tell({{u"event"_s, u"state"_s}, {u"state"_s, u"connected"_s}});
                });
        connect(&m_socket, &PeerDatagramSocket::consentLost, this, [] {
            JsonLines::tell({{u"event"_s, u"state"_s}, {u"state"_s, u"disconnected"_s}});
        });
        connect(&m_socket, &PeerDatagramSocket::datagramReceived, this,
                [](const QString &, const QByteArray &datagram) {
                    JsonLines::tell(
                        {{u"event"_s, u"message"_s}, {u"text"_s, QString::fromUtf8(datagram)}});
                });
    }

private:
    /// Its credentials, and the host candidate on loopback.
    void introduce()
    {
        JsonLines::tell(
            {{u"ufrag"_s, m_socket.usernameFragment()}, {u"pwd"_s, m_socket.password()}});
        const QString any = m_socket.localAddresses().value(0);
        const QString port = any.sliced(any.lastIndexOf(u':') + 1);
        JsonLines::tell(
            {{u"candidate"_s, u"candidate:1 1 udp 2130706431 127.0.0.1 %1 typ host"_s.arg(port)}});
        JsonLines::tell({{u"end"_s, true}});
        test();
    }

    void take(const QJsonObject &object)
    {
        if (object.contains("ufrag"_L1)) {
            m_fragment = object.value("ufrag"_L1).toString();
            m_password = object.value("pwd"_L1).toString();
        } else if (object.contains("candidate"_L1)) {
            const QStringList words = object.value("candidate"_L1).toString().split(u' ');
            m_untested.append(words.value(4) + u':' + words.value(5));
            test();
        } else if (object.value("command"_L1).toString() == "send"_L1) {
            m_socket.sendDatagram(m_peer, object.value("text"_L1).toString().toUtf8());
        }
    }

    void test()
    {
        if (m_socket.state() != PeerDatagramSocket::State::Open)
            return; // and it is called again
        for (const QString &address : std::exchange(m_untested, {}))
            m_socket.testConnectivity(address, m_fragment, m_password);
    }

    PeerDatagramSocket m_socket;
    QString m_fragment;
    QString m_password;
    QStringList m_untested;
    QString m_peer;
    JsonLines m_lines;
};

} // namespace

int main(int argc, char **argv)
{
    const QCoreApplication application(argc, argv);
    const SocketPeer peer;
    return QCoreApplication::exec();
}
