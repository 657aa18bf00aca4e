// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "ringtone.h"

#include <QtTest/qtest.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <vector>

using namespace demo;

namespace {

std::vector<qint16> read(const QByteArray &octets)
{
    std::vector<qint16> samples(std::size_t(octets.size()) / sizeof(qint16));
    std::memcpy(samples.data(), octets.constData(), samples.size() * sizeof(qint16));
    return samples;
}

int peakOf(const std::vector<qint16> &samples)
{
    int peak = 0;
    for (const qint16 sample : samples)
        peak = std::max(peak, std::abs(int(sample)));
    return peak;
}

} // namespace

class RingToneTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void isLoudEnoughAndNotTooLoud()
    {
        const int peak = peakOf(read(RingSound::samples()));
        QVERIFY(peak > 32767 / 5);
        QVERIFY(peak < 32767 * 9 / 10);
    }

    void clicksNowhereAndRestsBetweenTheTimes()
    {
        const std::vector<qint16> samples = read(RingSound::samples());
        QCOMPARE(samples.front(), 0);
        // A tone of 880 Hz at full scale rises by 3771 from one sample to the next.
        for (std::size_t i = 1; i < samples.size(); ++i)
            QVERIFY(std::abs(samples[i] - samples[i - 1]) < 3771);
        const std::vector<qint16> end(samples.end() - RingSound::SampleRate, samples.end());
        QCOMPARE(peakOf(end), 0);
    }

    void goesOnForEver()
    {
        RingSound sound;
        const QByteArray once = RingSound::samples();
        QByteArray heard;
        while (heard.size() < 2 * once.size() + 1000) {
            const QByteArray piece = sound.read(4099);
            QCOMPARE(piece.size(), 4099);
            QVERIFY(sound.bytesAvailable() > 0);
            heard += piece;
        }
        QVERIFY(heard.startsWith(once + once));
        QVERIFY(!sound.isWritable());
    }
};

QTEST_GUILESS_MAIN(RingToneTest)
#include "tst_ringtone.moc"
