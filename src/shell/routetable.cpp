// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "shell/routetable.h"

#include "session/packetkind.h"

#include <algorithm>
#include <cstring>

namespace peer {

bool RouteTable::Owners::contains(SenderId id) const
{
    return std::find(begin(), end(), id) != end();
}

SenderId RouteTable::Owners::add(SenderId id)
{
    SenderId gaveWay = SenderId::None;
    if (m_count == m_ids.size())
        gaveWay = m_ids.back();
    else
        ++m_count;
    std::shift_right(m_ids.begin(), m_ids.end(), 1);
    m_ids.front() = id;
    return gaveWay;
}

void RouteTable::Owners::remove(SenderId id)
{
    const auto last = m_ids.begin() + std::ptrdiff_t(m_count);
    const auto rest = std::remove(m_ids.begin(), last, id);
    m_count = std::size_t(rest - m_ids.begin());
    std::fill(rest, m_ids.end(), SenderId::None); // for operator==
}

std::size_t RouteTable::TransactionHash::operator()(const stun::TransactionId &id) const noexcept
{
    std::size_t hash = 0;
    std::memcpy(&hash, id.data(), sizeof hash);
    return hash;
}

bool RouteTable::addOwner(SenderId owner)
{
    if (m_owners.size() >= MaxOwners)
        return false;
    return m_owners.try_emplace(owner).second;
}

void RouteTable::removeOwner(SenderId id)
{
    const auto found = m_owners.find(id);
    if (found == m_owners.end())
        return;
    for (const stun::TransactionId &transaction : found->second.transactions)
        m_byTransaction.erase(transaction);
    for (const TransportAddress &address : found->second.addresses)
        forgetAddress(id, address);
    for (const std::string &fragment : found->second.fragments)
        forgetFragment(id, fragment);
    m_owners.erase(found);
}

void RouteTable::setUsernameFragment(SenderId id, const std::string &fragment)
{
    const auto found = m_owners.find(id);
    if (found == m_owners.end() || fragment.empty())
        return;
    std::deque<std::string> &fragments = found->second.fragments;
    if (!fragments.empty() && fragments.back() == fragment)
        return;
    // They are random; should two sessions draw the same, the newer one has it.
    m_byFragment[fragment] = id;
    fragments.push_back(fragment);
    if (fragments.size() > 2) {
        if (fragments.front() != fragment)
            forgetFragment(id, fragments.front());
        fragments.pop_front();
    }
}

void RouteTable::learn(SenderId id, const Transmit &transmit)
{
    const auto found = m_owners.find(id);
    if (found == m_owners.end())
        return;
    Owner &owner = found->second;
    const TransportAddress &remote = transmit.route.remote;
    if (packetKind(transmit.payload) != PacketKind::Stun) {
        if (remote != owner.lastAddress)
            learnAddress(id, owner, remote);
        return;
    }
    const auto message = stun::Message::parse(transmit.payload);
    if (!message)
        return;
    switch (message->messageClass()) {
    case stun::Class::Request:
        learnTransaction(id, owner, message->transactionId());
        break;
    case stun::Class::SuccessResponse:
        learnAddress(id, owner, remote);
        break;
    case stun::Class::Indication:
    case stun::Class::ErrorResponse:
        break;
    }
}

void RouteTable::learnAddress(SenderId id, Owner &owner, const TransportAddress &address)
{
    owner.lastAddress = address;
    Owners &owners = m_byAddress[address];
    if (owners.contains(id))
        return;
    const SenderId gaveWay = owners.add(id);
    if (const auto other = m_owners.find(gaveWay); other != m_owners.end()) {
        std::erase(other->second.addresses, address);
        other->second.lastAddress = {};
    }
    owner.addresses.push_back(address);
    if (owner.addresses.size() > MaxAddresses) {
        forgetAddress(id, owner.addresses.front());
        owner.addresses.pop_front();
    }
}

void RouteTable::learnTransaction(SenderId id, Owner &owner, const stun::TransactionId &transaction)
{
    // A request that is sent again has the same id.
    if (!m_byTransaction.try_emplace(transaction, id).second)
        return;
    owner.transactions.push_back(transaction);
    if (owner.transactions.size() > MaxTransactions) {
        m_byTransaction.erase(owner.transactions.front());
        owner.transactions.pop_front();
    }
}

void RouteTable::forgetAddress(SenderId id, const TransportAddress &address)
{
    const auto found = m_byAddress.find(address);
    if (found == m_byAddress.end())
        return;
    found->second.remove(id);
    if (found->second.isEmpty())
        m_byAddress.erase(found);
}

void RouteTable::forgetFragment(SenderId id, const std::string &fragment)
{
    const auto found = m_byFragment.find(fragment);
    if (found != m_byFragment.end() && found->second == id)
        m_byFragment.erase(found);
}

RouteTable::Owners RouteTable::ownersOf(const Datagram &datagram) const
{
    if (packetKind(datagram.payload) != PacketKind::Stun)
        return ownersOfAddress(datagram.route.remote);
    const auto message = stun::Message::parse(datagram.payload);
    if (!message)
        return {};
    Owners owners;
    switch (message->messageClass()) {
    case stun::Class::SuccessResponse:
    case stun::Class::ErrorResponse:
        if (const auto found = m_byTransaction.find(message->transactionId());
            found != m_byTransaction.end())
            owners.add(found->second);
        return owners;
    case stun::Class::Request:
    case stun::Class::Indication:
        break;
    }
    const auto username = message->text(stun::Attribute::Username);
    if (!username) // an indication needs none (RFC 8445 section 11)
        return ownersOfAddress(datagram.route.remote);
    const SenderId owner = ownerOf(username->substr(0, username->find(':')));
    if (owner != SenderId::None)
        owners.add(owner);
    return owners;
}

SenderId RouteTable::ownerOf(std::string_view fragment) const
{
    const auto found = m_byFragment.find(fragment);
    return found == m_byFragment.end() ? SenderId::None : found->second;
}

RouteTable::Owners RouteTable::ownersOfAddress(const TransportAddress &address) const
{
    const auto found = m_byAddress.find(address);
    return found == m_byAddress.end() ? Owners() : found->second;
}

bool RouteTable::isSameFlow(const Datagram &a, const Datagram &b)
{
    return packetKind(a.payload) != PacketKind::Stun && packetKind(b.payload) != PacketKind::Stun
        && a.route == b.route;
}

std::size_t RouteTable::size() const
{
    return m_owners.size() + m_byTransaction.size() + m_byFragment.size() + m_byAddress.size();
}

} // namespace peer
