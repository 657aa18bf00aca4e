// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "homeserver.h"

#include <PeerConnection/PeerRendezvousServer>

#include <QtCore/qfile.h>
#include <QtCore/qsettings.h>
#include <QtNetwork/qnetworkinterface.h>
#include <QtNetwork/qsslcertificate.h>
#include <QtNetwork/qsslkey.h>

#include <memory>

using namespace Qt::StringLiterals;

namespace demo {

namespace {

constexpr auto PortKey = "port"_L1;
/// The address of one name tells those of all.
const QString AnyName = u"me"_s;

/// What others in this network reach us by: IPv4 before IPv6, for it is shorter to read out.
QHostAddress outwardAddress()
{
    QHostAddress ipv6;
    for (const QNetworkInterface &interface : QNetworkInterface::allInterfaces()) {
        const auto flags = interface.flags();
        if (!(flags & QNetworkInterface::IsRunning) || flags & QNetworkInterface::IsLoopBack)
            continue;
        for (const QNetworkAddressEntry &entry : interface.addressEntries()) {
            const QHostAddress address = entry.ip();
            if (address.isLinkLocal())
                continue;
            if (address.protocol() == QAbstractSocket::IPv4Protocol)
                return address;
            if (ipv6.isNull())
                ipv6 = address;
        }
    }
    return ipv6.isNull() ? QHostAddress(QHostAddress::LocalHost) : ipv6;
}

QByteArray contentOf(const QString &fileName)
{
    constexpr qint64 MaxPem = 64 * 1024;
    QFile file(fileName);
    return file.open(QIODevice::ReadOnly) ? file.read(MaxPem) : QByteArray();
}

} // namespace

/// The server itself, in its thread.
class HomeServerWorker : public QObject
{
public:
    explicit HomeServerWorker(const QString &folder)
        : m_folder(folder)
    { }

    bool listen();
    QString errorString() const { return m_errorString; }
    PeerAddress address() const;

private:
    bool loadCertificate();
    bool listenAt(quint16 port);

    QString m_folder;
    QString m_errorString;
    std::unique_ptr<PeerRendezvousServer> m_server; ///< made in the thread
};

bool HomeServerWorker::loadCertificate()
{
    const QString certificateFile = m_folder + "/rendezvous.pem"_L1;
    const QString keyFile = m_folder + "/rendezvous.key"_L1;
    if (!QFile::exists(certificateFile) && !QFile::exists(keyFile)
        && !m_server->makeCertificate(certificateFile, keyFile)) {
        return false;
    }
    const auto chain = QSslCertificate::fromData(contentOf(certificateFile));
    const QSslKey key(contentOf(keyFile), QSsl::Ec);
    if (chain.isEmpty() || key.isNull())
        return false;
    m_server->setCertificate(chain, key);
    return true;
}

bool HomeServerWorker::listenAt(quint16 port)
{
    return m_server->listen(QHostAddress::Any, port)
        || m_server->listen(QHostAddress::AnyIPv4, port);
}

bool HomeServerWorker::listen()
{
    if (!m_server)
        m_server = std::make_unique<PeerRendezvousServer>();
    if (m_server->isListening())
        return true;
    if (!loadCertificate()) {
        m_errorString = u"There is no good key for a server in %1, and none could be made."_s.arg(
            m_folder);
        return false;
    }
    m_server->setNamesFile(m_folder + "/names"_L1);
    QSettings settings(m_folder + "/settings.ini"_L1, QSettings::IniFormat);
    const quint16 last = settings.value(PortKey, HomeServer::PreferredPort).value<quint16>();
    // Another program may have taken it.
    if (!listenAt(last) && !listenAt(0)) {
        m_errorString = m_server->errorString();
        return false;
    }
    // It stays ours, even if somebody else has it now: the addresses handed out have it.
    if (!settings.contains(PortKey))
        settings.setValue(PortKey, m_server->serverPort());
    return true;
}

PeerAddress HomeServerWorker::address() const
{
    PeerAddress address = PeerAddress::fromUrl(m_server->peerUrl(AnyName));
    if (address.isValid())
        address.setHost(outwardAddress().toString());
    return address;
}

HomeServer::HomeServer(const QString &folder, QObject *parent)
    : QObject(parent)
    , m_worker(new HomeServerWorker(folder))
{
    m_thread.setObjectName(u"rendezvous"_s);
    m_worker->moveToThread(&m_thread);
    connect(&m_thread, &QThread::finished, m_worker, &QObject::deleteLater);
    m_thread.start();
}

HomeServer::~HomeServer()
{
    m_thread.quit();
    m_thread.wait();
}

void HomeServer::listen()
{
    const auto listen = [this, worker = m_worker] {
        const bool listens = worker->listen();
        const PeerAddress address = listens ? worker->address() : PeerAddress();
        // It waits for this thread before it goes.
        QMetaObject::invokeMethod(
            this, [this, address, text = worker->errorString()] { take(address, text); },
            Qt::QueuedConnection);
    };
    QMetaObject::invokeMethod(m_worker, listen, Qt::QueuedConnection);
}

void HomeServer::take(const PeerAddress &address, const QString &errorString)
{
    m_address = address;
    m_errorString = errorString;
    Q_EMIT done();
}

PeerAddress HomeServer::addressOf(const QString &name) const
{
    PeerAddress address = m_address;
    return address.setName(name) ? address : PeerAddress();
}

} // namespace demo
