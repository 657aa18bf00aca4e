// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "media/tracklink.h"

#include <QtCore/qvariant.h>

#include <algorithm>

using namespace Qt::StringLiterals;

namespace peer::media {

namespace {

QByteArrayView toView(ByteView octets)
{
    return {octets.data(), qsizetype(octets.size())};
}

std::optional<std::uint8_t> idOf(const PeerTrack &track, const QString &uri)
{
    for (const PeerRtpExtension &extension : track.agreedExtensions()) {
        if (extension.uri == uri && extension.id >= 1 && extension.id <= 14)
            return std::uint8_t(extension.id);
    }
    return {};
}

} // namespace

bool PortLink::sendRtp(ByteView packet)
{
    return m_port.sendRtp(toView(packet));
}

void PortLink::sendRtcp(ByteView compound)
{
    m_port.sendRtcp(toView(compound));
}

std::optional<TrackConfig> configOf(const PeerTrack &track)
{
    const bool isVideo = track.kind() == PeerTrack::Kind::Video;
    const QString wanted = isVideo ? u"VP8"_s : u"opus"_s;
    const QList<PeerRtpFormat> formats = track.agreedFormats();
    const auto format = std::find_if(formats.begin(), formats.end(), [&](const auto &one) {
        return one.encodingName.compare(wanted, Qt::CaseInsensitive) == 0;
    });
    if (format == formats.end() || track.sources().isEmpty())
        return {};
    TrackConfig config;
    config.kind = isVideo ? TrackKind::Video : TrackKind::Audio;
    config.payloadType = format->payloadType;
    config.hasNack = format->feedback.contains("nack"_L1);
    config.hasPli = format->feedback.contains("nack pli"_L1);
    config.ssrc = track.sources().constFirst().ssrc;
    config.retransmissionSsrc = track.sources().constFirst().retransmissionSsrc;
    for (const PeerRtpFormat &other : formats) {
        if (other.repeatedPayloadType() == format->payloadType && config.retransmissionSsrc != 0)
            config.retransmissionType = other.payloadType;
        if (other.redundantPayloadType() == format->payloadType)
            config.redundancyType = other.payloadType;
    }
    config.mid = track.mid().toStdString();
    config.midExtension = idOf(track, PeerRtpExtension::midUri());
    // The number alone is not the promise to answer to it.
    if (format->feedback.contains("transport-cc"_L1))
        config.transportExtension = idOf(track, PeerRtpExtension::transportCcUri());
    return config;
}

std::shared_ptr<SentNumbers> numbersOf(PeerTrack &track)
{
    constexpr char Name[] = "_peer_sentNumbers";
    auto numbers = track.property(Name).value<std::shared_ptr<SentNumbers>>();
    if (!numbers) {
        numbers = std::make_shared<SentNumbers>();
        track.setProperty(Name, QVariant::fromValue(numbers));
    }
    return numbers;
}

} // namespace peer::media
