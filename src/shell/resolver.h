// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SHELL_RESOLVER_H
#define PEER_SHELL_RESOLVER_H

#include "core/base/address.h"

#include <QtCore/qobject.h>
#include <QtCore/qstring.h>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

namespace peer {

/// Resolves host names without blocking, by the system's resolver in Qt's pool of resolver threads.
///
/// At most MaxLookups are under way at once; what exceeds them has no address. Cancelling and
/// deadlines end the waiting, not the system's query, which runs out in its own time.
class Resolver : public QObject
{
    Q_OBJECT

public:
    static constexpr std::size_t MaxLookups = 64;
    /// For mDNS names of candidates: resolved within this time or dropped (D5).
    static constexpr std::chrono::milliseconds LocalNameDeadline{300};

    enum class LookupId : quint32 { None = 0 };
    /// The addresses in the order of the system's preference (RFC 6724); empty if there is none,
    /// the name is no host name, or the deadline has come.
    using Callback = std::function<void(const std::vector<IpAddress> &)>;

    explicit Resolver(QObject *parent = nullptr);
    /// Cancels what is under way.
    ~Resolver() override;

    /// Calls back exactly once from the event loop, unless cancelled. The name may be an address
    /// in its strict text form, which no resolver sees. The callback may delete the resolver.
    LookupId lookUp(const QString &name, std::chrono::milliseconds deadline, Callback callback);
    void cancel(LookupId id);

protected:
    /// Asks the system; a test may have another one. Not to answer before it has returned.
    virtual void startQuery(LookupId id, const QString &name);
    /// The answer. Nothing happens if nobody waits for it any more.
    void finish(LookupId id, const std::vector<IpAddress> &addresses);

private:
    class Private;
    std::unique_ptr<Private> d;
};

/// RFC 8305 section 4: families take turns, beginning with that of the first address; within a
/// family the order stays. Doubled addresses are dropped.
std::vector<IpAddress> interleaveFamilies(const std::vector<IpAddress> &addresses);

} // namespace peer

#endif // PEER_SHELL_RESOLVER_H
