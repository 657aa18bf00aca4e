// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

// A long call with pictures and sound between two peers of this process, over loopback, by the
// public API: does memory stay flat, and do picture and sound stay together?
//
//     media_soak SECONDS [INTERVAL]
//
// A line of figures each INTERVAL seconds (10); in the end what has become of them since the
// warm-up, which is a tenth of the time. Exit code 0 only if both peers saw and heard the other in
// every interval, memory in use grew by no more than MaxGrowth, and picture and sound were within
// MaxSkew of each other most of the time.

#include "shell/api/meeting.h"

#include <PeerConnection/PeerMediaCall>

#include <QtCore/qcoreapplication.h>
#include <QtCore/qelapsedtimer.h>
#include <QtCore/qfile.h>
#include <QtMultimedia/qvideosink.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include <malloc.h>
#include <unistd.h>

using namespace Qt::StringLiterals;

namespace {

/// Of the heap, from the first half of the time to the second; an hour's leak of 2 KiB a second
/// would be more.
constexpr qint64 MaxGrowth = 2048; // KiB

/// ITU-R BT.1359: nobody notices that pictures are 125 ms early, or 45 late; our bound either way.
constexpr int MaxSkew = 80; // ms

struct Side
{
    explicit Side(int testId)
    {
        media.setTestId(testId);
        media.setTestName(u"peer-%1"_s.arg(testId));
        media.setSource(PeerMediaCall::Source::Test);
        media.setRemoteVideoSink(&remote);
        media.setLocalVideoSink(&local);
        QObject::connect(&media, &PeerMediaCall::statisticsChanged, &media, [this] { noteSkew(); });
    }

    /// Whether the other was seen and heard since the last time.
    bool goesOn()
    {
        const PeerMediaStatistics now = media.statistics();
        const bool does = now.testFrames > last.testFrames && now.testTones > last.testTones;
        last = now;
        return does;
    }

    /// How far the picture is behind the sound now.
    void noteSkew()
    {
        const PeerMediaStatistics now = media.statistics();
        if (now.testSoundDelay >= 0)
            skews.push_back(now.testDelay - now.testSoundDelay);
    }

    QVideoSink remote;
    QVideoSink local;
    PeerMediaCall media;
    PeerMediaStatistics last;
    std::vector<int> skews; ///< ms, one a second
};

struct Memory
{
    qint64 resident = 0; ///< KiB, of the process
    qint64 inUse = 0;    ///< KiB, of the heap
};

Memory memoryNow()
{
    Memory memory;
    QFile file(u"/proc/self/statm"_s);
    if (file.open(QIODevice::ReadOnly))
        memory.resident = file.readAll().split(' ').value(1).toLongLong() * getpagesize() / 1024;
    const struct mallinfo2 heap = mallinfo2();
    memory.inUse = qint64(heap.uordblks + heap.hblkhd) / 1024;
    return memory;
}

/// The most of a part of the samples: how much is used goes with the size of the pictures, which
/// goes with the rate.
Memory mostOf(const std::vector<Memory> &all, std::size_t begin, std::size_t end)
{
    Memory most;
    for (std::size_t i = begin; i < end; ++i) {
        most.resident = std::max(most.resident, all[i].resident);
        most.inUse = std::max(most.inUse, all[i].inUse);
    }
    return most;
}

void printLine(qint64 seconds, const Memory &memory, const std::array<Side *, 2> &sides)
{
    std::printf("%5lld s: resident %lld KiB, heap %lld KiB", static_cast<long long>(seconds),
                static_cast<long long>(memory.resident), static_cast<long long>(memory.inUse));
    for (const Side *side : sides) {
        const PeerMediaStatistics &now = side->last;
        std::printf(" | %dx%d, frames %llu, freezes %llu, tones %llu, concealed %llu, delay %d ms, "
                    "of sound %d ms,"
                    " %d kbit/s",
                    now.frameSize.width(), now.frameSize.height(),
                    static_cast<unsigned long long>(now.testFrames),
                    static_cast<unsigned long long>(now.freezes),
                    static_cast<unsigned long long>(now.testTones),
                    static_cast<unsigned long long>(now.soundsConcealed), now.testDelay,
                    now.testSoundDelay, now.receivedBitrate / 1000);
    }
    std::printf("\n");
    std::fflush(stdout);
}

/// False if most of the time picture and sound were too far from each other.
bool printSkews(const Side &side)
{
    std::vector<int> skews = side.skews;
    if (skews.empty())
        return false;
    std::sort(skews.begin(), skews.end());
    const auto part = [&skews](double share) {
        return skews[std::size_t(share * double(skews.size() - 1))];
    };
    const auto within = std::count_if(skews.begin(), skews.end(),
                                      [](int skew) { return std::abs(skew) <= MaxSkew; });
    std::printf("the picture behind the sound: %d ms in the middle, 5 %% below %d, 5 %% above %d,"
                " from %d to %d; %.1f %% of %zu within %d ms\n",
                part(0.5), part(0.05), part(0.95), skews.front(), skews.back(),
                100.0 * double(within) / double(skews.size()), skews.size(), MaxSkew);
    return std::abs(part(0.5)) <= MaxSkew;
}

} // namespace

int main(int argc, char **argv)
{
    const QCoreApplication application(argc, argv);
    const int seconds = argc > 1 ? std::max(1, atoi(argv[1])) : 3600;
    const int interval = argc > 2 ? std::max(1, atoi(argv[2])) : 10;

    Meeting meeting;
    Side alice(3);
    Side bob(12);
    meeting.onIncoming = [&bob](PeerConnection *callee) {
        bob.media.setConnection(callee);
        callee->accept();
    };
    if (!meeting.listen(false))
        return 1;
    meeting.dial();
    alice.media.setConnection(meeting.caller.get());
    const std::array<Side *, 2> sides = {&alice, &bob};
    const bool hasBegun = eventually([&] {
        return std::all_of(sides.begin(), sides.end(), [](Side *side) { return side->goesOn(); });
    });
    if (!hasBegun) {
        std::fprintf(stderr, "the two do not see and hear each other\n");
        return 1;
    }

    std::vector<Memory> samples;
    int silences = 0;
    QElapsedTimer timer;
    timer.start();
    while (timer.elapsed() < seconds * qint64(1000)) {
        QTest::qWait(interval * 1000);
        for (Side *side : sides)
            silences += !side->goesOn();
        samples.push_back(memoryNow());
        printLine(timer.elapsed() / 1000, samples.back(), sides);
    }
    const std::size_t count = samples.size();
    const Memory before = mostOf(samples, count / 10, std::max(count / 2, std::size_t{1}));
    const Memory after = mostOf(samples, count / 2, count);
    std::printf("at most in the first half: resident %lld KiB, heap %lld KiB; in the second: "
                "resident %lld KiB,"
                " heap %lld KiB; intervals without picture or sound: %d\n",
                static_cast<long long>(before.resident), static_cast<long long>(before.inUse),
                static_cast<long long>(after.resident), static_cast<long long>(after.inUse),
                silences);
    bool isTogether = true;
    for (const Side *side : sides)
        isTogether = printSkews(*side) && isTogether;
    if (!isTogether)
        std::fprintf(stderr, "picture and sound are apart\n");
    const bool isFlat = after.inUse - before.inUse <= MaxGrowth;
    if (!isFlat)
        std::fprintf(stderr, "the heap has grown\n");
    return isFlat && isTogether && silences == 0 ? 0 : 1;
}
