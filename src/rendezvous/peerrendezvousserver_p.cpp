// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "rendezvous/peerrendezvousserver_p.h"

#include "rendezvous/callpage.h"
#include "rendezvous/metrics.h"
#include "rendezvous/namesfile.h"
#include "shell/boottime.h"

#include <QtCore/qcryptographichash.h>

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

bool isHostText(const QByteArray &host)
{
    return !host.isEmpty() && host.size() <= 255
        && std::all_of(host.begin(), host.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')
                   || c == '.' || c == '-' || c == ':';
           });
}

} // namespace

PeerRendezvousServerPrivate::Running::Running(PeerRendezvousServerPrivate *d, std::size_t seed)
    : names(d->limits.names, d->limits.namesPerKey, d->limits.nameRetention)
    , budgets(d->limits, seed)
    , switchboard(d->limits, names, budgets, d->counters)
    , gate(d->limits, budgets, d->counters)
    , stun(d->limits, seed, d->counters)
    , tunnels(d->limits, d->random, d->counters)
{
    if (d->limits.tunnels > 0)
        switchboard.setTunnelMint([d](peer::TimePoint now) { return d->mintTunnel(now); });
}

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

    running->gate.setPages([this](const QByteArray &path) -> std::optional<HttpPage> {
        if (path == "/healthz")
            return HttpPage{.body = "ok\n"};
        if (path == "/metrics")
            return HttpPage{.body = metrics()};
        return isCallPageEnabled ? callPage(path) : std::nullopt;
    });
    running->policy = makePolicy();
    QObject::connect(&running->gate, &ConnectionGate::socketAccepted, q,
                     [this](const AcceptedSocket &accepted) { takeSocket(accepted); });
    QObject::connect(&running->advanceTimer, &QTimer::timeout, q, [this] {
        running->switchboard.advance(timesNow());
        flush();
    });
    running->advanceTimer.start(
        std::clamp(limits.resumeTime / 4, MinAdvanceInterval, MaxAdvanceInterval));
    running->presenceTimer.setSingleShot(true);
    QObject::connect(&running->presenceTimer, &QTimer::timeout, q, [this] {
        running->switchboard.advancePresence(peer::bootTimeNow());
        flush();
    });
    running->saveTimer.setSingleShot(true);
    QObject::connect(&running->saveTimer, &QTimer::timeout, q, [this] { save(); });
    return {};
}

std::shared_ptr<const ClientLink::Policy> PeerRendezvousServerPrivate::makePolicy()
{
    auto policy = std::make_shared<ClientLink::Policy>();
    policy->limits = limits;
    policy->isTokenGood = [this](const QByteArray &token) { return isTokenGood(token); };
    policy->isForUs = [this](const message::Identity &proof) {
        return !certificate || certificate->isMeantBy(proof);
    };
    policy->isPublic = [this] { return tokenDigests.isEmpty(); };
    policy->mintTurn = [this] { return mintTurn(); };
    return policy;
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
    if (accepted.path == TunnelPath.toUtf8()) {
        running->tunnels.take(accepted);
        return;
    }
    message::Welcome welcome;
    welcome.challenge.resize(ChallengeSize);
    random.fill(
        {reinterpret_cast<std::uint8_t *>(welcome.challenge.data()), std::size_t(ChallengeSize)});
    welcome.stun = {stunUri(accepted.host)};
    welcome.address = accepted.peer;
    welcome.limits = {limits.messageSize, limits.callsPerConnection, limits.namesPerConnection};
    welcome.hasTunnels = limits.tunnels > 0;

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
    link->sendReady(connected.resumed);
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
        running->switchboard.disconnect(timesNow(), link->client(),
                                        link->wasSilent() ? Switchboard::Leaving::Silent
                                                          : Switchboard::Leaving::Closed);
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
    const peer::TimePoint due = running->switchboard.nextPresenceDeadline();
    if (due != peer::Never && !running->presenceTimer.isActive()) {
        running->presenceTimer.start(std::chrono::ceil<std::chrono::milliseconds>(
            std::max(due - peer::bootTimeNow(), peer::Duration::zero())));
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

/// Without a public URL it is relative to the one that the peer dialled, whatever stands between.
message::Tunnel PeerRendezvousServerPrivate::mintTunnel(peer::TimePoint now)
{
    QString url = TunnelPath.toString();
    if (!publicUrl.isEmpty()) {
        QUrl full = publicUrl;
        full.setPath(TunnelPath.toString());
        url = full.toString(QUrl::FullyEncoded);
    }
    return {url, running->tunnels.mint(now)};
}

std::optional<message::TurnServers> PeerRendezvousServerPrivate::mintTurn()
{
    if (turnUris.isEmpty() || turnSecret.isEmpty())
        return std::nullopt;
    constexpr std::size_t nameSize = 8;
    const QString name = QString::fromStdString(random.iceCharacters(nameSize));
    const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    return TurnCredentials(turnUris, turnSecret, limits.turnLifetime).mint(now, name);
}

QHostAddress PeerRendezvousServerPrivate::reachableAddress() const
{
    const QHostAddress address = running->gate.serverAddress();
    if (address == QHostAddress(QHostAddress::AnyIPv6))
        return QHostAddress::LocalHostIPv6;
    if (address == QHostAddress(QHostAddress::Any)
        || address == QHostAddress(QHostAddress::AnyIPv4))
        return QHostAddress::LocalHost;
    return address;
}

QString PeerRendezvousServerPrivate::stunUri(const QByteArray &dialledHost) const
{
    QString host = isHostText(dialledHost) ? QString::fromLatin1(dialledHost)
                                           : reachableAddress().toString();
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
                  running->switchboard.callCount(),   running->tunnels.count(),
                  running->switchboard.watchCount()};
    }
    return metricsText(counters, gauges);
}
