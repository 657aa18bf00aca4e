// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_RENDEZVOUS_METRICS_H
#define PEER_RENDEZVOUS_METRICS_H

#include "rendezvous/counters.h"

#include <QtCore/qbytearray.h>

namespace peer::rendezvous {

/// What there is at the moment.
struct Gauges
{
    qint64 connections = 0;
    qint64 clients = 0;
    qint64 namesOnline = 0;
    qint64 namesClaimed = 0;
    qint64 calls = 0;
    qint64 tunnels = 0;
    qint64 watches = 0; ///< of names
};

/// In the text format that Prometheus reads; no addresses, names or ids.
QByteArray metricsText(const Counters &counters, const Gauges &gauges);

} // namespace peer::rendezvous

#endif // PEER_RENDEZVOUS_METRICS_H
