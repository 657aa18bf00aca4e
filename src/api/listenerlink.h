// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_API_LISTENERLINK_H
#define PEER_API_LISTENERLINK_H

#include "api/connectionlink.h"

#include <PeerConnection/peerconnection.h>

#include <QtCore/qstringlist.h>

#include <memory>
#include <variant>

namespace peer {

// What a listener's worker is told.
namespace command {
struct SetMaxConnections
{
    int connections;
};
struct StopListening
{ };
} // namespace command

using ListenerCommand =
    std::variant<command::SetMaxConnections, command::StopListening, command::ProxyCredentials>;

// What it tells.
namespace notice {
struct Registered
{
    QString name;
};
/// The rendezvous is out of reach for now; calls that stand are not touched.
struct Interrupted
{ };
/// The listener has ended.
struct ListenerFailed
{
    PeerConnection::Error error;
    QString text;
};
struct IncomingCall
{
    std::shared_ptr<ConnectionLink> link;
    PeerKnown caller;
};
} // namespace notice

using ListenerNotice = std::variant<notice::Registered, notice::Interrupted, notice::ListenerFailed,
                                    notice::IncomingCall, notice::ProxyAuthentication>;

/// Between a PeerListener and its worker, as ConnectionLink is for connections.
struct ListenerLink
{
    Mailbox<ListenerCommand> commands;
    Mailbox<ListenerNotice> notices;
};

} // namespace peer

#endif // PEER_API_LISTENERLINK_H
