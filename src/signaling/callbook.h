// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SIGNALING_CALLBOOK_H
#define PEER_SIGNALING_CALLBOOK_H

#include "signaling/protocolmessages.h"

#include <QtCore/qbytearray.h>
#include <QtCore/qhash.h>
#include <QtCore/qlist.h>
#include <QtCore/qstring.h>

#include <deque>

namespace peer {

/// One call as a client knows it.
struct CallRecord
{
    rendezvous::CallSide side = rendezvous::CallSide::Caller;
    QString call; ///< on the wire
    /// Caller: the callee has been heard. Callee: always.
    bool isAnswered = false;
    /// Caller: announces the call, with the offer until it is answered.
    rendezvous::message::Call announcement;
    /// Messages that wait for the connection.
    QList<QByteArray> waiting;
    /// Caller, not answered, with several hosts: the signals after the offer, for another host.
    QList<QJsonObject> early;
    /// Caller: it is tried at the other hosts.
    bool isElsewhere = false;
    /// The user has ended it; it is kept for what waits.
    bool isEnding = false;
    /// Caller: announced again after "unknown", on this connection.
    bool isAnnouncedAgain = false;
};

/// The calls of a client. The two ends of a call between a client and itself are two of them: to
/// users, the callee's has another id.
class CallBook
{
public:
    /// Ended calls that a server without memory might offer once more.
    static constexpr std::size_t MaxEnded = 256;

    /// What users call it.
    static QString userId(rendezvous::CallSide side, const QString &call);

    CallRecord *find(const QString &userId);
    CallRecord *find(rendezvous::CallSide side, const QString &call);
    CallRecord &add(rendezvous::CallSide side, const QString &call);
    /// A callee's is remembered as ended.
    void remove(const QString &userId);
    bool hasEnded(const QString &userId) const;

    qsizetype size() const { return m_records.size(); }
    QHash<QString, CallRecord> &records() { return m_records; }

private:
    QHash<QString, CallRecord> m_records;
    std::deque<QString> m_ended;
};

} // namespace peer

#endif // PEER_SIGNALING_CALLBOOK_H
