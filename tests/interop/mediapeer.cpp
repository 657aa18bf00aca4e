// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

// A peer with picture and sound that a test drives by JSON lines, to be wired to another stack:
// interop_mediapeer ID, the id being that of its test picture and of its test tone.
//
// In: signals, as peercat --signal-fd has them, and
//
//     {"command":"media","kinds":["audio","video"]}   what it sends and takes from now on
//     {"command":"dial"}
//     {"command":"drop"}                              ends its track of video for good
//     {"command":"close"}
//
// Out: signals, and {"event":…}: "state", "error", "ended", and "figures" five times a second, of
// what has come: "sender" of the test picture that was read last or null, "pictures" of that sender's
// that differ, "size" of the last, all that were "decoded", "sounds" in blocks but those that were
// made up, and "tones", those with that sender's tone.

#include "jsonlines.h"
#include "statename.h"

#include <PeerConnection/PeerConnection>
#include <PeerConnection/PeerMediaCall>

#include <QtCore/qcoreapplication.h>
#include <QtCore/qjsonarray.h>
#include <QtCore/qjsonobject.h>
#include <QtCore/qtimer.h>

#include <chrono>

using namespace Qt::StringLiterals;

namespace {

constexpr std::chrono::milliseconds Interval{200};

class MediaPeer : public QObject
{
public:
    explicit MediaPeer(int id)
        : m_lines([this](const QByteArray &line, const QJsonObject &object) { take(line, object); })
    {
        m_connection.setSignaling(PeerConnection::Signaling::Jsep);
        m_connection.setLoopbackAllowed(true);
        m_media.setTestId(id);
        m_media.setTestName(u"peer-%1"_s.arg(id));
        m_media.setSource(PeerMediaCall::Source::Test);
        connect(&m_connection, &PeerConnection::signalReady, this, &JsonLines::write);
        connect(&m_connection, &PeerConnection::stateChanged, this, &MediaPeer::onState);
        connect(&m_connection, &PeerConnection::errorOccurred, this,
                [this] { JsonLines::tellError(m_connection.errorString()); });
        connect(&m_media, &PeerMediaCall::errorOccurred, this,
                [](PeerMediaCall::Error, const QString &text) { JsonLines::tellError(text); });
        connect(&m_connection, &PeerConnection::closed, this, [] {
            JsonLines::tell({{u"event"_s, u"ended"_s}});
        });
        connect(&m_timer, &QTimer::timeout, this, &MediaPeer::tellFigures);
        m_timer.start(Interval);
    }

private:
    void take(const QByteArray &line, const QJsonObject &object)
    {
        QString fault;
        if (object.contains("command"_L1))
            obey(object);
        else if (!m_connection.handleSignal(line, &fault))
            JsonLines::tellError(fault);
    }

    void obey(const QJsonObject &order)
    {
        const QString command = order.value("command"_L1).toString();
        if (command == "media"_L1) {
            m_hasVideo = order.value("kinds"_L1).toArray().contains("video"_L1);
            m_isWanted = true;
            // For an answer, once there is an offer.
            if (m_connection.state() != PeerConnection::State::Idle)
                applyMedia();
        } else if (command == "dial"_L1) {
            if (m_isWanted)
                applyMedia();
            m_connection.open();
        } else if (command == "drop"_L1) {
            if (PeerTrack *video = videoTrack())
                video->end();
        } else if (command == "close"_L1) {
            m_connection.close();
        }
    }

    void onState(PeerConnection::State state)
    {
        JsonLines::tell({{u"event"_s, u"state"_s}, {u"state"_s, nameOf(state)}});
        if (state != PeerConnection::State::Ringing)
            return;
        if (m_isWanted)
            applyMedia();
        m_connection.accept();
    }

    /// A call of sound alone has a track of video that is off.
    void applyMedia()
    {
        const auto direction = m_hasVideo ? PeerTrack::Direction::SendReceive
                                          : PeerTrack::Direction::Inactive;
        if (PeerTrack *video = videoTrack()) {
            video->setDirection(direction);
        } else {
            PeerTrack::Options options;
            options.direction = direction;
            m_connection.addTrack(PeerTrack::Kind::Video, options);
            // Of one that it has already, only what the peer opens is taken.
            m_media.setConnection(nullptr);
        }
        m_media.setConnection(&m_connection);
    }

    PeerTrack *videoTrack() const
    {
        for (PeerTrack *track : m_connection.tracks()) {
            if (track->kind() == PeerTrack::Kind::Video)
                return track;
        }
        return nullptr;
    }

    void tellFigures() const
    {
        const PeerMediaStatistics now = m_media.statistics();
        const QSize size = now.frameSize.isValid() ? now.frameSize : QSize(0, 0);
        JsonLines::tell({{u"event"_s, u"figures"_s},
                         {u"sender"_s, now.testSender < 0 ? QJsonValue() : now.testSender},
                         {u"pictures"_s, qint64(now.testFrames)},
                         {u"decoded"_s, qint64(now.framesDecoded)},
                         {u"size"_s, QJsonArray{size.width(), size.height()}},
                         {u"sounds"_s, qint64(now.soundsDecoded - now.soundsConcealed)},
                         {u"tones"_s, qint64(now.testTones)}});
    }

    PeerConnection m_connection;
    PeerMediaCall m_media;
    JsonLines m_lines;
    QTimer m_timer;
    bool m_isWanted = false;
    bool m_hasVideo = false;
};

} // namespace

int main(int argc, char **argv)
{
    const QCoreApplication application(argc, argv);
    const MediaPeer peer(QCoreApplication::arguments().value(1).toInt());
    return QCoreApplication::exec();
}
