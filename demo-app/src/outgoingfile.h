// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef DEMO_OUTGOINGFILE_H
#define DEMO_OUTGOINGFILE_H

#include "filetransfer.h"

#include <QtCore/qbytearray.h>

#include <memory>

namespace demo {

class FileReader;
class FileThread;

/// Sends a file. Of it there are never more than SendAhead octets in memory: a piece is read when
/// the channel has room for it.
class OutgoingFile : public FileTransfer
{
    Q_OBJECT
    QML_ANONYMOUS

public:
    /// In the channel's buffer, at most; less than PeerChannel::SendBufferSize.
    static constexpr qint64 SendAhead = 512 * 1024;

    /// channel is new; the thread outlives this.
    OutgoingFile(PeerChannel *channel, const QString &path, FileThread &thread,
                 QObject *parent = nullptr);
    ~OutgoingFile() override;

private:
    void end() override;
    void takeOpened(const QString &name, qint64 size, const QString &fault);
    void takePiece(const QByteArray &piece, const QString &fault);
    void readMore();
    void takeReceipt(const QString &message);
    void showProgress();

    FileThread &m_thread;
    std::shared_ptr<FileReader> m_reader;
    qint64 m_sent = 0;
    bool m_isReading = false;
};

} // namespace demo

#endif // DEMO_OUTGOINGFILE_H
