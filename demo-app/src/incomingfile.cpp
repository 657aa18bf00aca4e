// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "incomingfile.h"

#include "fileoffer.h"
#include "filethread.h"

#include <PeerConnection/PeerChannel>

#include <QtCore/qcoreapplication.h>
#include <QtCore/qdir.h>
#include <QtCore/qstorageinfo.h>
#include <QtCore/qtemporaryfile.h>

#include <algorithm>
#include <atomic>
#include <utility>

using namespace Qt::StringLiterals;

namespace demo {

namespace {
/// How often a name is looked for that nothing has yet.
constexpr int MaxNumber = 1000;
/// Of the disk, left free for others.
constexpr qint64 Reserve = 64 << 20;
/// What a piece that waits for the disk costs at least, however few octets it has.
constexpr qint64 LeastCharge = 1024;

qint64 chargeOf(const QByteArray &piece)
{
    return std::max(qint64(piece.size()), LeastCharge);
}

/// Octets that were accepted, of all files under way, and are not on the disk yet: their room is
/// taken.
std::atomic<qint64> promised = 0;
} // namespace

/// The file itself, in the thread for files alone; its functions tell a fault, or nothing.
class FileWriter
{
public:
    explicit FileWriter(const QString &folder)
        : m_folder(folder)
    { }

    ~FileWriter() { promised -= m_promised; }

    /// From now on nothing is written, and nothing gets a name. Any thread.
    void giveUp() { m_isGivenUp = true; }

    QString open(const FileOffer &offer)
    {
        m_name = offer.name;
        m_isBroken = true;
        if (m_isGivenUp)
            return {};
        if (!QDir().mkpath(m_folder))
            return IncomingFile::tr("The folder %1 cannot be made").arg(m_folder);
        const QStorageInfo disk(m_folder);
        if (disk.isValid() && disk.bytesAvailable() - Reserve - promised < offer.size)
            return IncomingFile::tr("There is not enough room on the disk");
        m_file = std::make_unique<QTemporaryFile>(m_folder + u"/.incoming-XXXXXX.part"_s);
        if (!m_file->open())
            return IncomingFile::tr("It cannot be written: %1").arg(m_file->errorString());
        m_isBroken = false;
        m_promised = offer.size;
        promised += m_promised;
        return {};
    }

    QString write(const QByteArray &piece)
    {
        if (m_isGivenUp || m_isBroken)
            return {};
        if (m_file->write(piece) == piece.size()) {
            m_promised -= piece.size();
            promised -= piece.size();
            return {};
        }
        m_isBroken = true;
        return IncomingFile::tr("It cannot be written: %1").arg(m_file->errorString());
    }

    /// Gives it its name.
    QString keep()
    {
        if (m_isGivenUp || m_isBroken)
            return {};
        if (!m_file->flush())
            return IncomingFile::tr("It cannot be written: %1").arg(m_file->errorString());
        for (int number = 0; number < MaxNumber; ++number) {
            m_path = m_folder + u'/' + numberedFileName(m_name, number);
            // Fails if there is such a file, even if it came about this very moment.
            if (QFile::exists(m_path) || !m_file->rename(m_path))
                continue;
            m_file->setAutoRemove(false);
            m_file->setPermissions(QFileDevice::ReadOwner | QFileDevice::WriteOwner);
            m_file.reset();
            m_isKept = true;
            return {};
        }
        return IncomingFile::tr("It cannot be stored as %1").arg(m_name);
    }

    /// Takes back what keep() did, which may have been at it when the file was given up.
    void discard()
    {
        if (m_isKept)
            QFile::remove(m_path);
    }

    QString path() const { return m_path; }

private:
    QString m_folder;
    QString m_name;
    QString m_path;
    bool m_isBroken = true; ///< and that has been told
    bool m_isKept = false;
    std::atomic_bool m_isGivenUp = false;
    qint64 m_promised = 0; ///< this file's part of what is promised
    std::unique_ptr<QTemporaryFile> m_file;
};

IncomingFile::IncomingFile(PeerChannel *channel, const QString &folder, FileThread &thread,
                           QObject *parent)
    : FileTransfer(channel, parent)
    , m_thread(thread)
    , m_writer(std::make_shared<FileWriter>(folder))
{
    connect(channel, &PeerChannel::textReceived, this, &IncomingFile::takeOffer);
    connect(channel, &PeerChannel::messageReceived, this, &IncomingFile::takePiece);
}

IncomingFile::~IncomingFile()
{
    IncomingFile::end();
}

void IncomingFile::end()
{
    if (m_writer && state() != State::Done) {
        // Pieces may wait for the disk still, and the file for its name.
        m_writer->giveUp();
        m_thread.run([writer = m_writer] { writer->discard(); });
    }
    // Closed, and removed if it has no name yet, where it was opened.
    if (m_writer)
        m_thread.run([writer = std::move(m_writer)] {});
    m_writer.reset();
    if (channel())
        channel()->setReceivingPaused(false);
}

template<typename Function, typename Taker>
void IncomingFile::onDisk(Function function, Taker taker)
{
    m_thread.run([self = QPointer(this), writer = m_writer, function, taker] {
        const QString fault = function(*writer);
        QMetaObject::invokeMethod(
            qApp,
            [self, taker, fault, path = writer->path()] {
                if (self && self->isRunning())
                    taker(*self, path, fault);
            },
            Qt::QueuedConnection);
    });
}

void IncomingFile::takeOffer(const QString &message)
{
    if (state() != State::Waiting)
        return;
    const std::optional<FileOffer> offer = FileOffer::read(message);
    if (!offer) {
        finish(State::Failed, tr("What was offered is no file, or too large"));
        return;
    }
    setName(offer->name, offer->size);
    start();
    onDisk([offer](FileWriter &writer) { return writer.open(*offer); },
           [](IncomingFile &self, const QString &, const QString &fault) {
               self.takeWritten(0, fault);
           });
    if (offer->size == 0)
        keep();
}

void IncomingFile::takePiece(const QByteArray &piece)
{
    if (!isRunning())
        return;
    if (state() == State::Waiting || piece.size() > size() - m_received) {
        finish(State::Failed, tr("More came than was offered"));
        return;
    }
    if (piece.isEmpty())
        return;
    m_received += piece.size();
    m_waiting += chargeOf(piece);
    onDisk([piece](FileWriter &writer) { return writer.write(piece); },
           [octets = piece.size(), charge = chargeOf(piece)](IncomingFile &self, const QString &,
                                                             const QString &fault) {
               self.m_waiting -= charge;
               self.takeWritten(octets, fault);
           });
    if (m_waiting > WriteBehind && channel())
        channel()->setReceivingPaused(true);
    if (m_received == size())
        keep();
}

void IncomingFile::takeWritten(qint64 octets, const QString &fault)
{
    if (!fault.isEmpty()) {
        finish(State::Failed, fault);
        return;
    }
    m_written += octets;
    setDone(m_written);
    if (m_waiting <= WriteBehind / 2 && channel())
        channel()->setReceivingPaused(false);
}

void IncomingFile::keep()
{
    onDisk([](FileWriter &writer) { return writer.keep(); },
           [](IncomingFile &self, const QString &path, const QString &fault) {
               self.takeKept(path, fault);
           });
}

void IncomingFile::takeKept(const QString &path, const QString &fault)
{
    if (!fault.isEmpty()) {
        finish(State::Failed, fault);
        return;
    }
    setPath(path);
    if (channel())
        channel()->sendText(FileOffer::receipt());
    finish(State::Done, tr("Stored as %1").arg(path));
}

} // namespace demo
