// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef DEMO_FILETRANSFER_H
#define DEMO_FILETRANSFER_H

#include <QtCore/qelapsedtimer.h>
#include <QtCore/qobject.h>
#include <QtCore/qpointer.h>
#include <QtCore/qstring.h>
#include <QtQml/qqmlregistration.h>

class PeerChannel;

namespace demo {

/// A file on its way to or from the peer, on a channel of its own; FileOffer tells the protocol.
/// Its channel ends with it, but belongs to the connection.
class FileTransfer : public QObject
{
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("made by Conversation")
    Q_PROPERTY(QString name READ name NOTIFY nameChanged FINAL)
    Q_PROPERTY(qint64 size READ size NOTIFY nameChanged FINAL)
    Q_PROPERTY(qint64 done READ done NOTIFY doneChanged FINAL)
    Q_PROPERTY(State state READ state NOTIFY stateChanged FINAL)
    Q_PROPERTY(bool running READ isRunning NOTIFY stateChanged FINAL)
    Q_PROPERTY(QString words READ words NOTIFY stateChanged FINAL)
    Q_PROPERTY(QString path READ path NOTIFY stateChanged FINAL)

public:
    enum class State { Waiting, Running, Done, Cancelled, Failed };
    Q_ENUM(State)

    /// Ends what is under way.
    ~FileTransfer() override;

    QString name() const { return m_name; }
    qint64 size() const { return m_size; }
    /// Octets that have left us, or are on our disk.
    qint64 done() const { return m_done; }
    State state() const { return m_state; }
    bool isRunning() const { return m_state == State::Waiting || m_state == State::Running; }
    /// For the user; why it has failed, above all.
    QString words() const { return m_words; }
    /// Neither side has ended it, but the call.
    bool wasCutOff() const { return m_wasCutOff; }
    /// Where it is on this machine; empty until it is there.
    QString path() const { return m_path; }

    Q_INVOKABLE void cancel();

Q_SIGNALS:
    void nameChanged();
    /// Ten times a second at most.
    void doneChanged();
    void stateChanged();

protected:
    explicit FileTransfer(PeerChannel *channel, QObject *parent);

    PeerChannel *channel() const { return m_channel; }
    void setName(const QString &name, qint64 size);
    void setPath(const QString &path) { m_path = path; }
    void setDone(qint64 done);
    void start();
    /// The channel is closed, and what end() does in a class that inherits is done.
    void finish(State state, const QString &words);
    void cutOff();

private:
    /// Stops working on the file. Called once.
    virtual void end() = 0;
    void takeText(const QString &message);

    QPointer<PeerChannel> m_channel;
    QString m_name;
    QString m_words;
    QString m_path;
    QElapsedTimer m_sinceTold;
    qint64 m_size = 0;
    qint64 m_done = 0;
    State m_state = State::Waiting;
    bool m_wasCutOff = false;
};

} // namespace demo

#endif // DEMO_FILETRANSFER_H
