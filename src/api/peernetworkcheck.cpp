// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include <PeerConnection/peernetworkcheck.h>

#include "api/addresscheck.h"
#include "api/networkcheckworker.h"

#include <algorithm>
#include <memory>

/*!
    \class PeerNetworkCheck
    \inmodule PeerConnection
    \brief Finds out what the network lets through, and what kind of path to expect.

    \code
    auto *check = new PeerNetworkCheck(address, this);
    connect(check, &PeerNetworkCheck::finished, this, [check] {
        qInfo().noquote() << check->report().toString();
        check->deleteLater();
    });
    check->start();
    \endcode

    It asks the rendezvous of the address: whether it is reached, what UDP gets through to it, and
    what NAT makes of our ports, by two ports of the server (RFC 5780). Nobody is called. Without an
    address only our own addresses are told. A check takes 15 seconds at most, and mostly less than
    three: that a NAT lets nobody in can only be told by waiting.

    The object lives in the thread that made it, which must run an event loop; no function blocks.
    It may be deleted at any time, also in a slot of finished().

    \sa PeerNetworkReport
*/

class PeerNetworkCheckPrivate
{
public:
    PeerAddress address;
    QList<QSslCertificate> authorities;
    bool isPlainAllowed = false;
    QNetworkProxy proxy;
    QList<PeerIceServer> iceServers;
    PeerNetworkReport report;
    bool isStarted = false;
    bool isFinished = false;
    std::shared_ptr<peer::NetworkCheckLink> link = std::make_shared<peer::NetworkCheckLink>();
};

PeerNetworkCheck::PeerNetworkCheck(QObject *parent)
    : QObject(parent)
    , d_ptr(std::make_unique<PeerNetworkCheckPrivate>())
{
    Q_D(PeerNetworkCheck);
    d->link->reports.attach(this, [this] {
        Q_D(PeerNetworkCheck);
        for (PeerNetworkReport &report : d->link->reports.takeAll())
            d->report = std::move(report);
        d->isFinished = true;
        Q_EMIT finished();
    });
}

/*! Asks the rendezvous of \a address when it is started. */
PeerNetworkCheck::PeerNetworkCheck(const PeerAddress &address, QObject *parent)
    : PeerNetworkCheck(parent)
{
    setAddress(address);
}

PeerNetworkCheck::~PeerNetworkCheck()
{
    Q_D(PeerNetworkCheck);
    d->link->reports.detach();
    d->link->cancellations.put(true);
}

/*! Whose rendezvous is asked; invalid: nobody's. */
PeerAddress PeerNetworkCheck::address() const
{
    return d_func()->address;
}

/*! Before start(). */
void PeerNetworkCheck::setAddress(const PeerAddress &address)
{
    d_func()->address = address;
}

/*! Trusts these \a authorities for the rendezvous, besides those of the system. Before start(). */
void PeerNetworkCheck::setTrustedCertificates(const QList<QSslCertificate> &authorities)
{
    d_func()->authorities = authorities;
}

/*! Allows \c tls=off for a rendezvous that is not on this machine. Before start(). */
void PeerNetworkCheck::setPlainAllowed(bool allowed)
{
    d_func()->isPlainAllowed = allowed;
}

/*!
    Goes to the rendezvous by \a proxy instead of the one that the system has set. Before start().
    What is found out about UDP does not depend on it.
*/
void PeerNetworkCheck::setProxy(const QNetworkProxy &proxy)
{
    d_func()->proxy = proxy;
}

/*!
    Tries these TURN \a servers too, each with its own credentials. Before start(). False, and
    nothing is changed, if one of them is not valid.
*/
bool PeerNetworkCheck::setIceServers(const QList<PeerIceServer> &servers)
{
    if (!std::all_of(servers.begin(), servers.end(),
                     [](const PeerIceServer &server) { return server.isValid(); }))
        return false;
    d_func()->iceServers = servers;
    return true;
}

/*!
    \property PeerNetworkCheck::finished
    Whether report() is complete.
*/
bool PeerNetworkCheck::isFinished() const
{
    return d_func()->isFinished;
}

/*! What was found out; empty until finished(). */
PeerNetworkReport PeerNetworkCheck::report() const
{
    return d_func()->report;
}

/*! Starts the check. An object makes one check; another call does nothing. */
void PeerNetworkCheck::start()
{
    Q_D(PeerNetworkCheck);
    if (d->isStarted)
        return;
    d->isStarted = true;
    peer::NetworkCheckParameters parameters{d->address, d->authorities, d->proxy, d->iceServers};
    PeerConnection::Error error = PeerConnection::Error::None;
    const QString fault = d->address.isValid()
        ? peer::faultOfAddress(d->address, d->isPlainAllowed, error)
        : QString();
    if (!fault.isEmpty()) {
        PeerNetworkReport report;
        report.rendezvous.host = d->address.rendezvousHosts().first().host;
        report.rendezvous.isTested = true;
        report.rendezvous.problem = fault;
        d->link->reports.put(report);
        return;
    }
    peer::NetworkCheckWorker::startChecking(d->link, std::move(parameters));
}

/*!
    \fn void PeerNetworkCheck::finished()
    report() is complete.
*/
