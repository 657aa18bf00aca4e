// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SHELL_ROUTETABLE_H
#define PEER_SHELL_ROUTETABLE_H

#include "core/base/address.h"
#include "core/stun/message.h"
#include "shell/udpsendqueue.h"

#include <array>
#include <cstddef>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace peer {

/// Tells whose an incoming datagram is, where several sessions share a socket (D5):
/// - a STUN response is his who sent the request, by the transaction id;
/// - a STUN request is his whose user name fragment stands before the colon of USERNAME;
/// - anything else is his whose peer the remote address is.
///
/// It learns only from what the owners send. A remote address becomes an owner's when he answers
/// a request from there with success, or sends anything but STUN there: either says that his
/// session has authenticated the peer. Requests teach no address, or a caller could name foreign
/// ones as his candidates. One address may have several owners, for a NAT gives the port of a dead
/// connection to the next one while the old session has not noticed yet; then all get the
/// datagram, and who cannot authenticate it drops it. A stranger can thus neither take an address
/// away nor add anything to the table.
///
/// Bounds: MaxOwners; per owner the last MaxTransactions, MaxAddresses and two fragments; per
/// address MaxOwnersOfAddress. The oldest entry gives way. All of an owner's go with him.
class RouteTable
{
public:
    static constexpr std::size_t MaxOwners = 4096;
    /// Twice as many as an agent has pairs (100), and some for STUN servers.
    static constexpr std::size_t MaxTransactions = 256;
    /// As many as an agent takes remote candidates, peer-reflexive ones included.
    static constexpr std::size_t MaxAddresses = 64;
    static constexpr std::size_t MaxOwnersOfAddress = 4;

    /// A few owners, in place.
    class Owners
    {
    public:
        bool isEmpty() const { return m_count == 0; }
        const SenderId *begin() const { return m_ids.data(); }
        const SenderId *end() const { return m_ids.data() + m_count; }
        bool contains(SenderId id) const;
        /// The newest comes first; the oldest gives way when there are MaxOwnersOfAddress.
        /// Returns who gave way, or None.
        SenderId add(SenderId id);
        void remove(SenderId id);

        friend bool operator==(const Owners &, const Owners &) = default;

    private:
        std::array<SenderId, MaxOwnersOfAddress> m_ids{};
        std::size_t m_count = 0;
    };

    /// False if there are MaxOwners.
    bool addOwner(SenderId owner);
    void removeOwner(SenderId owner);
    /// The one before the last is forgotten.
    void setUsernameFragment(SenderId owner, const std::string &fragment);
    void learn(SenderId owner, const Transmit &transmit);

    Owners ownersOf(const Datagram &datagram) const;
    /// Whose user name fragment it is; None if nobody's.
    SenderId ownerOf(std::string_view fragment) const;
    /// Whether b surely has the owners that a has, without looking.
    static bool isSameFlow(const Datagram &a, const Datagram &b);

    /// Entries of all kinds.
    std::size_t size() const;

private:
    struct Owner
    {
        std::deque<stun::TransactionId> transactions; ///< oldest first
        std::deque<TransportAddress> addresses;       ///< oldest first
        std::deque<std::string> fragments;            ///< oldest first
        /// What data went to last: mostly the same again.
        TransportAddress lastAddress;
    };
    /// Transaction ids are random by themselves.
    struct TransactionHash
    {
        std::size_t operator()(const stun::TransactionId &id) const noexcept;
    };
    struct TextHash
    {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const noexcept
        {
            return std::hash<std::string_view>()(text);
        }
    };

    void learnAddress(SenderId id, Owner &owner, const TransportAddress &address);
    void learnTransaction(SenderId id, Owner &owner, const stun::TransactionId &transaction);
    void forgetAddress(SenderId id, const TransportAddress &address);
    void forgetFragment(SenderId id, const std::string &fragment);
    Owners ownersOfAddress(const TransportAddress &address) const;

    std::unordered_map<SenderId, Owner> m_owners;
    std::unordered_map<stun::TransactionId, SenderId, TransactionHash> m_byTransaction;
    std::unordered_map<std::string, SenderId, TextHash, std::equal_to<>> m_byFragment;
    std::unordered_map<TransportAddress, Owners> m_byAddress;
};

} // namespace peer

#endif // PEER_SHELL_ROUTETABLE_H
