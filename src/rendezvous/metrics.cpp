// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "rendezvous/metrics.h"

namespace peer::rendezvous {

namespace {

struct CounterName
{
    const char *name;
    std::uint64_t Counters::*value;
};

constexpr CounterName counterNames[] = {
    {"connections_accepted_total", &Counters::connectionsAccepted},
    {"connections_refused_total", &Counters::connectionsRefused},
    {"heads_refused_total", &Counters::headsRefused},
    {"static_answers_total", &Counters::staticAnswers},
    {"sockets_opened_total", &Counters::socketsOpened},
    {"versions_refused_total", &Counters::versionsRefused},
    {"tokens_refused_total", &Counters::tokensRefused},
    {"proofs_refused_total", &Counters::proofsRefused},
    {"messages_malformed_total", &Counters::messagesMalformed},
    {"messages_dropped_total", &Counters::messagesDropped},
    {"clients_resumed_total", &Counters::clientsResumed},
    {"registrations_total", &Counters::registrations},
    {"registrations_refused_total", &Counters::registrationsRefused},
    {"calls_routed_total", &Counters::callsRouted},
    {"calls_offline_total", &Counters::callsOffline},
    {"calls_refused_total", &Counters::callsRefused},
    {"signals_routed_total", &Counters::signalsRouted},
    {"signals_dropped_total", &Counters::signalsDropped},
    {"tunnels_refused_total", &Counters::tunnelsRefused},
    {"datagrams_relayed_total", &Counters::datagramsRelayed},
    {"datagrams_dropped_total", &Counters::datagramsDropped},
    {"stun_answers_total", &Counters::stunAnswers},
    {"stun_dropped_total", &Counters::stunDropped},
};

struct GaugeName
{
    const char *name;
    qint64 Gauges::*value;
};

constexpr GaugeName gaugeNames[] = {
    {"connections", &Gauges::connections},
    {"clients", &Gauges::clients},
    {"names_online", &Gauges::namesOnline},
    {"names_claimed", &Gauges::namesClaimed},
    {"calls", &Gauges::calls},
    {"tunnels", &Gauges::tunnels},
    {"watches", &Gauges::watches},
};

void addLine(QByteArray &text, const char *type, const char *name, const QByteArray &value)
{
    const QByteArray full = QByteArray("peer_rendezvous_") + name;
    text += "# TYPE " + full + ' ' + type + '\n' + full + ' ' + value + '\n';
}

} // namespace

QByteArray metricsText(const Counters &counters, const Gauges &gauges)
{
    QByteArray text;
    for (const GaugeName &gauge : gaugeNames)
        addLine(text, "gauge", gauge.name, QByteArray::number(gauges.*gauge.value));
    for (const CounterName &counter : counterNames) {
        addLine(text, "counter", counter.name,
                QByteArray::number(quint64(counters.*counter.value)));
    }
    return text;
}

} // namespace peer::rendezvous
