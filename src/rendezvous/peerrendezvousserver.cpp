// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "rendezvous/peerrendezvousserver_p.h"

#include "rendezvous/certificatetools.h"
#include "rendezvous/metrics.h"
#include "rendezvous/namesfile.h"
#include "shell/boottime.h"

#include <QtCore/qcryptographichash.h>
#include <QtCore/qfile.h>
#include <QtCore/qurlquery.h>

#include <algorithm>
#include <chrono>

using namespace Qt::StringLiterals;
using namespace peer::rendezvous;

namespace {

/// The switchboard forgets in steps of it; the shortest of its times may be tested with less.
constexpr std::chrono::milliseconds MaxAdvanceInterval{60'000};
constexpr std::chrono::milliseconds MinAdvanceInterval{10};
/// Claims of so long a time are written together.
constexpr std::chrono::milliseconds SaveDelay{1'000};
/// TCP may get a port whose UDP twin is taken.
constexpr int PortAttempts = 32;

Switchboard::Times timesNow()
{
    return {peer::bootTimeNow(),
            std::chrono::time_point_cast<std::chrono::seconds>(std::chrono::system_clock::now())};
}

QString bracketed(const QHostAddress &address)
{
    const QString text = address.toString();
    return address.protocol() == QAbstractSocket::IPv6Protocol ? u'[' + text + u']' : text;
}

/// For users of this machine, where the server listens on all addresses.
QHostAddress reachable(const QHostAddress &address)
{
    if (address == QHostAddress(QHostAddress::AnyIPv6))
        return QHostAddress::LocalHostIPv6;
    if (address == QHostAddress(QHostAddress::Any)
        || address == QHostAddress(QHostAddress::AnyIPv4))
        return QHostAddress::LocalHost;
    return address;
}

bool isHostText(const QByteArray &host)
{
    return !host.isEmpty() && host.size() <= 255
        && std::all_of(host.begin(), host.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')
                   || c == '.' || c == '-' || c == ':';
           });
}

bool writeFile(const QString &fileName, const QByteArray &contents, QFile::Permissions permissions)
{
    QFile file(fileName);
    return file.open(QIODevice::WriteOnly | QIODevice::NewOnly) && file.setPermissions(permissions)
        && file.write(contents) == contents.size() && file.flush();
}

} // namespace

PeerRendezvousServerPrivate::Running::Running(PeerRendezvousServerPrivate *d, std::size_t seed)
    : names(d->limits.names, d->limits.namesPerKey, d->limits.nameRetention)
    , budgets(d->limits, seed)
    , switchboard(d->limits, names, budgets, d->counters)
    , gate(d->limits, budgets, d->counters)
    , stun(d->limits, seed, d->counters)
{ }

QString PeerRendezvousServerPrivate::start(const QHostAddress &address, quint16 port)
{
    QString fault = chooseCertificate(address);
    if (!fault.isEmpty())
        return fault;
    running = std::make_unique<Running>(this, random.uint64());
    if (!namesFile.isEmpty()) {
        fault = loadNames(running->names, namesFile);
        // Written at once, so that a place where that is impossible is not found out too late.
        if (fault.isEmpty())
            fault = saveNames(running->names, namesFile);
        if (!fault.isEmpty())
            return fault;
    }
    if (certificate)
        running->gate.setTls(certificate->configuration());
    fault = bindPorts(address, port);
    if (!fault.isEmpty())
        return fault;

    running->gate.setPages([this](const QByteArray &path) -> std::optional<QByteArray> {
        if (path == "/healthz")
            return "ok\n";
        if (path == "/metrics")
            return metrics();
        return std::nullopt;
    });
    running->policy = std::make_shared<ClientLink::Policy>(
        ClientLink::Policy{limits, [this](const QByteArray &token) { return isTokenGood(token); },
                           [this](const message::Identity &proof) {
                               return !certificate || certificate->isMeantBy(proof);
                           }});
    QObject::connect(&running->gate, &ConnectionGate::socketAccepted, q,
                     [this](const AcceptedSocket &accepted) { takeSocket(accepted); });
    QObject::connect(&running->advanceTimer, &QTimer::timeout, q, [this] {
        running->switchboard.advance(timesNow());
        flush();
    });
    running->advanceTimer.start(
        std::clamp(limits.resumeTime / 4, MinAdvanceInterval, MaxAdvanceInterval));
    running->saveTimer.setSingleShot(true);
    QObject::connect(&running->saveTimer, &QTimer::timeout, q, [this] { save(); });
    return {};
}

QString PeerRendezvousServerPrivate::chooseCertificate(const QHostAddress &address)
{
    using TlsMode = PeerRendezvousServer::TlsMode;
    certificate.reset();
    switch (tlsMode) {
    case TlsMode::Off:
        return {};
    case TlsMode::Automatic:
        if (address.isLoopback())
            return {};
        break;
    case TlsMode::SelfMade:
        break;
    case TlsMode::WithCertificate:
        if (!givenCertificate)
            return "There is no certificate."_L1;
        if (!givenCertificate->isUsable())
            return "The key does not belong to the certificate."_L1;
        certificate = givenCertificate;
        return {};
    }
    // The same one for the life of the object, so that its pin stays.
    if (!givenCertificate)
        givenCertificate = ServerCertificate::makeSelfSigned();
    certificate = givenCertificate;
    return certificate ? QString() : QString("No certificate could be made."_L1);
}

QString PeerRendezvousServerPrivate::bindPorts(const QHostAddress &address, quint16 port)
{
    const QString where = bracketed(address) + u':';
    for (int attempt = 0; attempt < PortAttempts; ++attempt) {
        ConnectionGate &gate = running->gate;
        if (!gate.listen(address, port))
            return u"Cannot listen on %1%2: %3."_s.arg(where).arg(port).arg(gate.errorString());
        if (running->stun.bind(address, gate.serverPort()))
            return {};
        if (port != 0) {
            return u"Cannot bind UDP %1%2 for STUN: %3."_s.arg(where).arg(port).arg(
                running->stun.errorString());
        }
        gate.close();
    }
    return u"No port is free for both TCP and UDP on %1."_s.arg(address.toString());
}

void PeerRendezvousServerPrivate::stop()
{
    save();
    running->gate.close();
    const auto links = running->linkOwner.findChildren<ClientLink *>();
    for (ClientLink *link : links) {
        link->disconnect(q);
        link->close(QWebSocketProtocol::CloseCodeGoingAway);
    }
    running.reset();
}

void PeerRendezvousServerPrivate::takeSocket(const AcceptedSocket &accepted)
{
    message::Welcome welcome;
    welcome.challenge.resize(ChallengeSize);
    random.fill(
        {reinterpret_cast<std::uint8_t *>(welcome.challenge.data()), std::size_t(ChallengeSize)});
    welcome.stun = {stunUri(accepted.host)};
    welcome.address = accepted.peer;
    welcome.limits = {limits.messageSize, limits.callsPerConnection, limits.namesPerConnection};

    auto *link = new ClientLink(accepted, running->policy, welcome, counters, &running->linkOwner);
    QObject::connect(
        link, &ClientLink::helloAccepted, q,
        [this, link](const QString &id, const QByteArray &ticket) { takeHello(link, id, ticket); });
    QObject::connect(link, &ClientLink::messageReceived, q,
                     [this, link](const ClientMessage &message) { takeMessage(link, message); });
    QObject::connect(link, &ClientLink::ended, q, [this, link] { takeEnd(link); });
}

void PeerRendezvousServerPrivate::takeHello(ClientLink *link, const QString &id,
                                            const QByteArray &ticket)
{
    const Switchboard::Connected connected = running->switchboard.connect(timesNow(), id, ticket,
                                                                          link->address());
    if (connected.hadSocket) {
        ClientLink *before = running->links.value(connected.client);
        before->setClient(ClientId::None);
        before->close(QWebSocketProtocol::CloseCodeNormal);
    }
    link->setClient(connected.client);
    running->links.insert(connected.client, link);
    link->send(message::Ready{connected.resumed});
    flush();
}

void PeerRendezvousServerPrivate::takeMessage(const ClientLink *link, const ClientMessage &message)
{
    if (link->client() == ClientId::None)
        return;
    running->switchboard.receive(timesNow(), link->client(), message);
    flush();
}

void PeerRendezvousServerPrivate::takeEnd(ClientLink *link)
{
    if (link->client() != ClientId::None) {
        running->links.remove(link->client());
        running->switchboard.disconnect(timesNow(), link->client());
        flush();
    }
    link->deleteLater();
}

void PeerRendezvousServerPrivate::flush()
{
    while (const auto outgoing = running->switchboard.nextOutgoing()) {
        if (ClientLink *link = running->links.value(outgoing->to))
            link->send(outgoing->message);
    }
    while (const auto event = running->switchboard.nextEvent()) {
        // From the event loop, so that a slot may delete the server.
        if (const auto *online = std::get_if<Switchboard::NameOnline>(&*event)) {
            QMetaObject::invokeMethod(
                q, [this, it = *online] { Q_EMIT q->peerRegistered(it.name, it.id); },
                Qt::QueuedConnection);
        } else if (const auto *offline = std::get_if<Switchboard::NameOffline>(&*event)) {
            QMetaObject::invokeMethod(
                q, [this, it = *offline] { Q_EMIT q->peerUnregistered(it.name); },
                Qt::QueuedConnection);
        }
    }
    if (running->names.isModified() && !namesFile.isEmpty() && !running->saveTimer.isActive())
        running->saveTimer.start(SaveDelay);
}

void PeerRendezvousServerPrivate::save()
{
    if (namesFile.isEmpty() || !running->names.isModified())
        return;
    const QString fault = saveNames(running->names, namesFile);
    if (fault.isEmpty())
        return;
    QMetaObject::invokeMethod(
        q, [this, fault] { Q_EMIT q->errorOccurred(fault); }, Qt::QueuedConnection);
}

/// In a time that depends on the number of tokens alone.
bool PeerRendezvousServerPrivate::isTokenGood(const QByteArray &token) const
{
    if (tokenDigests.isEmpty())
        return true;
    const QByteArray given = QCryptographicHash::hash(token, QCryptographicHash::Sha256);
    bool isGood = false;
    for (const QByteArray &digest : tokenDigests) {
        unsigned difference = 0;
        for (qsizetype i = 0; i < given.size(); ++i)
            difference |= unsigned(given[i] ^ digest[i]);
        isGood |= difference == 0;
    }
    return isGood;
}

QString PeerRendezvousServerPrivate::stunUri(const QByteArray &dialledHost) const
{
    QString host = isHostText(dialledHost) ? QString::fromLatin1(dialledHost)
                                           : reachable(running->gate.serverAddress()).toString();
    if (host.contains(u':'))
        host = u'[' + host + u']';
    return "stun:"_L1 + host + u':' + QString::number(running->gate.serverPort());
}

QByteArray PeerRendezvousServerPrivate::metrics() const
{
    Gauges gauges;
    if (running) {
        gauges = {running->budgets.connectionCount(), running->switchboard.clientCount(),
                  running->switchboard.onlineCount(), running->names.count(),
                  running->switchboard.callCount()};
    }
    return metricsText(counters, gauges);
}

/*!
    \class PeerRendezvousServer
    \inmodule PeerConnection
    \brief The PeerRendezvousServer class is a rendezvous: peers find each other through it.

    It is what the program \c peer-rendezvous runs. An application or a test embeds it:

    \code
    PeerRendezvousServer rendezvous;
    if (!rendezvous.listen(QHostAddress::AnyIPv4))
        qFatal("%s", qPrintable(rendezvous.errorString()));
    PeerListener listener(rendezvous.peerUrl(u"alice"_s));
    \endcode

    It answers on one TCP port to WebSockets of peers, to \c{GET /healthz} and to
    \c{GET /metrics}, and on UDP at the same port number to STUN.

    It lives in its creator's thread, which needs an event loop, and never blocks but for the names
    file. It may be deleted in any slot of its signals.
*/

/*!
    \enum PeerRendezvousServer::TlsMode

    \value Automatic        Plain on a loopback address, SelfMade elsewhere.
    \value Off              Plain: behind a proxy that ends TLS.
    \value SelfMade         With a key and a certificate that are made for this object. Peers pin
                            them by publicKeyPin(), which peerUrl() holds.
    \value WithCertificate  With what setCertificate() was given.
*/

PeerRendezvousServer::PeerRendezvousServer(QObject *parent)
    : QObject(parent)
    , d_ptr(std::make_unique<PeerRendezvousServerPrivate>(this))
{ }

/*! Closes. */
PeerRendezvousServer::~PeerRendezvousServer()
{
    Q_D(PeerRendezvousServer);
    if (d->running)
        d->stop();
}

/*! Chooses how connections are protected from the next listen() on. */
void PeerRendezvousServer::setTlsMode(TlsMode mode)
{
    Q_D(PeerRendezvousServer);
    d->tlsMode = mode;
}

PeerRendezvousServer::TlsMode PeerRendezvousServer::tlsMode() const
{
    Q_D(const PeerRendezvousServer);
    return d->tlsMode;
}

/*!
    Uses \a chain, the server's certificate first, and \a key from the next listen() on, and sets
    tlsMode to WithCertificate.
*/
void PeerRendezvousServer::setCertificate(const QList<QSslCertificate> &chain, const QSslKey &key)
{
    Q_D(PeerRendezvousServer);
    d->tlsMode = TlsMode::WithCertificate;
    if (chain.isEmpty() || key.isNull())
        d->givenCertificate.reset();
    else
        d->givenCertificate.emplace(chain, key);
}

/*!
    Makes a key and a certificate and writes them as PEM to \a certificateFile and \a keyFile,
    neither of which may exist. With them a server keeps its pin over a restart. Returns whether
    that worked.
*/
bool PeerRendezvousServer::makeCertificate(const QString &certificateFile, const QString &keyFile)
{
    const auto made = makeSelfSignedCertificate();
    return made && writeFile(keyFile, made->key, QFile::ReadOwner | QFile::WriteOwner)
        && writeFile(certificateFile, made->certificate,
                     QFile::ReadOwner | QFile::WriteOwner | QFile::ReadGroup | QFile::ReadOther);
}

/*!
    Keeps in the file \a fileName which key each name belongs to. Without it they are forgotten
    when the server is closed. The file is replaced as a whole, at the latest a second after a
    change.
*/
void PeerRendezvousServer::setNamesFile(const QString &fileName)
{
    Q_D(PeerRendezvousServer);
    d->namesFile = fileName;
}

QString PeerRendezvousServer::namesFile() const
{
    Q_D(const PeerRendezvousServer);
    return d->namesFile;
}

/*! Sets what strangers may cost, from the next listen() on. */
void PeerRendezvousServer::setLimits(const Limits &limits)
{
    Q_D(PeerRendezvousServer);
    d->limits = limits;
}

PeerRendezvousServer::Limits PeerRendezvousServer::limits() const
{
    Q_D(const PeerRendezvousServer);
    return d->limits;
}

/*!
    Closes the rendezvous to all who do not have one of \a tokens, or opens it to the public if
    there are none. Holds for connections to come.
*/
void PeerRendezvousServer::setTokens(const QList<QByteArray> &tokens)
{
    Q_D(PeerRendezvousServer);
    d->tokenDigests.clear();
    for (const QByteArray &token : tokens)
        d->tokenDigests.append(QCryptographicHash::hash(token, QCryptographicHash::Sha256));
}

/*!
    Listens on \a address and \a port, TCP and UDP; port 0 lets the system choose. On failure
    returns false, and errorString() tells why.
*/
bool PeerRendezvousServer::listen(const QHostAddress &address, quint16 port)
{
    Q_D(PeerRendezvousServer);
    if (d->running) {
        d->errorString = "The server is listening already."_L1;
        return false;
    }
    d->errorString = d->start(address, port);
    if (!d->errorString.isEmpty()) {
        d->running.reset();
        return false;
    }
    Q_EMIT listeningChanged();
    return true;
}

/*! Drops all connections and frees the port. */
void PeerRendezvousServer::close()
{
    Q_D(PeerRendezvousServer);
    if (!d->running)
        return;
    d->stop();
    Q_EMIT listeningChanged();
}

bool PeerRendezvousServer::isListening() const
{
    Q_D(const PeerRendezvousServer);
    return d->running != nullptr;
}

/*! Why listen() failed, as a sentence; empty if it did not. */
QString PeerRendezvousServer::errorString() const
{
    Q_D(const PeerRendezvousServer);
    return d->errorString;
}

QHostAddress PeerRendezvousServer::serverAddress() const
{
    Q_D(const PeerRendezvousServer);
    return d->running ? d->running->gate.serverAddress() : QHostAddress();
}

quint16 PeerRendezvousServer::serverPort() const
{
    Q_D(const PeerRendezvousServer);
    return d->running ? d->running->gate.serverPort() : 0;
}

/*! The WebSocket's URL as seen from this machine; empty while not listening. */
QUrl PeerRendezvousServer::url() const
{
    Q_D(const PeerRendezvousServer);
    if (!d->running)
        return {};
    QUrl url;
    url.setScheme(d->certificate ? "wss"_L1 : "ws"_L1);
    url.setHost(reachable(serverAddress()).toString());
    url.setPort(serverPort());
    url.setPath(SocketPath.toString());
    return url;
}

/*!
    The base32 SHA-256 of the server's public key, as the parameter \c tls of a peer address takes
    it; empty without TLS or while not listening.
*/
QString PeerRendezvousServer::publicKeyPin() const
{
    Q_D(const PeerRendezvousServer);
    return d->running && d->certificate ? d->certificate->pin() : QString();
}

/*! The address of the peer \a name at this rendezvous, as seen from this machine. */
QUrl PeerRendezvousServer::peerUrl(const QString &name) const
{
    Q_D(const PeerRendezvousServer);
    if (!d->running || !isValidName(name))
        return {};
    QUrl url;
    url.setScheme("peer"_L1);
    url.setUserName(name);
    url.setHost(reachable(serverAddress()).toString());
    url.setPort(serverPort());
    if (!d->certificate)
        url.setQuery("tls=off"_L1);
    else if (d->certificate->isSelfSigned())
        url.setQuery("tls="_L1 + d->certificate->pin());
    return url;
}

/*! Whether a peer takes calls to \a name at the moment. */
bool PeerRendezvousServer::isRegistered(const QString &name) const
{
    Q_D(const PeerRendezvousServer);
    return d->running && d->running->switchboard.isOnline(name);
}

int PeerRendezvousServer::connectionCount() const
{
    Q_D(const PeerRendezvousServer);
    return d->running ? d->running->budgets.connectionCount() : 0;
}

/*! What \c{GET /metrics} answers. */
QByteArray PeerRendezvousServer::metrics() const
{
    Q_D(const PeerRendezvousServer);
    return d->metrics();
}

/*!
    \fn void PeerRendezvousServer::peerRegistered(const QString &name, const QString &id)
    The peer with the identity \a id takes calls to \a name from now on.
*/
/*!
    \fn void PeerRendezvousServer::peerUnregistered(const QString &name)
    Nobody takes calls to \a name any more.
*/
/*!
    \fn void PeerRendezvousServer::errorOccurred(const QString &text)
    The names could not be saved; they are tried again with the next change.
*/
