// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "outgoingfile.h"

#include "fileoffer.h"
#include "filethread.h"

#include <PeerConnection/PeerChannel>

#include <QtCore/qcoreapplication.h>
#include <QtCore/qfile.h>
#include <QtCore/qfileinfo.h>

#include <algorithm>

using namespace Qt::StringLiterals;

namespace demo {

/// The file itself, in the thread for files alone.
class FileReader
{
public:
    explicit FileReader(const QString &path)
        : m_file(path)
    { }

    QString name() const { return QFileInfo(m_file).fileName(); }
    qint64 size() const { return m_size; }

    /// Empty, or what is wrong.
    QString open()
    {
        // A pipe or a device may have no end, and opening it may wait for ever.
        if (!QFileInfo(m_file).isFile())
            return OutgoingFile::tr("This is no file that could be sent");
        if (!m_file.open(QIODevice::ReadOnly))
            return OutgoingFile::tr("It cannot be read: %1").arg(m_file.errorString());
        m_size = m_file.size();
        if (m_size > FileOffer::MaxSize)
            return OutgoingFile::tr("It is larger than %1 GiB").arg(FileOffer::MaxSize >> 30);
        return {};
    }

    QByteArray read(qint64 octets) { return m_file.read(octets); }
    QString fault() const
    {
        return m_file.error() == QFileDevice::NoError
            ? OutgoingFile::tr("It became shorter while it was sent")
            : OutgoingFile::tr("It cannot be read: %1").arg(m_file.errorString());
    }

private:
    QFile m_file;
    qint64 m_size = 0;
};

OutgoingFile::OutgoingFile(PeerChannel *channel, const QString &path, FileThread &thread,
                           QObject *parent)
    : FileTransfer(channel, parent)
    , m_thread(thread)
    , m_reader(std::make_shared<FileReader>(path))
{
    setName(QFileInfo(path).fileName(), 0);
    channel->setBufferedAmountLowThreshold(SendAhead - FileOffer::ChunkSize);
    connect(channel, &PeerChannel::bufferedAmountLow, this, &OutgoingFile::readMore);
    connect(channel, &PeerChannel::textReceived, this, &OutgoingFile::takeReceipt);
    thread.run([this, self = QPointer(this), reader = m_reader] {
        const QString fault = reader->open();
        // Posted to the reader's owner in the window's thread, where self is looked at.
        QMetaObject::invokeMethod(
            qApp,
            [this, self, name = reader->name(), size = reader->size(), fault] {
                if (self)
                    takeOpened(name, size, fault);
            },
            Qt::QueuedConnection);
    });
}

OutgoingFile::~OutgoingFile()
{
    OutgoingFile::end();
}

void OutgoingFile::end()
{
    // Closed where it was opened.
    if (m_reader)
        m_thread.run([reader = std::move(m_reader)] {});
    m_reader.reset();
}

void OutgoingFile::takeOpened(const QString &name, qint64 size, const QString &fault)
{
    if (!isRunning())
        return;
    if (!fault.isEmpty()) {
        finish(State::Failed, fault);
        return;
    }
    const FileOffer offer{safeFileName(name), size};
    setName(offer.name, offer.size);
    if (!channel() || !channel()->sendText(offer.write())) {
        finish(State::Failed, tr("The call takes no file at the moment"));
        return;
    }
    start();
    readMore();
}

void OutgoingFile::readMore()
{
    showProgress();
    if (!m_reader || m_isReading || state() != State::Running || m_sent == size() || !channel()
        || channel()->bufferedAmount() >= SendAhead) {
        return;
    }
    m_isReading = true;
    const qint64 octets = std::min(
        {FileOffer::ChunkSize, channel()->maxMessageSize(), size() - m_sent});
    m_thread.run([this, self = QPointer(this), reader = m_reader, octets] {
        const QByteArray piece = reader->read(octets);
        const QString fault = piece.isEmpty() ? reader->fault() : QString();
        QMetaObject::invokeMethod(
            qApp,
            [this, self, piece, fault] {
                if (self)
                    takePiece(piece, fault);
            },
            Qt::QueuedConnection);
    });
}

void OutgoingFile::takePiece(const QByteArray &piece, const QString &fault)
{
    m_isReading = false;
    if (!isRunning())
        return;
    if (!fault.isEmpty()) {
        finish(State::Failed, fault);
        return;
    }
    if (!channel() || !channel()->sendMessage(piece)) {
        cutOff();
        return;
    }
    m_sent += piece.size();
    readMore();
}

void OutgoingFile::takeReceipt(const QString &message)
{
    if (m_sent == size() && state() == State::Running && FileOffer::isReceipt(message)) {
        setDone(size());
        finish(State::Done, tr("Delivered"));
    }
}

void OutgoingFile::showProgress()
{
    if (channel() && isRunning())
        setDone(std::max<qint64>(0, m_sent - channel()->bufferedAmount()));
}

} // namespace demo
