// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "api/trackinfo.h"

#include <QtCore/qrandom.h>
#include <QtCore/qset.h>

#include <algorithm>

using namespace Qt::StringLiterals;

namespace peer {

namespace {

/// RFC 8830 section 2: of no stream.
constexpr char NoStream[] = "-";

/// What a session-level limit of sdp::Limits would refuse at the peer.
constexpr qsizetype MaxFormats = 64;
constexpr qsizetype MaxExtensions = 14; // RFC 8285 section 4.2: ids that fit into four bits
constexpr qsizetype MaxSources = 16;

QString random32()
{
    return QString::number(QRandomGenerator::system()->generate(), 16);
}

bool isWord(const QString &text)
{
    return std::all_of(text.begin(), text.end(),
                       [](QChar c) { return c.unicode() > 0x20 && c.unicode() < 0x7f; });
}

} // namespace

sdp::Direction toSdp(PeerTrack::Direction direction)
{
    switch (direction) {
    case PeerTrack::Direction::Inactive:
        return sdp::Direction::Inactive;
    case PeerTrack::Direction::SendOnly:
        return sdp::Direction::SendOnly;
    case PeerTrack::Direction::ReceiveOnly:
        return sdp::Direction::ReceiveOnly;
    case PeerTrack::Direction::SendReceive:
        return sdp::Direction::SendReceive;
    }
    return sdp::Direction::Inactive;
}

PeerTrack::Direction fromSdp(sdp::Direction direction)
{
    switch (direction) {
    case sdp::Direction::Inactive:
        return PeerTrack::Direction::Inactive;
    case sdp::Direction::SendOnly:
        return PeerTrack::Direction::SendOnly;
    case sdp::Direction::ReceiveOnly:
        return PeerTrack::Direction::ReceiveOnly;
    case sdp::Direction::SendReceive:
        return PeerTrack::Direction::SendReceive;
    }
    return PeerTrack::Direction::Inactive;
}

AcceptedTracks defaultAcceptedTracks()
{
    AcceptedTracks accepted;
    for (const auto kind : {PeerTrack::Kind::Audio, PeerTrack::Kind::Video}) {
        PeerTrack::Options options;
        options.formats = PeerTrack::defaultFormats(kind);
        accepted.insert(kind, options);
    }
    return accepted;
}

std::vector<TrackOptions> toTrackOptions(const AcceptedTracks &accepted)
{
    std::vector<TrackOptions> options;
    for (auto it = accepted.begin(); it != accepted.end(); ++it)
        options.push_back(toTrackOptions(it.key(), it.value()));
    return options;
}

TrackOptions toTrackOptions(PeerTrack::Kind kind, const PeerTrack::Options &options)
{
    TrackOptions track;
    track.kind = kind == PeerTrack::Kind::Audio ? sdp::MediaKind::Audio : sdp::MediaKind::Video;
    track.direction = toSdp(options.direction);
    for (const PeerRtpFormat &format : options.formats) {
        sdp::PayloadFormat payload{
            format.payloadType, format.encodingName.toStdString(), format.clockRate,
            format.channels,    format.parameters.toStdString(),   {}};
        for (const QString &feedback : format.feedback)
            payload.feedback.push_back(feedback.toStdString());
        track.formats.push_back(std::move(payload));
    }
    for (const QString &uri : options.extensions)
        track.extensions.push_back({0, uri.toStdString(), sdp::Direction::SendReceive});
    setSources(track, options.sources, options.streamId);
    return track;
}

PeerTrack::Options fromTrackOptions(const TrackOptions &track)
{
    PeerTrack::Options options;
    options.direction = PeerTrack::Direction::ReceiveOnly;
    options.formats = fromFormats(track.formats);
    options.extensions.clear();
    for (const sdp::HeaderExtension &extension : track.extensions)
        options.extensions.append(QString::fromStdString(extension.uri));
    options.sources = fromSources(track.sources, track.retransmissionGroups);
    options.streamId = streamIdOf(track.msid);
    return options;
}

void setSources(TrackOptions &options, const QList<PeerRtpSource> &sources, const QString &streamId)
{
    options.sources.clear();
    options.retransmissionGroups.clear();
    if (sources.isEmpty())
        return;
    const QString stream = streamId.isEmpty() ? QString::fromLatin1(NoStream) : streamId;
    // The track's own name has no meaning any more (RFC 9429 section 5.2.1), but must be one.
    options.msid = u"%1 %2"_s.arg(stream, random32()).toStdString();
    for (const PeerRtpSource &source : sources) {
        const std::string cname = source.cname.toStdString();
        options.sources.push_back({source.ssrc, cname, options.msid});
        if (source.retransmissionSsrc == 0)
            continue;
        options.sources.push_back({source.retransmissionSsrc, cname, options.msid});
        options.retransmissionGroups.emplace_back(source.ssrc, source.retransmissionSsrc);
    }
}

QList<PeerRtpFormat> fromFormats(const std::vector<sdp::PayloadFormat> &formats)
{
    QList<PeerRtpFormat> result;
    for (const sdp::PayloadFormat &format : formats) {
        PeerRtpFormat known;
        known.payloadType = format.payloadType;
        known.encodingName = QString::fromStdString(format.encodingName);
        known.clockRate = format.clockRate;
        known.channels = format.channels;
        known.parameters = QString::fromStdString(format.formatParameters);
        for (const std::string &feedback : format.feedback)
            known.feedback.append(QString::fromStdString(feedback));
        result.append(known);
    }
    return result;
}

QList<PeerRtpExtension> fromExtensions(const std::vector<sdp::HeaderExtension> &extensions)
{
    QList<PeerRtpExtension> result;
    for (const sdp::HeaderExtension &extension : extensions) {
        PeerRtpExtension known;
        known.id = extension.id;
        known.uri = QString::fromStdString(extension.uri);
        result.append(known);
    }
    return result;
}

QList<PeerRtpSource> fromSources(const std::vector<sdp::Ssrc> &sources, const Groups &groups)
{
    QList<PeerRtpSource> result;
    for (const sdp::Ssrc &source : sources) {
        const auto repeats = [&](const auto &group) { return group.second == source.id; };
        if (std::any_of(groups.begin(), groups.end(), repeats))
            continue;
        PeerRtpSource known;
        known.ssrc = source.id;
        known.cname = QString::fromStdString(source.cname);
        const auto group = std::find_if(groups.begin(), groups.end(),
                                        [&](const auto &each) { return each.first == source.id; });
        if (group != groups.end())
            known.retransmissionSsrc = group->second;
        result.append(known);
    }
    return result;
}

QString streamIdOf(const std::string &msid)
{
    const std::string stream = msid.substr(0, msid.find(' '));
    return stream == NoStream ? QString() : QString::fromStdString(stream);
}

PeerRtpSource makeSource(const QList<PeerRtpFormat> &formats, const QString &cname,
                         const QList<PeerRtpSource> &taken)
{
    PeerRtpSource source;
    source.cname = cname;
    const auto unused = [&] {
        const std::vector<std::uint32_t> ssrcs = ssrcsOf(taken);
        for (;;) {
            const quint32 ssrc = QRandomGenerator::system()->generate();
            if (ssrc != 0 && ssrc != source.ssrc
                && std::find(ssrcs.begin(), ssrcs.end(), ssrc) == ssrcs.end())
                return ssrc;
        }
    };
    source.ssrc = unused();
    if (std::any_of(formats.begin(), formats.end(),
                    [](const PeerRtpFormat &format) { return format.repeatedPayloadType() >= 0; }))
        source.retransmissionSsrc = unused();
    return source;
}

std::vector<std::uint32_t> ssrcsOf(const QList<PeerRtpSource> &sources)
{
    std::vector<std::uint32_t> ssrcs;
    for (const PeerRtpSource &source : sources) {
        ssrcs.push_back(source.ssrc);
        if (source.retransmissionSsrc != 0)
            ssrcs.push_back(source.retransmissionSsrc);
    }
    return ssrcs;
}

QString faultOf(const PeerTrack::Options &options)
{
    if (options.formats.size() > MaxFormats || options.extensions.size() > MaxExtensions
        || options.sources.size() > MaxSources)
        return u"there are too many formats, extensions or sources"_s;
    QSet<int> types;
    for (const PeerRtpFormat &format : options.formats) {
        if (!format.isValid())
            return u"the format with payload type %1 is not valid"_s.arg(format.payloadType);
        if (types.contains(format.payloadType))
            return u"payload type %1 stands for two formats"_s.arg(format.payloadType);
        types.insert(format.payloadType);
    }
    const auto isRepetition = [](const PeerRtpFormat &format) {
        return format.repeatedPayloadType() >= 0 || format.redundantPayloadType() >= 0;
    };
    if (!options.formats.isEmpty()
        && std::all_of(options.formats.begin(), options.formats.end(), isRepetition))
        return u"there are only formats that repeat others"_s;
    for (const QString &uri : options.extensions) {
        if (uri.isEmpty() || !isWord(uri))
            return u"a header extension is no URI"_s;
    }
    if (!isWord(options.streamId))
        return u"the stream's name is not one word"_s;
    QSet<quint32> ssrcs;
    for (const std::uint32_t ssrc : ssrcsOf(options.sources)) {
        if (ssrc == 0 || ssrcs.contains(ssrc))
            return u"an SSRC is 0 or there twice"_s;
        ssrcs.insert(ssrc);
    }
    if (!std::all_of(options.sources.begin(), options.sources.end(),
                     [](const PeerRtpSource &source) { return isWord(source.cname); }))
        return u"a CNAME is not one word"_s;
    return {};
}

} // namespace peer
