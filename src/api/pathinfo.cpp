// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "api/pathinfo.h"

#include <chrono>

namespace peer {

double toMilliseconds(Duration duration)
{
    return std::chrono::duration<double, std::milli>(duration).count();
}

PeerPath toPeerPath(const Route &route, Duration roundTrip)
{
    PeerPath path;
    path.kind = PeerPath::Kind::Direct;
    path.protocol = PeerPath::Protocol::Udp;
    path.local = QString::fromStdString(route.local.toString());
    path.remote = QString::fromStdString(route.remote.toString());
    path.roundTripTime = toMilliseconds(roundTrip);
    return path;
}

} // namespace peer
