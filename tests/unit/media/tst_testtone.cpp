// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "media/pattern/testtone.h"
#include "media/pattern/toneclock.h"

#include <QtTest/qtest.h>

#include <algorithm>
#include <vector>

using namespace peer::media;

namespace {

using Samples = std::vector<std::int16_t>;

Samples toneOfSender(std::uint16_t sender, int channels = 1)
{
    Samples samples(std::size_t(SamplesOfPacket * channels));
    TestTone(sender).write(samples, channels);
    return samples;
}

Samples noise()
{
    Samples samples(SamplesOfPacket);
    std::uint32_t random = 1;
    for (std::int16_t &sample : samples) {
        random = random * 1664525 + 1013904223;
        sample = std::int16_t(random >> 16);
    }
    return samples;
}

} // namespace

class tst_TestTone : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void everyToneIsKnownAgain();
    void isKnownFromTheMiddleOfAPacket();
    void isKnownInStereo();
    void isKnownInQuietSoundWithNoise();
    void goesOnWithoutABreak();
    void isNotHeardInSilenceNoiseOrOtherSounds();
    void saysNothingOfTooFewSamples();
    void tellsWhenItWasMade_data();
    void tellsWhenItWasMade();
    void tellsNoTimeWithoutMarks();
};

void tst_TestTone::everyToneIsKnownAgain()
{
    for (std::uint16_t sender = 0; sender < 2 * Tones; ++sender)
        QVERIFY(detectTone(toneOfSender(sender), 1) == sender % Tones);
}

void tst_TestTone::isKnownFromTheMiddleOfAPacket()
{
    TestTone tone(9);
    Samples samples(3 * SamplesOfPacket);
    tone.write(samples, 1);
    QVERIFY(detectTone(std::span(samples).subspan(333), 1) == 9);
}

void tst_TestTone::isKnownInStereo()
{
    const Samples samples = toneOfSender(5, 2);
    QCOMPARE(samples[100], samples[101]);
    QVERIFY(detectTone(samples, 2) == 5);
}

void tst_TestTone::isKnownInQuietSoundWithNoise()
{
    Samples samples = toneOfSender(30);
    const Samples disturbance = noise();
    for (std::size_t i = 0; i < samples.size(); ++i)
        samples[i] = std::int16_t(samples[i] / 16 + disturbance[i] / 512);
    QVERIFY(detectTone(samples, 1) == 30);
}

void tst_TestTone::goesOnWithoutABreak()
{
    TestTone whole(11);
    TestTone inParts(11);
    Samples one(1000);
    Samples other(1000);
    whole.write(one, 1);
    inParts.write(std::span(other).first(123), 1);
    inParts.write(std::span(other).subspan(123), 1);
    QCOMPARE(one, other);
}

void tst_TestTone::isNotHeardInSilenceNoiseOrOtherSounds()
{
    QVERIFY(!detectTone(Samples(SamplesOfPacket), 1));
    QVERIFY(!detectTone(noise(), 1));
    // Two at once.
    Samples mixture = toneOfSender(1);
    const Samples other = toneOfSender(2);
    std::transform(mixture.begin(), mixture.end(), other.begin(), mixture.begin(),
                   [](int one, int two) { return std::int16_t(one + two); });
    QVERIFY(!detectTone(mixture, 1));
}

void tst_TestTone::saysNothingOfTooFewSamples()
{
    QVERIFY(!detectTone({}, 1));
    QVERIFY(!detectTone(std::span<const std::int16_t>(toneOfSender(1)).first(959), 1));
    QVERIFY(!detectTone(toneOfSender(1), 2));
    QVERIFY(!detectTone(toneOfSender(1), 0));
}

void tst_TestTone::tellsWhenItWasMade_data()
{
    QTest::addColumn<int>("sender");
    QTest::addColumn<int>("delay");
    for (const int sender : {0, 7, Tones - 1}) {
        for (const int delay : {0, 13, 120, 490, -30}) {
            QTest::addRow("tone %d heard after %d ms", sender, delay) << sender << delay;
        }
    }
}

void tst_TestTone::tellsWhenItWasMade()
{
    QFETCH(int, sender);
    QFETCH(int, delay);
    constexpr int Channels = 2;
    TestTone tone{std::uint16_t(sender)};
    ToneClock clock;
    std::vector<int> delays;
    Samples samples(std::size_t(SamplesOfPacket * Channels));
    for (std::uint32_t time = 123'457; time < 128'457; time += 20) {
        tone.write(samples, Channels);
        ToneClock::mark(samples, Channels, time);
        QVERIFY(detectTone(samples, Channels) == sender);
        if (const auto late = clock.take(samples, Channels, time + std::uint32_t(delay)))
            delays.push_back(*late);
    }
    QVERIFY(delays.size() >= 4);
    for (const int each : delays)
        QVERIFY2(std::abs(each - delay) <= 5, qPrintable(QString::number(each)));
}

void tst_TestTone::tellsNoTimeWithoutMarks()
{
    TestTone tone(9);
    ToneClock clock;
    Samples samples(SamplesOfPacket);
    for (std::uint32_t time = 0; time < 5000; time += 20) {
        tone.write(samples, 1);
        if (time % 1000 == 500) // a packet is lost now and then
            std::fill(samples.begin(), samples.end(), std::int16_t(0));
        QVERIFY(!clock.take(samples, 1, time));
    }
}

QTEST_APPLESS_MAIN(tst_TestTone)
#include "tst_testtone.moc"
