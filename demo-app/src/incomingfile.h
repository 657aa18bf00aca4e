// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef DEMO_INCOMINGFILE_H
#define DEMO_INCOMINGFILE_H

#include "filetransfer.h"

#include <QtCore/qbytearray.h>

#include <memory>

namespace demo {

class FileThread;
class FileWriter;

/// Takes a file into a folder, under a safe name that nothing else has. Until it is whole it is a
/// hidden file, which goes away if the transfer fails. While more than WriteBehind octets wait for
/// the disk, counting a kibibyte at least for each piece, the peer is made to wait.
class IncomingFile : public FileTransfer
{
    Q_OBJECT
    QML_ANONYMOUS

public:
    static constexpr qint64 WriteBehind = 1024 * 1024;

    /// The thread outlives this.
    IncomingFile(PeerChannel *channel, const QString &folder, FileThread &thread,
                 QObject *parent = nullptr);
    ~IncomingFile() override;

private:
    void end() override;
    void takeOffer(const QString &message);
    void takePiece(const QByteArray &piece);
    void takeWritten(qint64 octets, const QString &fault);
    void keep();
    void takeKept(const QString &path, const QString &fault);
    /// Runs a function of the writer's and work is done with its result in our thread.
    template<typename Function, typename Taker>
    void onDisk(Function function, Taker taker);

    FileThread &m_thread;
    std::shared_ptr<FileWriter> m_writer;
    qint64 m_received = 0;
    qint64 m_written = 0;
    qint64 m_waiting = 0; ///< for the disk, in octets as WriteBehind counts them
};

} // namespace demo

#endif // DEMO_INCOMINGFILE_H
