// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_TEST_SCTPTRANSFER_H
#define PEER_TEST_SCTPTRANSFER_H

#include "support/sctppair/sctppair.h"

#include <functional>

namespace peer::test {

/// Sends messages 0 … total-1 as fast as the association takes them.
struct Transfer
{
    SctpPair &pair;
    SctpEnd &sender;
    std::uint32_t total;
    std::size_t size;
    std::uint32_t streams = 1;
    sctp::Reliability reliability = {};

    std::uint32_t next = 0;
    Bytes payload = {};

    bool run(Duration limit, const std::function<bool()> &isDone)
    {
        return pair.run(limit, [&] {
            while (next < total) {
                if (payload.empty())
                    payload = testPayload(next, size);
                if (sender.send(sctp::StreamId(next % streams), payload, reliability)
                    != sctp::Association::SendResult::Sent)
                    break;
                payload.clear();
                ++next;
            }
            return isDone();
        });
    }
};

inline std::uint32_t numberOf(const sctp::Message &message)
{
    return readUint32(message.payload.data());
}

inline bool isWhole(const sctp::Message &message, std::size_t size)
{
    return message.payload == testPayload(numberOf(message), size);
}

} // namespace peer::test

#endif // PEER_TEST_SCTPTRANSFER_H
