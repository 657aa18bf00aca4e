// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "api/networkcheckworker.h"

#include "api/networkruntime.h"
#include "api/relaycheck.h"
#include "api/udpcheck.h"
#include "shell/boottime.h"
#include "shell/interfacewatcher.h"
#include "shell/systemproxies.h"
#include "signaling/hostport.h"

#include <QtCore/qpointer.h>
#include <QtCore/qurl.h>

#include <algorithm>
#include <chrono>
#include <utility>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace peer {

namespace {

/// A rendezvous that answers later is of no use to a caller.
constexpr auto RendezvousPatience = 10s;
constexpr auto LookupPatience = 5s;

PeerNetworkReport::Nat toReport(stun::NatMapping mapping)
{
    switch (mapping) {
    case stun::NatMapping::Unknown:
        return PeerNetworkReport::Nat::Unknown;
    case stun::NatMapping::NoNat:
        return PeerNetworkReport::Nat::None;
    case stun::NatMapping::Constant:
        return PeerNetworkReport::Nat::Constant;
    case stun::NatMapping::Varying:
        return PeerNetworkReport::Nat::Varying;
    }
    return PeerNetworkReport::Nat::Unknown;
}

PeerNetworkReport::Filtering toReport(stun::NatFiltering filtering)
{
    switch (filtering) {
    case stun::NatFiltering::Unknown:
        return PeerNetworkReport::Filtering::Unknown;
    case stun::NatFiltering::Open:
        return PeerNetworkReport::Filtering::Open;
    case stun::NatFiltering::Restricted:
        return PeerNetworkReport::Filtering::Restricted;
    }
    return PeerNetworkReport::Filtering::Unknown;
}

double milliseconds(Duration duration)
{
    return std::chrono::duration<double, std::milli>(duration).count();
}

} // namespace

void NetworkCheckWorker::startChecking(std::shared_ptr<NetworkCheckLink> link,
                                       NetworkCheckParameters parameters)
{
    NetworkRuntime::post(
        [link = std::move(link), parameters = std::move(parameters)](NetworkRuntime &runtime) {
            new NetworkCheckWorker(runtime, link, parameters);
        });
}

NetworkCheckWorker::NetworkCheckWorker(NetworkRuntime &runtime,
                                       std::shared_ptr<NetworkCheckLink> link,
                                       const NetworkCheckParameters &parameters)
    : QObject(&runtime)
    , m_runtime(runtime)
    , m_link(std::move(link))
    , m_parameters(parameters)
    , m_startedAt(bootTimeNow())
{
    m_link->cancellations.attach(this, [this] { deleteLater(); });
    begin();
    listAddresses();
    askOwnRelays();
    if (m_parameters.address.isValid()) {
        askRendezvous();
        askStun();
    }
    // What has an answer already ends from the event loop, as everything does.
    QMetaObject::invokeMethod(this, &NetworkCheckWorker::end, Qt::QueuedConnection);
}

NetworkCheckWorker::~NetworkCheckWorker()
{
    m_link->cancellations.detach();
    for (const Resolver::LookupId lookup : m_lookups)
        m_runtime.resolver().cancel(lookup);
}

void NetworkCheckWorker::end()
{
    if (--m_open != 0)
        return;
    m_link->reports.put(m_report);
    deleteLater();
}

void NetworkCheckWorker::listAddresses()
{
    for (const UsableAddress &usable : selectAddresses(readInterfaceAddresses(), {})) {
        if (usable.ip.isLinkLocal())
            continue;
        auto &udp = usable.ip.family() == IpAddress::Family::V4 ? m_report.ipv4 : m_report.ipv6;
        udp.addresses.append(QString::fromStdString(usable.ip.toString()));
    }
}

void NetworkCheckWorker::askRendezvous()
{
    begin();
    const PeerAddress::RendezvousHost host = m_parameters.address.rendezvousHosts().first();
    m_report.rendezvous.host = u"%1:%2"_s.arg(hostForUri(host.host)).arg(host.port);
    m_report.rendezvous.isTested = true;
    m_client = m_runtime.rendezvous(m_parameters.address, m_parameters.authorities, std::nullopt,
                                    m_parameters.proxy);
    noteProxy();
    const RendezvousClient *client = m_client.get();
    connect(client, &RendezvousClient::serverInfo, this, &NetworkCheckWorker::noteRendezvous);
    connect(client, &RendezvousClient::errorOccurred, this,
            [this](RendezvousClient::Error, const QString &text) { noteRendezvousProblem(text); });
    m_rendezvousTimer.setSingleShot(true);
    connect(&m_rendezvousTimer, &QTimer::timeout, this,
            [this] { noteRendezvousProblem(u"it does not answer"_s); });
    m_rendezvousTimer.start(RendezvousPatience);
    if (m_client->state() == RendezvousClient::State::Ready)
        noteRendezvous(m_client->info());
}

