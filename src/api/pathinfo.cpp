// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "api/pathinfo.h"

#include <chrono>

namespace peer {

PathPolicy toPathPolicy(PeerAddress::Paths paths)
{
    switch (paths) {
    case PeerAddress::Paths::All:
        return PathPolicy::All;
    case PeerAddress::Paths::Direct:
        return PathPolicy::Direct;
    case PeerAddress::Paths::Relay:
        return PathPolicy::Relay;
    case PeerAddress::Paths::Tunnel:
        return PathPolicy::Tunnel;
    }
    return PathPolicy::All;
}

double toMilliseconds(Duration duration)
{
    return std::chrono::duration<double, std::milli>(duration).count();
}

namespace {

PeerPath::Protocol toProtocol(turn::Transport protocol)
{
    switch (protocol) {
    case turn::Transport::Udp:
        return PeerPath::Protocol::Udp;
    case turn::Transport::Tcp:
        return PeerPath::Protocol::Tcp;
    case turn::Transport::Tls:
        return PeerPath::Protocol::Tls;
    }
    return PeerPath::Protocol::None;
}

PeerPath::End toEnd(CandidateType type)
{
    switch (type) {
    case CandidateType::Host:
        return PeerPath::End::Host;
    case CandidateType::ServerReflexive:
        return PeerPath::End::ServerReflexive;
    case CandidateType::PeerReflexive:
        return PeerPath::End::PeerReflexive;
    case CandidateType::Relayed:
        return PeerPath::End::Relayed;
    }
    return PeerPath::End::None;
}

} // namespace

void setEnds(PeerPath &path, CandidateType local, CandidateType remote)
{
    if (path.kind != PeerPath::Kind::Direct && path.kind != PeerPath::Kind::Relay)
        return;
    path.localEnd = toEnd(local);
    path.remoteEnd = toEnd(remote);
}

PeerPath toPeerPath(const Route &route, ice::PathKind kind, turn::Transport protocol,
                    Duration roundTrip, const QUrl &tunnel)
{
    PeerPath path;
    path.roundTripTime = toMilliseconds(roundTrip);
    if (kind == ice::PathKind::Tunnel) {
        path.kind = PeerPath::Kind::Tunnel;
        path.protocol = PeerPath::Protocol::Ws;
        path.remote = tunnel.toString(QUrl::RemoveQuery);
        return path;
    }
    path.kind = kind == ice::PathKind::Relayed ? PeerPath::Kind::Relay : PeerPath::Kind::Direct;
    path.protocol = toProtocol(protocol);
    path.local = QString::fromStdString(route.local.toString());
    path.remote = QString::fromStdString(route.remote.toString());
    return path;
}

} // namespace peer
