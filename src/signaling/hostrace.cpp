// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "signaling/hostrace.h"

#include <algorithm>

namespace peer {

using Error = RendezvousClient::Error;

HostRace::HostRace(const RendezvousConfig &config, QObject *parent)
    : QObject(parent)
    , m_config(config)
{
    m_timer.setSingleShot(true);
    connect(&m_timer, &QTimer::timeout, this, &HostRace::startNext);
}

HostRace::~HostRace() = default;

void HostRace::start()
{
    startNext();
}

void HostRace::startNext()
{
    if (m_nextHost >= m_config.hosts.size())
        return;
    auto link = std::make_unique<RendezvousLink>(m_config, m_config.hosts[m_nextHost++]);
    RendezvousLink *attempt = link.get();
    connect(attempt, &RendezvousLink::welcomed, this, [this, attempt] { noteWelcome(attempt); });
    connect(attempt, &RendezvousLink::ended, this, [this, attempt] { noteEnd(attempt); });
    m_links.push_back(std::move(link));
    if (m_nextHost < m_config.hosts.size())
        m_timer.start(AttemptDelay);
    attempt->open();
}

void HostRace::noteWelcome(RendezvousLink *link)
{
    if (m_winner)
        return;
    m_timer.stop();
    link->disconnect(this);
    for (std::unique_ptr<RendezvousLink> &each : m_links) {
        if (each.get() == link)
            m_winner = std::move(each);
        else
            each.release()->deleteLater();
    }
    m_links.clear();
    Q_EMIT won();
}

void HostRace::noteEnd(RendezvousLink *link)
{
    link->disconnect(this);
    ++m_failures;
    // A host that answers with a fault tells more than one that does not answer.
    const bool isTelling = m_error == Error::None
        || (m_error == Error::Unreachable && link->error() != Error::Unreachable);
    if (isTelling) {
        m_error = link->error();
        m_proxy = link->proxy();
    }
    m_errorString += (m_errorString.isEmpty() ? QString() : QString(u' ')) + link->errorString();
    if (m_nextHost < m_config.hosts.size())
        startNext();
    else if (m_failures == m_config.hosts.size())
        Q_EMIT lost();
}

std::unique_ptr<RendezvousLink> HostRace::takeWinner()
{
    return std::move(m_winner);
}

} // namespace peer
