// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "secure/sctp/messageassembly.h"

#include <utility>

namespace peer::sctp {

namespace {

bool isEmptyMessage(PayloadProtocol protocol)
{
    return protocol == PayloadProtocol::EmptyString || protocol == PayloadProtocol::EmptyBinary;
}

} // namespace

MessageAssembly::MessageAssembly(std::size_t maxMessage)
    : m_maxMessage(maxMessage)
    , m_unordered(maxMessage)
{ }

MessageAssembly::Result MessageAssembly::take(const SctpSocket::Arrival &arrival)
{
    Result result = arrival.isUnordered
        ? m_unordered.take(
            {arrival.tsn, arrival.stream, arrival.protocol, arrival.sequence, arrival.octets})
        : takeOrdered(arrival);
    // RFC 8831 section 6.6: an octet that nobody reads stands for an empty message.
    if (result.message && isEmptyMessage(result.message->protocol))
        result.message->payload.clear();
    return result;
}

MessageAssembly::Result MessageAssembly::takeOrdered(const SctpSocket::Arrival &arrival)
{
    if (m_ordered.size() + arrival.octets.size() > m_maxMessage)
        return {{}, true};
    m_ordered.insert(m_ordered.end(), arrival.octets.begin(), arrival.octets.end());
    if (!arrival.isEnd)
        return {};
    return {Message{arrival.stream, arrival.protocol, std::exchange(m_ordered, Bytes())}};
}

void MessageAssembly::noteAllTaken(std::optional<Tsn> arrived)
{
    if (arrived)
        m_unordered.discard(*arrived);
}

} // namespace peer::sctp
