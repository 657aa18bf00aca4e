// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "conversation.h"

#include "incomingfile.h"
#include "outgoingfile.h"

#include <PeerConnection/PeerChannel>
#include <PeerConnection/PeerConnection>

#include <QtCore/qdatetime.h>
#include <QtCore/qjsondocument.h>
#include <QtCore/qjsonobject.h>
#include <QtCore/qlocale.h>

#include <algorithm>

using namespace Qt::StringLiterals;

namespace demo {

namespace {

constexpr auto ChatLabel = "chat"_L1;
constexpr auto FileLabel = "file"_L1;

QString write(QLatin1StringView member, const QJsonValue &value)
{
    const QJsonDocument document(QJsonObject{{member, value}});
    return QString::fromUtf8(document.toJson(QJsonDocument::Compact));
}

QString now()
{
    return QLocale().toString(QTime::currentTime(), QLocale::ShortFormat);
}

bool isChat(const PeerChannel &channel)
{
    return channel.label() == ChatLabel
        && channel.protocol() == QLatin1StringView(Conversation::ChatProtocol)
        && channel.isReliable();
}

bool isFile(const PeerChannel &channel)
{
    return channel.label() == FileLabel
        && channel.protocol() == QLatin1StringView(Conversation::FileProtocol)
        && channel.isReliable() && channel.isOrdered();
}

} // namespace

Conversation::Conversation(PeerConnection *connection, const QString &downloads, FileThread &thread,
                           QObject *parent)
    : QAbstractListModel(parent)
    , m_connection(connection)
    , m_downloads(downloads)
    , m_thread(thread)
{
    connect(connection, &PeerConnection::channelOpened, this, &Conversation::takeChannel);
}

Conversation::~Conversation() = default;

void Conversation::begin()
{
    PeerChannel::Options options;
    options.protocol = QLatin1StringView(ChatProtocol);
    useChat(m_connection->openChannel(ChatLabel, options));
}

void Conversation::setOwnAddress(const QString &address)
{
    m_ownAddress = address;
    sayAddress();
}

bool Conversation::isOpen() const
{
    return m_chat && m_chat->state() == PeerChannel::State::Open;
}

void Conversation::setWatched(bool watched)
{
    if (m_isWatched == watched)
        return;
    m_isWatched = watched;
    if (watched)
        m_unread = 0;
    Q_EMIT unreadChanged();
}

bool Conversation::say(const QString &text)
{
    const QString said = text.trimmed();
    if (said.isEmpty() || said.size() > MaxText || !isOpen())
        return false;
    if (!m_chat->sendText(write("text"_L1, said)))
        return false;
    append({said, true, now(), nullptr});
    return true;
}

void Conversation::sayMeasured()
{
    if (isOpen())
        m_chat->sendText(write("measured"_L1, true));
}

void Conversation::send(const QList<QUrl> &files)
{
    for (const QUrl &file : files) {
        if (!isOpen()) {
            append({tr("Files can be sent as soon as the call stands."), true, now(), nullptr});
            return;
        }
        if (!file.isLocalFile()) {
            append({tr("%1 is not on this machine.").arg(file.toDisplayString()), true, now(),
                    nullptr});
            continue;
        }
        if (!hasRoomForFile(true)) {
            append({tr("%1 files are on their way already; send the others later.").arg(MaxFiles),
                    true, now(), nullptr});
            return;
        }
        PeerChannel::Options options;
        options.protocol = QLatin1StringView(FileProtocol);
        if (PeerChannel *channel = m_connection->openChannel(FileLabel, options)) {
            append(
                {{}, true, now(), new OutgoingFile(channel, file.toLocalFile(), m_thread, this)});
        }
    }
}

QStringList Conversation::cutOffFiles() const
{
    QStringList files;
    for (const Line &line : m_lines) {
        const FileTransfer *transfer = line.transfer;
        if (!transfer || !(transfer->wasCutOff() || transfer->isRunning()))
            continue;
        const QLocale locale;
        files += tr("%1 (%2 of %3)")
                     .arg(transfer->name().isEmpty() ? tr("a file") : transfer->name(),
                          locale.formattedDataSize(transfer->done()),
                          locale.formattedDataSize(transfer->size()));
    }
    return files;
}

int Conversation::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(m_lines.size());
}

QVariant Conversation::data(const QModelIndex &index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const Line &line = m_lines.at(index.row());
    switch (role) {
    case Qt::DisplayRole:
    case TextRole:
        return line.text;
    case MineRole:
        return line.isMine;
    case TimeRole:
        return line.time;
    case TransferRole:
        return QVariant::fromValue<FileTransfer *>(line.transfer);
    }
    return {};
}

QHash<int, QByteArray> Conversation::roleNames() const
{
    return {{TextRole, "text"}, {MineRole, "mine"}, {TimeRole, "time"}, {TransferRole, "transfer"}};
}

void Conversation::takeChannel(PeerChannel *channel)
{
    if (isChat(*channel) && !m_chat) {
        useChat(channel);
    } else if (isFile(*channel) && hasRoomForFile(false)) {
        append({{}, false, now(), new IncomingFile(channel, m_downloads, m_thread, this)});
    } else {
        channel->close();
    }
}

void Conversation::useChat(PeerChannel *channel)
{
    if (!channel)
        return;
    m_chat = channel;
    connect(channel, &PeerChannel::textReceived, this, &Conversation::takeMessage);
    connect(channel, &PeerChannel::stateChanged, this, [this] {
        sayAddress();
        Q_EMIT openChanged();
    });
    sayAddress();
    Q_EMIT openChanged();
}

void Conversation::takeMessage(const QString &message)
{
    if (message.size() > MaxMessage)
        return;
    const QJsonObject object = QJsonDocument::fromJson(message.toUtf8()).object();
    const QString text = object.value("text"_L1).toString().left(MaxText).trimmed();
    if (!text.isEmpty())
        append({text, false, now(), nullptr});
    const QString address = object.value("address"_L1).toString();
    if (!address.isEmpty())
        Q_EMIT addressReceived(address);
    if (object.value("measured"_L1).toBool())
        Q_EMIT peerMeasured();
}

void Conversation::sayAddress()
{
    if (m_ownAddress.isEmpty() || !isOpen())
        return;
    m_chat->sendText(write("address"_L1, m_ownAddress));
    m_ownAddress.clear();
}

void Conversation::append(const Line &line)
{
    if (m_lines.size() >= MaxLines) {
        // Not one that is under way: those are few.
        const auto oldest = std::ranges::find_if(
            m_lines, [](const Line &old) { return !old.transfer || !old.transfer->isRunning(); });
        const int row = int(oldest - m_lines.begin());
        beginRemoveRows({}, row, row);
        FileTransfer *transfer = m_lines.takeAt(row).transfer;
        endRemoveRows();
        if (transfer)
            transfer->deleteLater();
    }
    const int row = int(m_lines.size());
    beginInsertRows({}, row, row);
    m_lines.append(line);
    endInsertRows();
    if (!line.isMine && !m_isWatched) {
        ++m_unread;
        Q_EMIT unreadChanged();
    }
}

bool Conversation::hasRoomForFile(bool mine) const
{
    return std::ranges::count_if(m_lines,
                                 [mine](const Line &line) {
                                     return line.transfer && line.isMine == mine
                                         && line.transfer->isRunning();
                                 })
        < MaxFiles;
}

} // namespace demo
