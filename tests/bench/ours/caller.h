// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef BENCH_CALLER_H
#define BENCH_CALLER_H

#include "commandline.h"

#include <PeerConnection/PeerConnection>

#include <QtCore/qjsonarray.h>

#include <memory>
#include <vector>

/// The side that calls, and does what is measured.
class Caller : public QObject
{
    Q_OBJECT

public:
    Caller(CommandLine &commands, const QString &address);

private:
    void obey(const QString &name, const QJsonObject &parameters);
    void connectOnce();
    void openSession();
    void makeRoundTrips(int count, int size);
    void send(const QString &label, int size, double seconds);
    void openMany(int count);
    std::unique_ptr<PeerConnection> dial();
    PeerChannel *sessionChannel(const QString &label) const;

    CommandLine &m_commands;
    QUrl m_address;
    PeerIdentity m_identity;
    /// Keeps the signaling socket open: the rendezvous is warm for what is measured.
    std::unique_ptr<PeerConnection> m_first;
    std::unique_ptr<PeerConnection> m_session;
    std::vector<std::unique_ptr<PeerConnection>> m_many;
};

#endif // BENCH_CALLER_H
