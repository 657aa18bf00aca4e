// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "api/connectionlink.h"

#include <QtCore/qrandom.h>

#include <array>

namespace peer {

namespace {

QString randomName()
{
    std::array<quint32, 3> words{};
    QRandomGenerator::system()->fillRange(words.data(), qsizetype(words.size()));
    const QByteArray octets(reinterpret_cast<const char *>(words.data()), sizeof(words));
    return QString::fromLatin1(octets.toBase64(QByteArray::Base64UrlEncoding));
}

} // namespace

ConnectionLink::ConnectionLink()
    : mediaName(randomName())
{ }

TrackLink::Wake wakeFor(const std::shared_ptr<ConnectionLink> &link, TrackHandle handle)
{
    return [handle, weak = std::weak_ptr(link)] {
        if (const auto strong = weak.lock())
            strong->commands.put(command::ServeTrack{handle});
    };
}

} // namespace peer
