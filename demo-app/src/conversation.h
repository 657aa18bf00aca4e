// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef DEMO_CONVERSATION_H
#define DEMO_CONVERSATION_H

#include <QtCore/qabstractitemmodel.h>
#include <QtCore/qlist.h>
#include <QtCore/qpointer.h>
#include <QtCore/qstring.h>
#include <QtCore/qstringlist.h>
#include <QtCore/qurl.h>
#include <QtQml/qqmlregistration.h>

class PeerChannel;
class PeerConnection;

namespace demo {

class FileThread;
class FileTransfer;

/// What is said and sent beside sound and picture: a list of lines, the latest last.
///
/// On the wire: the caller opens a channel with the label "chat" and the protocol ChatProtocol. A
/// message on it is JSON text of at most MaxMessage characters,
///
///     {"text": "how are you?"}          something said, at most MaxText characters
///     {"address": "peer://alice@…"}     where the sender can be called back
///     {"measured": true}                the sender has measured the call, and needs it no more
///
/// and unknown members are ignored. Either side opens a channel with the label "file" and the
/// protocol FileProtocol for each file; see FileOffer.
class Conversation : public QAbstractListModel
{
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("made by CallSession")
    Q_PROPERTY(bool open READ isOpen NOTIFY openChanged FINAL)
    Q_PROPERTY(int unread READ unread NOTIFY unreadChanged FINAL)
    Q_PROPERTY(bool watched READ isWatched WRITE setWatched NOTIFY unreadChanged FINAL)

public:
    static constexpr auto ChatProtocol = "demo-chat-1";
    static constexpr auto FileProtocol = "demo-file-1";
    static constexpr qsizetype MaxText = 4000;
    static constexpr qsizetype MaxMessage = 32'000;
    /// Beyond that the oldest lines go.
    static constexpr int MaxLines = 1000;
    /// At once, each way.
    static constexpr int MaxFiles = 8;

    enum Role { TextRole = Qt::UserRole, MineRole, TimeRole, TransferRole };

    /// The connection and the thread outlive this. Received files go into the folder.
    Conversation(PeerConnection *connection, const QString &downloads, FileThread &thread,
                 QObject *parent = nullptr);
    ~Conversation() override;

    /// Opens the chat's channel: the caller's part, before the call or in it.
    void begin();
    /// What to tell the peer as soon as it can hear; nothing if it is empty.
    void setOwnAddress(const QString &address);

    /// Whether something said now would be heard.
    bool isOpen() const;
    /// Lines of the peer's that came while the list was not watched.
    int unread() const { return m_unread; }
    bool isWatched() const { return m_isWatched; }
    void setWatched(bool watched);

    /// Says it; false if it is empty, too long, or nobody listens.
    Q_INVOKABLE bool say(const QString &text);
    /// Tells the peer that the call has been measured here.
    void sayMeasured();
    /// Sends local files; what cannot be sent is a line that says so.
    Q_INVOKABLE void send(const QList<QUrl> &files);
    /// Of the files that were under way, what the end of the call has cut off: name, and how much
    /// of it was through.
    QStringList cutOffFiles() const;

    int rowCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;
    QHash<int, QByteArray> roleNames() const override;

Q_SIGNALS:
    void openChanged();
    void unreadChanged();
    /// Where the peer says that it can be called; not checked.
    void addressReceived(const QString &address);
    void peerMeasured();

private:
    struct Line
    {
        QString text;
        bool isMine = false;
        QString time;
        FileTransfer *transfer = nullptr; ///< owned by the list
    };

    void takeChannel(PeerChannel *channel);
    void useChat(PeerChannel *channel);
    void takeMessage(const QString &message);
    void sayAddress();
    void append(const Line &line);
    bool hasRoomForFile(bool mine) const;

    PeerConnection *m_connection;
    QString m_downloads;
    FileThread &m_thread;
    QPointer<PeerChannel> m_chat;
    QString m_ownAddress;
    QList<Line> m_lines;
    int m_unread = 0;
    bool m_isWatched = false;
};

} // namespace demo

#endif // DEMO_CONVERSATION_H
