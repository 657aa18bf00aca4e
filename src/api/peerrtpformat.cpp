// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include <PeerConnection/peerrtpextension.h>
#include <PeerConnection/peerrtpformat.h>

#include <algorithm>

using namespace Qt::StringLiterals;

namespace {

/// What fits into one line of a description, and can be no other line.
constexpr qsizetype MaxText = 1024;
constexpr qsizetype MaxFeedback = 16;

/// RFC 5761 section 4: RTP and RTCP share a port, and with the marker these look like RTCP's packet
/// types 192 to 223.
bool looksLikeRtcp(quint8 payloadType)
{
    return payloadType >= 64 && payloadType <= 95;
}

bool isToken(const QString &text)
{
    return !text.isEmpty() && text.size() <= 64
        && std::all_of(text.begin(), text.end(), [](QChar c) {
               return c.unicode() > 0x20 && c.unicode() < 0x7f && c != u'/';
           });
}

bool isLine(const QString &text)
{
    return text.size() <= MaxText && std::all_of(text.begin(), text.end(), [](QChar c) {
               return c.unicode() >= 0x20 && c.unicode() < 0x7f;
           });
}

/// -1 if it is none.
int toPayloadType(QStringView text)
{
    bool isNumber = false;
    const int type = text.toInt(&isNumber);
    return isNumber && type >= 0 && type < 128 ? type : -1;
}

} // namespace

PeerRtpFormat PeerRtpFormat::opus(quint8 payloadType)
{
    PeerRtpFormat format;
    format.payloadType = payloadType;
    format.encodingName = u"opus"_s;
    format.clockRate = 48000; // RFC 7587 section 4.1: always
    format.channels = 2;      // RFC 7587 section 7: always
    format.parameters = u"minptime=10;useinbandfec=1"_s;
    format.feedback = {u"transport-cc"_s};
    return format;
}

PeerRtpFormat PeerRtpFormat::vp8(quint8 payloadType)
{
    PeerRtpFormat format;
    format.payloadType = payloadType;
    format.encodingName = u"VP8"_s;
    format.clockRate = 90000; // RFC 7741 section 6.1
    format.feedback = {u"goog-remb"_s, u"transport-cc"_s, u"ccm fir"_s, u"nack"_s, u"nack pli"_s};
    return format;
}

PeerRtpFormat PeerRtpFormat::retransmission(quint8 payloadType, const PeerRtpFormat &repeated)
{
    PeerRtpFormat format;
    format.payloadType = payloadType;
    format.encodingName = u"rtx"_s;
    format.clockRate = repeated.clockRate; // RFC 4588 section 8.1
    format.parameters = u"apt=%1"_s.arg(repeated.payloadType);
    return format;
}

PeerRtpFormat PeerRtpFormat::redundancy(quint8 payloadType, const PeerRtpFormat &repeated)
{
    PeerRtpFormat format;
    format.payloadType = payloadType;
    format.encodingName = u"red"_s;
    format.clockRate = repeated.clockRate;
    format.channels = repeated.channels;
    format.parameters = u"%1/%1"_s.arg(repeated.payloadType); // RFC 2198 section 5
    return format;
}

int PeerRtpFormat::repeatedPayloadType() const
{
    if (encodingName.compare("rtx"_L1, Qt::CaseInsensitive) != 0)
        return -1;
    for (QStringView parameter : QStringView(parameters).split(u';')) {
        parameter = parameter.trimmed();
        if (!parameter.startsWith(u"apt="))
            continue;
        if (const int type = toPayloadType(parameter.mid(4)); type >= 0)
            return type;
    }
    return -1;
}

int PeerRtpFormat::redundantPayloadType() const
{
    if (encodingName.compare("red"_L1, Qt::CaseInsensitive) != 0)
        return -1;
    return toPayloadType(QStringView(parameters).split(u'/').constFirst());
}

bool PeerRtpFormat::isValid() const
{
    return payloadType < 128 && !looksLikeRtcp(payloadType) && isToken(encodingName)
        && clockRate > 0 && isLine(parameters) && feedback.size() <= MaxFeedback
        && std::all_of(feedback.begin(), feedback.end(), isLine);
}

QString PeerRtpExtension::midUri()
{
    return u"urn:ietf:params:rtp-hdrext:sdes:mid"_s;
}

QString PeerRtpExtension::transportCcUri()
{
    return u"http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"_s;
}
