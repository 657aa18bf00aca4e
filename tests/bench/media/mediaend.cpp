// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "mediaend.h"

#include <PeerConnection/PeerConnection>
#include <PeerConnection/PeerTrack>

using namespace Qt::StringLiterals;

MediaEnd::MediaEnd(CommandLine &commands, int testId, const QString &film)
    : m_commands(commands)
{
    m_media.setTestId(testId);
    m_media.setTestName(u"peer-%1"_s.arg(testId));
    m_media.setFile(QUrl::fromLocalFile(film));
    m_media.setSource(film.isEmpty() ? PeerMediaCall::Source::Test : PeerMediaCall::Source::File);
    m_media.setRemoteVideoSink(&m_remote);
    QObject::connect(
        &m_media, &PeerMediaCall::errorOccurred, &m_media,
        [](PeerMediaCall::Error, const QString &text) { qWarning("%s", qPrintable(text)); });
    QObject::connect(&m_commands, &CommandLine::commanded, &m_media,
                     [this] { m_commands.tell(figures()); });
}

void MediaEnd::take(PeerConnection *connection)
{
    m_media.setConnection(connection);
    QObject::connect(connection, &PeerConnection::errorOccurred, &m_media,
                     [connection] { qFatal("%s", qPrintable(connection->errorString())); });
}

QJsonObject MediaEnd::figures() const
{
    const PeerMediaStatistics now = m_media.statistics();
    qint64 octets = 0;
    QString path;
    if (const PeerConnection *connection = m_media.connection()) {
        for (const PeerTrack *track : connection->tracks())
            octets += qint64(track->statistics().bytesSent);
        const PeerPath way = connection->path();
        path = u"%1/%2"_s.arg(QVariant::fromValue(way.kind).toString().toLower(),
                              QVariant::fromValue(way.protocol).toString().toLower());
    }
    return {{u"t"_s, monotonicTime()},
            {u"octets"_s, octets},
            {u"path"_s, path},
            {u"target"_s, now.targetBitrate},
            {u"roundTripTime"_s, now.roundTripTime},
            {u"frames"_s, qint64(now.framesDecoded)},
            {u"testFrames"_s, qint64(now.testFrames)},
            {u"freezes"_s, qint64(now.freezes)},
            {u"height"_s, now.frameSize.height()},
            {u"retransmissions"_s, qint64(now.retransmissionsReceived)},
            {u"sentAgain"_s, qint64(now.retransmissionsSent)},
            {u"sounds"_s, qint64(now.soundsDecoded)},
            {u"concealed"_s, qint64(now.soundsConcealed)},
            {u"tones"_s, qint64(now.testTones)},
            {u"delay"_s, now.testDelay}};
}
