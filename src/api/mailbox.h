// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_API_MAILBOX_H
#define PEER_API_MAILBOX_H

#include <QtCore/qmutex.h>
#include <QtCore/qobject.h>

#include <functional>
#include <utility>
#include <vector>

namespace peer {

/// Values from one thread to an object of another, in order. The object is woken once for all that
/// gathers until it looks; quiet items do not wake it. What is put in before there is a receiver
/// waits for it.
template<typename Item>
class Mailbox
{
public:
    /// Called in the receiver's thread, from its event loop; it is to call takeAll().
    using Wake = std::function<void()>;

    /// receiver must call detach() before it is gone.
    void attach(QObject *receiver, Wake wake)
    {
        {
            const QMutexLocker locker(&m_receiverMutex);
            m_receiver = receiver;
            m_wake = std::move(wake);
        }
        this->wake();
    }

    /// Nobody reads any more: what comes is dropped. Returns what nobody has looked at.
    std::vector<Item> detach()
    {
        {
            const QMutexLocker locker(&m_receiverMutex);
            m_receiver = nullptr;
            m_wake = {};
        }
        const QMutexLocker locker(&m_mutex);
        m_isClosed = true;
        return std::exchange(m_items, {});
    }

    /// False, and item is dropped, if nobody reads any more.
    bool put(Item item)
    {
        if (!putQuietly(std::move(item)))
            return false;
        wake();
        return true;
    }

    /// As put(), but the receiver gets it with what wakes him next: the next put(), or wake().
    bool putQuietly(Item item)
    {
        const QMutexLocker locker(&m_mutex);
        if (m_isClosed)
            return false;
        m_items.push_back(std::move(item));
        return true;
    }

    void wake()
    {
        {
            const QMutexLocker locker(&m_mutex);
            if (m_items.empty() || m_isWoken)
                return;
        }
        // Not with m_mutex locked: the receiver would wake up only to wait for it.
        const QMutexLocker locker(&m_receiverMutex);
        if (!m_receiver)
            return;
        {
            const QMutexLocker itemsLocker(&m_mutex);
            if (std::exchange(m_isWoken, true))
                return;
        }
        QMetaObject::invokeMethod(m_receiver, m_wake, Qt::QueuedConnection);
    }

    std::vector<Item> takeAll()
    {
        const QMutexLocker locker(&m_mutex);
        m_isWoken = false;
        return std::exchange(m_items, {});
    }

private:
    /// Held while the receiver is woken, so that it is not gone then. Locked before m_mutex.
    QMutex m_receiverMutex;
    QObject *m_receiver = nullptr;
    Wake m_wake;

    QMutex m_mutex;
    std::vector<Item> m_items;
    bool m_isWoken = false;
    bool m_isClosed = false;
};

} // namespace peer

#endif // PEER_API_MAILBOX_H