void NetworkCheckWorker::noteRendezvous(const RendezvousInfo &info)
{
    disconnect(m_client.get(), nullptr, this, nullptr);
    m_rendezvousTimer.stop();
    m_report.rendezvous.isReachable = true;
    m_report.rendezvous.observedAddress = info.observedAddress;
    m_report.rendezvous.connectTime = milliseconds(bootTimeNow() - m_startedAt);
    m_report.rendezvous.hasTunnel = info.hasTunnels;
    const QStringList named = m_parameters.address.turnUris();
    if (info.turn) {
        QStringList uris = named + info.turn->uris;
        uris.removeDuplicates();
        askRelays(uris, info.turn->username, info.turn->password);
    } else {
        for (const QString &uri : named)
            m_report.relays.append({.uri = uri, .problem = u"there are no credentials for it"_s});
    }
    end();
}

void NetworkCheckWorker::noteRendezvousProblem(const QString &text)
{
    disconnect(m_client.get(), nullptr, this, nullptr);
    m_rendezvousTimer.stop();
    m_report.rendezvous.problem = text;
    end();
}

void NetworkCheckWorker::askStun()
{
    // The rendezvous answers to STUN at its own port number; a server that the application or the
    // address names goes before it. Neither needs the rendezvous to be reached by TCP.
    QString host = m_parameters.address.rendezvousHosts().first().host;
    quint16 port = m_parameters.address.rendezvousHosts().first().port;
    const IceServers servers{m_parameters.iceServers, m_parameters.address.stunUris(), {}};
    if (const auto named = servers.stun(); !named.empty()) {
        host = named.front().host;
        port = named.front().port;
    }
    lookUp(host, [this, port](const std::vector<IpAddress> &addresses) {
        for (const IpAddress::Family family : {IpAddress::Family::V4, IpAddress::Family::V6}) {
            const auto found = std::find_if(
                addresses.begin(), addresses.end(),
                [family](const IpAddress &ip) { return ip.family() == family; });
            if (found != addresses.end())
                startUdpCheck({*found, port});
        }
    });
}

void NetworkCheckWorker::lookUp(const QString &host, Resolver::Callback answer)
{
    begin();
    const auto id = std::make_shared<Resolver::LookupId>();
    *id = m_runtime.resolver().lookUp(
        host, LookupPatience,
        [this, id, answer = std::move(answer)](const std::vector<IpAddress> &addresses) {
            std::erase(m_lookups, *id);
            answer(addresses);
            end();
        });
    m_lookups.push_back(*id);
}

void NetworkCheckWorker::noteProxy()
{
    const auto note = [this](const QNetworkProxy &proxy) {
        if (proxy.type() == QNetworkProxy::HttpProxy || proxy.type() == QNetworkProxy::Socks5Proxy)
            m_report.rendezvous.proxy =
                u"%1:%2"_s.arg(hostForUri(proxy.hostName())).arg(proxy.port());
    };
    if (m_parameters.proxy.type() != QNetworkProxy::DefaultProxy) {
        note(m_parameters.proxy);
        return;
    }
    const PeerAddress::RendezvousHost host = m_parameters.address.rendezvousHosts().first();
    QUrl url;
    url.setScheme(u"https"_s);
    url.setHost(host.host);
    url.setPort(host.port);
    begin();
    m_runtime.proxies().find(url, this, [this, note](const QList<QNetworkProxy> &proxies) {
        note(proxies.first());
        end();
    });
}

/// Those that the application has credentials for.
void NetworkCheckWorker::askOwnRelays()
{
    for (const PeerIceServer &server : m_parameters.iceServers)
        askRelays(server.urls, server.username, server.credential);
}

void NetworkCheckWorker::askRelays(const QStringList &uris, const QString &username,
                                   const QString &password)
{
    for (const QString &uri : uris) {
        if (const auto server = turnServer(uri, username, password))
            askRelay(uri, *server);
    }
}

void NetworkCheckWorker::askRelay(const QString &uri, const TurnServer &server)
{
    PeerNetworkReport::Relay relay;
    relay.uri = uri;
    relay.username = server.username;
    begin();
    auto *check = new RelayCheck(relay, server, m_runtime.random(), this);
    connect(check, &RelayCheck::finished, this, [this, check] {
        m_report.relays.append(check->result());
        check->deleteLater();
        end();
    });
    if (server.transport != turn::Transport::Udp) {
        TcpPortOptions options;
        options.proxy = m_parameters.proxy;
        options.authorities = m_parameters.authorities;
        check->askByStream(options, SystemProxies::shared());
        return;
    }
    lookUp(server.host, [check = QPointer(check)](const std::vector<IpAddress> &addresses) {
        if (!check)
            return;
        if (addresses.empty())
            check->fail(u"its name has no address"_s);
        else
            check->askByUdp(addresses.front());
    });
}

void NetworkCheckWorker::startUdpCheck(const TransportAddress &server)
{
    begin();
    auto *check = new UdpCheck(server, m_runtime.random(), this);
    connect(check, &UdpCheck::finished, this, [this, check, family = server.ip.family()] {
        auto &udp = family == IpAddress::Family::V4 ? m_report.ipv4 : m_report.ipv6;
        const stun::NatFindings &findings = check->findings();
        udp.isTested = true;
        udp.isOpen = findings.isAnswered;
        if (findings.isAnswered)
            udp.publicAddress = QString::fromStdString(findings.mapped.toString());
        udp.nat = toReport(findings.mapping);
        udp.filtering = toReport(findings.filtering);
        udp.roundTripTime = milliseconds(findings.roundTripTime);
        check->deleteLater();
        end();
    });
}

} // namespace peer
