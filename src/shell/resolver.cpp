// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "shell/resolver.h"

#include "shell/qtaddress.h"

#include <QtCore/qtimer.h>
#include <QtNetwork/qhostinfo.h>

#include <algorithm>
#include <optional>
#include <unordered_map>
#include <utility>

namespace peer {

class Resolver::Private
{
public:
    struct Lookup
    {
        Callback callback;
        /// QHostInfo's id of it; none when the answer is known and only waits to be told.
        std::optional<int> hostInfoId;
        std::unique_ptr<QTimer> deadline;
    };

    std::unordered_map<LookupId, Lookup> lookups;
    quint32 lastId = 0;
};

Resolver::Resolver(QObject *parent)
    : QObject(parent)
    , d(std::make_unique<Private>())
{ }

Resolver::~Resolver()
{
    for (const auto &[id, lookup] : d->lookups) {
        if (lookup.hostInfoId)
            QHostInfo::abortHostLookup(*lookup.hostInfoId);
    }
}

Resolver::LookupId Resolver::lookUp(const QString &name, std::chrono::milliseconds deadline,
                                    Callback callback)
{
    const LookupId id{++d->lastId};
    const bool isAllowed = d->lookups.size() < MaxLookups && !name.isEmpty();
    Private::Lookup &lookup = d->lookups[id];
    lookup.callback = std::move(callback);

    const auto literal = IpAddress::fromString(name.toStdString());
    if (literal || !isAllowed) {
        const auto addresses = literal ? std::vector{*literal} : std::vector<IpAddress>();
        QMetaObject::invokeMethod(
            this, [this, id, addresses] { finish(id, addresses); }, Qt::QueuedConnection);
        return id;
    }
    lookup.deadline = std::make_unique<QTimer>();
    lookup.deadline->setSingleShot(true);
    lookup.deadline->setTimerType(Qt::PreciseTimer);
    connect(lookup.deadline.get(), &QTimer::timeout, this, [this, id] { finish(id, {}); });
    lookup.deadline->start(deadline);
    startQuery(id, name);
    return id;
}

void Resolver::cancel(LookupId id)
{
    const auto found = d->lookups.find(id);
    if (found == d->lookups.end())
        return;
    if (found->second.hostInfoId)
        QHostInfo::abortHostLookup(*found->second.hostInfoId);
    d->lookups.erase(found);
}

void Resolver::startQuery(LookupId id, const QString &name)
{
    // QHostInfo may answer from its cache, but never before lookupHost() has returned.
    d->lookups[id].hostInfoId = QHostInfo::lookupHost(
        name, this, [this, id](const QHostInfo &info) {
            std::vector<IpAddress> addresses;
            const QList<QHostAddress> found = info.addresses();
            for (const QHostAddress &address : found)
                addresses.push_back(toIpAddress(address));
            std::erase_if(addresses, [](const IpAddress &ip) { return ip.isNull(); });
            finish(id, addresses);
        });
}

void Resolver::finish(LookupId id, const std::vector<IpAddress> &addresses)
{
    const auto found = d->lookups.find(id);
    if (found == d->lookups.end())
        return;
    if (found->second.hostInfoId)
        QHostInfo::abortHostLookup(*found->second.hostInfoId);
    // The timer may be the caller, so it goes by the event loop.
    if (found->second.deadline)
        found->second.deadline.release()->deleteLater();
    const Callback callback = std::move(found->second.callback);
    d->lookups.erase(found);
    callback(addresses);
}

std::vector<IpAddress> interleaveFamilies(const std::vector<IpAddress> &addresses)
{
    std::vector<IpAddress> first;
    std::vector<IpAddress> second;
    for (const IpAddress &address : addresses) {
        std::vector<IpAddress> &family = address.family() == addresses.front().family() ? first
                                                                                        : second;
        if (std::find(family.begin(), family.end(), address) == family.end())
            family.push_back(address);
    }
    std::vector<IpAddress> ordered;
    for (std::size_t at = 0; at < std::max(first.size(), second.size()); ++at) {
        if (at < first.size())
            ordered.push_back(first[at]);
        if (at < second.size())
            ordered.push_back(second[at]);
    }
    return ordered;
}

} // namespace peer
