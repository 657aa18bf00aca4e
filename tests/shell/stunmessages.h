// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_TESTS_SHELL_STUNMESSAGES_H
#define PEER_TESTS_SHELL_STUNMESSAGES_H

#include "core/stun/message.h"
#include "core/stun/messagewriter.h"

#include <array>
#include <string_view>

/// A transaction id that is known by a number.
inline peer::stun::TransactionId transaction(std::uint32_t number)
{
    peer::stun::TransactionId id{};
    peer::writeUint32(id.data(), number * 2654435761U);
    peer::writeUint32(id.data() + 4, number);
    return id;
}

/// A Binding message; no USERNAME if the name is empty.
inline peer::Bytes binding(peer::stun::Class messageClass, std::uint32_t number,
                           std::string_view userName = {})
{
    std::array<std::uint8_t, 200> room{};
    peer::stun::MessageWriter writer(room);
    writer.begin(messageClass, peer::stun::Method::Binding, transaction(number));
    if (!userName.empty())
        writer.addText(peer::stun::Attribute::Username, userName);
    writer.addFingerprint();
    return peer::toBytes(writer.finish());
}

#endif // PEER_TESTS_SHELL_STUNMESSAGES_H
