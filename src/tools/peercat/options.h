// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEERCAT_OPTIONS_H
#define PEERCAT_OPTIONS_H

#include <PeerConnection/PeerAddress>
#include <PeerConnection/PeerIceServer>
#include <PeerConnection/PeerIdentity>

#include <QtCore/qlist.h>
#include <QtCore/qstring.h>
#include <QtCore/qstringlist.h>
#include <QtNetwork/qnetworkproxy.h>
#include <QtNetwork/qsslcertificate.h>

#include <chrono>
#include <optional>

/// The command line, understood and checked.
struct Options
{
    enum class Mode { Listen, Connect, Doctor };

    Mode mode = Mode::Connect;
    PeerAddress address; ///< invalid for Doctor, if nobody is asked, and without a rendezvous
    PeerIdentity identity;
    QStringList allowedIds;
    bool echo = false;
    bool once = false;
    bool json = false;
    bool allowPlain = false;
    QList<QSslCertificate> authorities;
    QList<PeerIceServer> iceServers;
    /// The system's, unless told otherwise.
    QNetworkProxy proxy;
    /// Read and written by SignalSession, instead of a rendezvous.
    struct SignalDescriptors
    {
        int in;
        int out;
    };
    std::optional<SignalDescriptors> signalDescriptors;
    PeerAddress::Paths paths = PeerAddress::Paths::All;
    bool withLoopback = false;
    std::optional<std::chrono::milliseconds> timeout;
    std::optional<std::chrono::milliseconds> patience;

    /// What to do instead of running: help or version go to standard output with exit code 0, a
    /// fault of usage to standard error with exit code 1.
    struct Message
    {
        QString text;
        int exitCode = 0;
    };

    static std::optional<Options> parse(const QStringList &arguments, Message &message);
};

#endif // PEERCAT_OPTIONS_H
