// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "signaling/callbook.h"

#include <algorithm>

namespace peer {

using rendezvous::CallSide;

QString CallBook::userId(CallSide side, const QString &call)
{
    // No call has a "@" on the wire.
    return side == CallSide::Caller ? call : u'@' + call;
}

CallRecord *CallBook::find(const QString &userId)
{
    const auto it = m_records.find(userId);
    return it == m_records.end() ? nullptr : &*it;
}

CallRecord *CallBook::find(CallSide side, const QString &call)
{
    return find(userId(side, call));
}

CallRecord &CallBook::add(CallSide side, const QString &call)
{
    CallRecord &record = m_records[userId(side, call)];
    record.side = side;
    record.call = call;
    record.isAnswered = side == CallSide::Callee;
    return record;
}

void CallBook::remove(const QString &userId)
{
    const auto it = m_records.find(userId);
    if (it == m_records.end())
        return;
    if (it->side == CallSide::Callee) {
        m_ended.push_back(userId);
        if (m_ended.size() > MaxEnded)
            m_ended.pop_front();
    }
    m_records.erase(it);
}

bool CallBook::hasEnded(const QString &userId) const
{
    return std::find(m_ended.begin(), m_ended.end(), userId) != m_ended.end();
}

} // namespace peer
