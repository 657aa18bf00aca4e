// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef DEMO_CALLSESSION_H
#define DEMO_CALLSESSION_H

#include "conversation.h"

#include <PeerConnection/PeerAddress>
#include <PeerConnection/PeerConnection>
#include <PeerConnection/PeerMediaCall>

#include <QtCore/qelapsedtimer.h>
#include <QtCore/qobject.h>
#include <QtCore/qstring.h>
#include <QtCore/qtimer.h>
#include <QtQml/qqmlregistration.h>

#include <memory>

namespace demo {

class FileThread;
struct CommandLine;

/// One call, from dialling or ringing to its end: connection, media, conversation, and words for
/// what goes on. The devices are opened by accepting, on either side, never before.
class CallSession : public QObject
{
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("made by Phone")
    Q_PROPERTY(Phase phase READ phase NOTIFY phaseChanged FINAL)
    Q_PROPERTY(bool incoming READ isIncoming CONSTANT FINAL)
    Q_PROPERTY(QString peerName READ peerName NOTIFY peerChanged FINAL)
    Q_PROPERTY(QString peerIdentity READ peerIdentity NOTIFY peerChanged FINAL)
    Q_PROPERTY(bool peerVerified READ isPeerVerified NOTIFY peerChanged FINAL)
    Q_PROPERTY(QString status READ status NOTIFY phaseChanged FINAL)
    Q_PROPERTY(QString kindWords READ kindWords CONSTANT FINAL)
    Q_PROPERTY(QString pathWords READ pathWords NOTIFY measured FINAL)
    Q_PROPERTY(QString roundTrip READ roundTrip NOTIFY measured FINAL)
    Q_PROPERTY(Quality quality READ quality NOTIFY measured FINAL)
    Q_PROPERTY(QString qualityWords READ qualityWords NOTIFY measured FINAL)
    Q_PROPERTY(QString duration READ duration NOTIFY measured FINAL)
    Q_PROPERTY(QString notice READ notice NOTIFY noticeChanged FINAL)
    Q_PROPERTY(bool seesPeer READ seesPeer NOTIFY measured FINAL)
    Q_PROPERTY(PeerMediaCall *media READ media CONSTANT FINAL)
    Q_PROPERTY(demo::Conversation *conversation READ conversation CONSTANT FINAL)

public:
    enum class Phase { Dialing, Ringing, Connecting, Talking, Reconnecting, Ended };
    Q_ENUM(Phase)
    enum class Quality { Unknown, Poor, Fair, Good };
    Q_ENUM(Quality)

    /// A call to somebody; dial() begins it.
    CallSession(const PeerAddress &destination, const PeerIdentity &identity,
                const CommandLine &options, const QString &ownName, FileThread &thread,
                QObject *parent = nullptr);
    /// A call that rings here, and is owned from now on.
    CallSession(PeerConnection *incoming, const PeerIdentity &identity, const CommandLine &options,
                const QString &ownName, FileThread &thread, QObject *parent = nullptr);
    ~CallSession() override;

    void dial();
    Q_INVOKABLE void accept();
    Q_INVOKABLE void decline();
    Q_INVOKABLE void hangUp();
    Q_INVOKABLE void dismissNotice();

    Phase phase() const { return m_phase; }
    bool isIncoming() const { return m_isIncoming; }
    QString peerName() const;
    /// The identity's first letters in groups, to be compared by eye or by voice.
    QString peerIdentity() const;
    bool isPeerVerified() const;
    QString status() const;
    /// What whoever calls us wants: to be seen, or heard; empty of a call of ours.
    QString kindWords() const;
    QString pathWords() const;
    QString roundTrip() const;
    Quality quality() const { return m_quality; }
    QString qualityWords() const;
    QString duration() const;
    /// Trouble with a device or a film, in words; the call goes on.
    QString notice() const { return m_notice; }
    /// Whether a picture of the peer's has been decoded.
    bool seesPeer() const { return m_seesPeer; }
    PeerMediaCall *media() { return &m_media; }
    Conversation *conversation() { return m_conversation.get(); }
    PeerConnection *connection() { return m_connection.get(); }
    /// Whom was dialled; not valid of a call that came in.
    const PeerAddress &destination() const { return m_destination; }

    /// What the test picture of somebody says of the sender: of the verified identity as much as
    /// fits, with the caller's even and the callee's odd, so that their tones differ.
    static int testIdOf(const QString &identity, bool isCaller);
    /// Pure, for a table of tests. Loss from 0 to 1, times in milliseconds, bitrate in bit/s.
    static Quality qualityOf(double loss, double roundTrip, int bitrate);
    static QString wordsOf(const PeerPath &path);

Q_SIGNALS:
    void phaseChanged();
    void peerChanged();
    /// Twice a second while the call stands.
    void measured();
    void noticeChanged();
    /// The last: after it the object may go.
    void ended();

private:
    void initialize(const CommandLine &options, const QString &ownName, FileThread &thread);
    void takeState();
    void setPhase(Phase phase);
    void takeMediaError();
    void measure();

    std::unique_ptr<PeerConnection> m_connection;
    PeerMediaCall m_media; ///< goes before the connection
    std::unique_ptr<Conversation> m_conversation;
    PeerAddress m_destination;
    QString m_ownIdentity;
    QString m_notice;
    QTimer m_measuring;
    QElapsedTimer m_talking;
    Phase m_phase = Phase::Dialing;
    Quality m_quality = Quality::Unknown;
    bool m_isIncoming = false;
    bool m_seesPeer = false;
};

} // namespace demo

#endif // DEMO_CALLSESSION_H
