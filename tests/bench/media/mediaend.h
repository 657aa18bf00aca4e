// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef BENCH_MEDIAEND_H
#define BENCH_MEDIAEND_H

#include "ours/commandline.h"

#include <PeerConnection/PeerMediaCall>

#include <QtCore/qjsonobject.h>
#include <QtMultimedia/qvideosink.h>

/// One side of a video call, and what it says about it.
class MediaEnd
{
public:
    /// Sends a film, or if that is empty the test picture and the test tone, which bear testId.
    MediaEnd(CommandLine &commands, int testId, const QString &film);

    /// Begins as soon as the connection does.
    void take(PeerConnection *connection);

private:
    /// All figures of now, with "t" by monotonicTime() and "octets", the RTP sent so far.
    QJsonObject figures() const;

    CommandLine &m_commands;
    QVideoSink m_remote;
    PeerMediaCall m_media;
};

#endif // BENCH_MEDIAEND_H
