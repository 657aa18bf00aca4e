// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "measurement.h"

#include <QtCore/qjsonarray.h>

#include <algorithm>

using namespace Qt::StringLiterals;

namespace demo {

quint64 Figures::pictures() const
{
    return isTest ? media.testFrames : media.framesDecoded;
}

quint64 Figures::sounds() const
{
    if (isTest)
        return media.testTones - before.testTones;
    const quint64 decoded = media.soundsDecoded - before.soundsDecoded;
    return decoded - std::min(decoded, media.soundsConcealed - before.soundsConcealed);
}

QStringList Figures::faults() const
{
    const auto needed = [this](int in10s) { return quint64(in10s) * quint64(seconds) / 10; };
    QStringList faults;
    if (firstPicture < 0) {
        faults.append(u"no picture came"_s);
        return faults;
    }
    if (isTest && media.testSender != expectedSender) {
        faults.append(
            u"the pictures are of sender %1, not %2"_s.arg(media.testSender).arg(expectedSender));
    }
    // Until the film begins a test picture may come, or what reads like one.
    if (!isTest && media.testFrames * 2 > media.framesDecoded)
        faults.append(u"the test picture came, not a film"_s);
    if (isTest && media.frameSize != PictureSize) {
        faults.append(u"the pictures have %1x%2 pixels"_s.arg(media.frameSize.width())
                          .arg(media.frameSize.height()));
    }
    if (pictures() < needed(PicturesIn10s)) {
        faults.append(u"%1 pictures came, not %2"_s.arg(pictures()).arg(needed(PicturesIn10s)));
    }
    const bool isSilentFilm = !isTest && isSilent;
    if (sounds() < needed(TonesIn10s) && !isSilentFilm)
        faults.append(u"%1 sounds came, not %2"_s.arg(sounds()).arg(needed(TonesIn10s)));
    if (!isPictureShown)
        faults.append(u"the window does not show what was decoded"_s);
    return faults;
}

QJsonObject Figures::toJson() const
{
    return {
        {u"seconds"_s, seconds},
        {u"role"_s, isCaller ? u"caller"_s : u"callee"_s},
        {u"path"_s, path},
        {u"roundTripMs"_s, roundTrip},
        {u"firstPictureMs"_s, firstPicture},
        {u"pictures"_s, qint64(pictures())},
        {u"pictureWidth"_s, media.frameSize.width()},
        {u"pictureHeight"_s, media.frameSize.height()},
        {u"picturesShown"_s, qint64(media.framesShown)},
        {u"sender"_s, media.testSender},
        {u"expectedSender"_s, expectedSender},
        {u"delayMs"_s, delay},
        {u"sounds"_s, qint64(sounds())},
        {u"soundsConcealed"_s, qint64(media.soundsConcealed - before.soundsConcealed)},
        {u"freezes"_s, qint64(media.freezes)},
        {u"retransmissionsReceived"_s, qint64(media.retransmissionsReceived)},
        {u"loss"_s, media.loss},
        {u"bitrateIn"_s, bitrateIn},
        {u"bitrateOut"_s, bitrateOut},
        {u"targetBitrate"_s, media.targetBitrate},
        {u"processor"_s, processor},
        {u"pictureShown"_s, isPictureShown},
        {u"faults"_s, QJsonArray::fromStringList(faults())},
    };
}

QString Figures::toText() const
{
    QStringList lines{
        u"path            %1, round trip %2 ms"_s.arg(path).arg(roundTrip, 0, 'f', 2),
        u"first picture   %1 ms after %2"_s.arg(firstPicture)
            .arg(isCaller ? u"dialling"_s : u"it rang"_s),
        u"pictures        %1 different ones of %2x%3 in %4 s, %5 shown"_s.arg(pictures())
            .arg(media.frameSize.width())
            .arg(media.frameSize.height())
            .arg(seconds)
            .arg(media.framesShown),
    };
    if (isTest) {
        lines += u"sender          %1, proven to be %2"_s.arg(media.testSender).arg(expectedSender);
        lines += u"delay           %1 ms from painting to display"_s.arg(delay, 0, 'f', 0);
    }
    lines += u"sound           %1 packets of 20 ms%2"_s.arg(sounds()).arg(
        isTest ? u" with the sender's tone"_s : QString());
    lines += u"loss            %1 %, %2 packets came again, %3 freezes"_s
                 .arg(media.loss * 100, 0, 'f', 1)
                 .arg(media.retransmissionsReceived)
                 .arg(media.freezes);
    lines += u"bitrate         %1 kbit/s in, %2 kbit/s out"_s.arg(bitrateIn / 1000, 0, 'f', 0)
                 .arg(bitrateOut / 1000, 0, 'f', 0);
    lines += u"processor       %1 % of a core"_s.arg(processor * 100, 0, 'f', 0);
    for (const QString &fault : faults())
        lines += u"FAULT           "_s + fault;
    return lines.join(u'\n');
}

} // namespace demo
