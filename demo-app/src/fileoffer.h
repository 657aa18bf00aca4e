// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef DEMO_FILEOFFER_H
#define DEMO_FILEOFFER_H

#include <QtCore/qstring.h>

#include <optional>

namespace demo {

/// The first message on a channel that carries a file: JSON text,
///
///     {"name": "holiday.jpg", "size": 123456}
///
/// The file follows in binary messages of at most ChunkSize octets. The receiver answers
/// {"received": true} when all of it is on its disk. Whoever ends it before says {"cancelled": true}
/// and closes the channel: one that closes without that was cut off, by the end of the call.
struct FileOffer
{
    static constexpr qint64 MaxSize = qint64(8) << 30;
    static constexpr qint64 ChunkSize = 64 * 1024;
    /// Of the message, in characters: more than a name of 255 octets with escapes takes.
    static constexpr qsizetype MaxMessage = 4096;
    /// What file systems take for a name, in octets of UTF-8, less what " (123)" and ".part" add.
    static constexpr qsizetype MaxName = 200;

    QString name; ///< safe: see safeFileName()
    qint64 size = 0;

    /// Nothing if it is no offer or out of bounds. The name is made safe.
    static std::optional<FileOffer> read(const QString &message);
    QString write() const;

    static QString receipt();
    static bool isReceipt(const QString &message);
    static QString cancellation();
    static bool isCancellation(const QString &message);
};

/// A name for a file in our folder from what a stranger calls it: without directories, control and
/// formatting characters, nor what other systems forbid; not hidden, not empty, not too long.
QString safeFileName(const QString &name);

/// The name with " (number)" before its suffixes; the name itself for 0.
QString numberedFileName(const QString &name, int number);

} // namespace demo

#endif // DEMO_FILEOFFER_H
