// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "callsession.h"

#include "commandline.h"
#include "errorwords.h"

#include <QtCore/qcryptographichash.h>

#include <algorithm>

using namespace Qt::StringLiterals;

namespace demo {

namespace {
constexpr int MeasureEvery = 500; // milliseconds
} // namespace

CallSession::CallSession(const PeerAddress &destination, const PeerIdentity &identity,
                         const CommandLine &options, const QString &ownName, FileThread &thread,
                         QObject *parent)
    : QObject(parent)
    , m_connection(std::make_unique<PeerConnection>())
    , m_destination(destination)
    , m_ownIdentity(identity.id())
{
    m_connection->setIdentity(identity);
    m_connection->setDestination(destination);
    initialize(options, ownName, thread);
    m_media.setConnection(m_connection.get());
    m_conversation->begin();
}

CallSession::CallSession(PeerConnection *incoming, const PeerIdentity &identity,
                         const CommandLine &options, const QString &ownName, FileThread &thread,
                         QObject *parent)
    : QObject(parent)
    , m_connection(incoming)
    , m_ownIdentity(identity.id())
    , m_phase(Phase::Ringing)
    , m_isIncoming(true)
{
    incoming->setParent(nullptr);
    initialize(options, ownName, thread);
}

CallSession::~CallSession()
{
    disconnect(m_connection.get(), nullptr, this, nullptr);
    m_conversation.reset();
    m_media.setConnection(nullptr);
}

void CallSession::initialize(const CommandLine &options, const QString &ownName, FileThread &thread)
{
    m_conversation = std::make_unique<Conversation>(m_connection.get(), options.downloads, thread);
    connect(m_connection.get(), &PeerConnection::stateChanged, this, &CallSession::takeState);
    connect(m_connection.get(), &PeerConnection::peerChanged, this, &CallSession::peerChanged);
    connect(m_connection.get(), &PeerConnection::pathChanged, this, &CallSession::measured);
    connect(&m_media, &PeerMediaCall::errorChanged, this, &CallSession::takeMediaError);
    m_media.setTestName(ownName);
    m_media.setTestId(testIdOf(m_ownIdentity, !m_isIncoming));
    m_media.setFile(QUrl::fromLocalFile(options.file));
    m_media.setSource(options.source);
    m_measuring.setInterval(MeasureEvery);
    connect(&m_measuring, &QTimer::timeout, this, &CallSession::measure);
}

void CallSession::dial()
{
    m_connection->open();
}

void CallSession::accept()
{
    if (!m_isIncoming || m_phase != Phase::Ringing)
        return;
    // Not before: with the connection's tracks come camera and microphone.
    m_media.setConnection(m_connection.get());
    m_connection->accept();
}

void CallSession::decline()
{
    if (m_isIncoming && m_phase == Phase::Ringing)
        m_connection->reject();
}

void CallSession::hangUp()
{
    m_connection->close();
}

void CallSession::dismissNotice()
{
    m_notice.clear();
    Q_EMIT noticeChanged();
}

QString CallSession::peerName() const
{
    const QString name = m_connection->peerName();
    if (!name.isEmpty())
        return name;
    return m_isIncoming ? tr("Somebody without a name") : m_destination.name();
}

QString CallSession::peerIdentity() const
{
    constexpr qsizetype Group = 4;
    constexpr qsizetype Groups = 4;
    const QString id = m_connection->peerId();
    QStringList groups;
    for (qsizetype at = 0; at < id.size() && groups.size() < Groups; at += Group)
        groups.append(id.mid(at, Group));
    return groups.join(u' ');
}

bool CallSession::isPeerVerified() const
{
    return m_connection->isIdentityVerified();
}

QString CallSession::status() const
{
    switch (m_phase) {
    case Phase::Dialing:
        return tr("Looking for %1 …").arg(peerName());
    case Phase::Ringing:
        return m_isIncoming ? tr("is calling you") : tr("It rings …");
    case Phase::Connecting:
        return tr("Connecting …");
    case Phase::Talking:
        return tr("In call");
    case Phase::Reconnecting:
        return tr("Connection interrupted, trying again …");
    case Phase::Ended:
        return tr("Call ended");
    }
    return {};
}

QString CallSession::kindWords() const
{
    if (!m_isIncoming)
        return {};
    if (m_connection->isVideoOffered())
        return tr("Video call");
    return m_connection->isAudioOffered() ? tr("Voice call") : tr("Call without sound or picture");
}

QString CallSession::wordsOf(const PeerPath &path)
{
    switch (path.kind) {
    case PeerPath::Kind::None:
        return tr("No path");
    case PeerPath::Kind::Direct:
        return path.protocol == PeerPath::Protocol::Udp ? tr("Direct") : tr("Direct, TCP");
    case PeerPath::Kind::Relay:
        return tr("Relayed");
    case PeerPath::Kind::Tunnel:
        return tr("Tunnel");
    }
    return {};
}

QString CallSession::pathWords() const
{
    return wordsOf(m_connection->path());
}

QString CallSession::roundTrip() const
{
    const double milliseconds = m_connection->statistics().roundTripTime;
    if (milliseconds <= 0)
        return {};
    return milliseconds < 10 ? tr("%1 ms").arg(milliseconds, 0, 'f', 1)
                             : tr("%1 ms").arg(qRound(milliseconds));
}

CallSession::Quality CallSession::qualityOf(double loss, double roundTrip, int bitrate)
{
    // Speech of two overlaps from about 400 ms there and back (ITU-T G.114); below 300 kbit/s the
    // picture is small or stutters.
    if (loss > 0.10 || roundTrip > 400 || bitrate < 150'000)
        return Quality::Poor;
    if (loss > 0.03 || roundTrip > 200 || bitrate < 300'000)
        return Quality::Fair;
    return Quality::Good;
}

QString CallSession::qualityWords() const
{
    switch (m_quality) {
    case Quality::Unknown:
        return {};
    case Quality::Poor:
        return tr("Poor");
    case Quality::Fair:
        return tr("Fair");
    case Quality::Good:
        return tr("Good");
    }
    return {};
}

QString CallSession::duration() const
{
    if (!m_talking.isValid())
        return {};
    const qint64 seconds = m_talking.elapsed() / 1000;
    const QString clock =
        u"%1:%2"_s.arg(seconds / 60 % 60, 2, 10, '0'_L1).arg(seconds % 60, 2, 10, '0'_L1);
    return seconds < 3600 ? clock : u"%1:%2"_s.arg(seconds / 3600).arg(clock);
}

int CallSession::testIdOf(const QString &identity, bool isCaller)
{
    const QByteArray hash = QCryptographicHash::hash(identity.toUtf8(), QCryptographicHash::Sha256);
    const int number = (quint8(hash.at(0)) << 8 | quint8(hash.at(1))) & ~1;
    return isCaller ? number : number | 1;
}

void CallSession::takeState()
{
    switch (m_connection->state()) {
    case PeerConnection::State::Idle:
    case PeerConnection::State::Dialing:
        setPhase(m_isIncoming ? Phase::Ringing : Phase::Dialing);
        return;
    case PeerConnection::State::Ringing:
        setPhase(Phase::Ringing);
        return;
    case PeerConnection::State::Connecting:
        setPhase(Phase::Connecting);
        return;
    case PeerConnection::State::Connected:
        if (!m_talking.isValid())
            m_talking.start();
        m_measuring.start();
        setPhase(Phase::Talking);
        return;
    case PeerConnection::State::Reconnecting:
        setPhase(Phase::Reconnecting);
        return;
    case PeerConnection::State::Closing:
        return;
    case PeerConnection::State::Closed:
        m_measuring.stop();
        setPhase(Phase::Ended);
        Q_EMIT ended();
        return;
    }
}

void CallSession::setPhase(Phase phase)
{
    if (m_phase == phase)
        return;
    m_phase = phase;
    Q_EMIT phaseChanged();
}

void CallSession::takeMediaError()
{
    const ErrorWords words = wordsFor(m_media.error());
    m_notice = words.advice.isEmpty() ? QString() : m_media.errorString() + u' ' + words.advice;
    Q_EMIT noticeChanged();
}

void CallSession::measure()
{
    const PeerMediaStatistics statistics = m_media.statistics();
    m_seesPeer = statistics.framesDecoded > 0;
    if (m_phase == Phase::Reconnecting)
        m_quality = Quality::Poor;
    else if (statistics.targetBitrate > 0)
        m_quality = qualityOf(statistics.loss, m_connection->statistics().roundTripTime,
                              statistics.targetBitrate);
    Q_EMIT measured();
}

} // namespace demo
