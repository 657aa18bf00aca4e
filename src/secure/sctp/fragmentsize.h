// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SCTP_FRAGMENTSIZE_H
#define PEER_SCTP_FRAGMENTSIZE_H

#include <cstddef>

namespace peer::sctp {

/// In pieces of what size messages are cut that do not fit a packet (RFC 9260 section 6.9).
///
/// Cutting off full packets leaves a short one behind each message. Pieces of equal size are as
/// many, and packets of equal size leave the machine in batches (UDP_SEGMENT wants them so): of
/// messages of 1200 octets half as much again goes through. Where full packets are a batch anyhow,
/// behind MaxEvenPieces, messages are cut as usual.
///
/// usrsctp has one size for all messages that it has not cut yet. It must be the largest that any
/// of them wants, or that one would become more packets than it needs to. So the size grows at
/// once, and shrinks when nothing waits any more, or when so many messages have come since a
/// larger one was wanted that none of those can still wait.
class FragmentSize
{
public:
    static constexpr std::size_t MaxEvenPieces = 4;

    /// largest: what a full packet carries. maxWaiting: how many messages can wait at most.
    FragmentSize(std::size_t largest, std::size_t maxWaiting);

    /// For the queue with another message of so many octets in it; isFirst if it was empty.
    std::size_t add(std::size_t message, bool isFirst);

private:
    std::size_t wanted(std::size_t message) const;

    const std::size_t m_largest;
    const std::size_t m_maxWaiting;
    std::size_t m_size;
    /// Messages since this began, and the largest size that one of them wanted.
    std::size_t m_count = 0;
    std::size_t m_countedSize = 0;
};

} // namespace peer::sctp

#endif // PEER_SCTP_FRAGMENTSIZE_H
