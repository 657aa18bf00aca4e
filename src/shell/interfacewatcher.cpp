// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "shell/interfacewatcher.h"

#include <QtCore/qsocketnotifier.h>

#ifdef Q_OS_LINUX
#    include "shell/netlink_linux.h"

#    include <unistd.h>
#else
#    include "shell/qtaddress.h"

#    include <QtCore/qdeadlinetimer.h>
#    include <QtNetwork/qnetworkinterface.h>
#endif

namespace peer {

#ifndef Q_OS_LINUX

namespace {

InterfaceKind kindOf(const QNetworkInterface &interface)
{
    switch (interface.type()) {
    case QNetworkInterface::Loopback:
        return InterfaceKind::Loopback;
    case QNetworkInterface::Ppp:
    case QNetworkInterface::Slip:
        return InterfaceKind::Vpn;
    case QNetworkInterface::Virtual:
    case QNetworkInterface::Unknown:
    default: // the other kinds are all media
        break;
    }
    const QString name = interface.name();
    for (const char *const prefix : {"utun", "tun", "tap", "wg", "ppp", "ipsec"}) {
        if (name.startsWith(QLatin1String(prefix)))
            return InterfaceKind::Vpn;
    }
    for (const char *const prefix : {"bridge", "docker", "veth", "virbr", "vmnet", "vboxnet"}) {
        if (name.startsWith(QLatin1String(prefix)))
            return InterfaceKind::Virtual;
    }
    return interface.type() == QNetworkInterface::Virtual ? InterfaceKind::Virtual
                                                          : InterfaceKind::Physical;
}

} // namespace

std::vector<InterfaceAddress> readInterfaceAddresses()
{
    std::vector<InterfaceAddress> addresses;
    const QList<QNetworkInterface> interfaces = QNetworkInterface::allInterfaces();
    for (const QNetworkInterface &interface : interfaces) {
        const auto needed = QNetworkInterface::IsUp | QNetworkInterface::IsRunning;
        if ((interface.flags() & needed) != needed)
            continue;
        const QList<QNetworkAddressEntry> entries = interface.addressEntries();
        for (const QNetworkAddressEntry &entry : entries) {
            InterfaceAddress address;
            address.ip = toIpAddress(entry.ip());
            address.interfaceIndex = std::uint32_t(interface.index());
            address.kind = kindOf(interface);
            // Qt tells RFC 8981's temporary addresses only as not eligible for the DNS.
            address.isTemporary = entry.ip().protocol() == QHostAddress::IPv6Protocol
                && entry.dnsEligibility() == QNetworkAddressEntry::DnsIneligible;
            address.isDeprecated = entry.isLifetimeKnown()
                && entry.preferredLifetime().hasExpired();
            if (addresses.size() < InterfaceWatcher::MaxAddresses)
                addresses.push_back(address);
        }
    }
    return addresses;
}

#endif // Q_OS_LINUX

InterfaceWatcher::InterfaceWatcher(QObject *parent)
    : QObject(parent)
{
    m_timer.setSingleShot(true);
    connect(&m_timer, &QTimer::timeout, this, &InterfaceWatcher::refresh);
    startWatching();
    m_addresses = readInterfaceAddresses();
}

InterfaceWatcher::~InterfaceWatcher()
{
#ifdef Q_OS_LINUX
    delete m_notifier;
    if (m_netlink >= 0)
        close(m_netlink);
#endif
}

std::shared_ptr<InterfaceWatcher> InterfaceWatcher::shared()
{
    thread_local std::weak_ptr<InterfaceWatcher> current;
    std::shared_ptr<InterfaceWatcher> watcher = current.lock();
    if (!watcher) {
        // The last user may let go of it in a slot of changed().
        watcher = {new InterfaceWatcher, [](InterfaceWatcher *unused) { unused->deleteLater(); }};
        current = watcher;
    }
    return watcher;
}

void InterfaceWatcher::startWatching()
{
#ifdef Q_OS_LINUX
    m_netlink = openNetlinkMonitor();
    if (m_netlink >= 0) {
        m_notifier = new QSocketNotifier(m_netlink, QSocketNotifier::Read);
        connect(m_notifier, &QSocketNotifier::activated, this, [this] {
            if (drainNetlinkMonitor(m_netlink) && !m_timer.isActive())
                m_timer.start(Settling);
        });
        return;
    }
#endif
    m_timer.start(PollInterval);
}

void InterfaceWatcher::refresh()
{
    if (m_netlink < 0)
        m_timer.start(PollInterval);
    std::vector<InterfaceAddress> addresses = readInterfaceAddresses();
    if (addresses == m_addresses)
        return;
    m_addresses = std::move(addresses);
    Q_EMIT changed();
}

} // namespace peer
