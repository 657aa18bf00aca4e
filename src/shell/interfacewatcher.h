// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SHELL_INTERFACEWATCHER_H
#define PEER_SHELL_INTERFACEWATCHER_H

#include "shell/localaddresses.h"

#include <QtCore/qobject.h>
#include <QtCore/qtimer.h>

#include <chrono>
#include <memory>
#include <vector>

QT_BEGIN_NAMESPACE
class QSocketNotifier;
QT_END_NAMESPACE

namespace peer {

/// The addresses of this machine's interfaces that are up, kept current: on Linux by rtnetlink,
/// elsewhere (and where there is no netlink socket to be had) by looking every PollInterval.
class InterfaceWatcher : public QObject
{
    Q_OBJECT

public:
    /// Changes come in bursts: link, address, route. From the first of them to changed().
    static constexpr std::chrono::milliseconds Settling{50};
    static constexpr std::chrono::milliseconds PollInterval{2000};
    /// More addresses than that are not looked at.
    static constexpr std::size_t MaxAddresses = 1024;

    explicit InterfaceWatcher(QObject *parent = nullptr);
    ~InterfaceWatcher() override;

    /// One watcher for all who use it in this thread; it ends with the last of them.
    static std::shared_ptr<InterfaceWatcher> shared();

    const std::vector<InterfaceAddress> &addresses() const { return m_addresses; }
    /// Looks at once, for whoever has reason to believe that something has changed.
    void refresh();

Q_SIGNALS:
    /// addresses() is another one than before.
    void changed();

private:
    void startWatching();

    std::vector<InterfaceAddress> m_addresses;
    QTimer m_timer;
    /// -1: polling.
    int m_netlink = -1;
    QSocketNotifier *m_notifier = nullptr;
};

/// Asks the system. Bounded by InterfaceWatcher::MaxAddresses.
std::vector<InterfaceAddress> readInterfaceAddresses();

} // namespace peer

#endif // PEER_SHELL_INTERFACEWATCHER_H
