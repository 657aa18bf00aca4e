// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "media/engine/refresh.h"

#include <QtTest/qtest.h>

#include <vector>

using namespace peer;
using namespace peer::media;
using namespace std::chrono_literals;

class tst_Refresh : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void nothingIsAskedForWithoutARefusal();
    void isAskedForOnceAfterARefusal();
    void isAskedForOnceASecondAtMost();
    void isAskedForASecondAfterTheLastRefusal();
};

namespace {

/// When it is asked for, with a packet each 10 ms for 10 s, of which those in [from, to) bring a
/// refusal each.
std::vector<std::chrono::milliseconds> asked(std::chrono::milliseconds from,
                                             std::chrono::milliseconds to)
{
    std::uint64_t refused = 7; // before there was a chain
    Refresh refresh(refused);
    std::vector<std::chrono::milliseconds> times;
    for (auto time = 0ms; time < 10s; time += 10ms) {
        refused += time >= from && time < to;
        if (refresh.isDue(refused, TimePoint(time)))
            times.push_back(time);
    }
    return times;
}

} // namespace

void tst_Refresh::nothingIsAskedForWithoutARefusal()
{
    QVERIFY(asked(0ms, 0ms).empty());
}

void tst_Refresh::isAskedForOnceAfterARefusal()
{
    QVERIFY(asked(500ms, 510ms) == std::vector<std::chrono::milliseconds>{1500ms});
}

void tst_Refresh::isAskedForOnceASecondAtMost()
{
    const auto times = asked(0ms, 10s);
    QCOMPARE(times.size(), 9U);
    for (std::size_t i = 1; i < times.size(); ++i)
        QVERIFY(times[i] - times[i - 1] >= Refresh::Delay);
}

void tst_Refresh::isAskedForASecondAfterTheLastRefusal()
{
    for (auto end = 20ms; end <= 4s; end += 70ms) {
        const auto times = asked(0ms, end);
        QVERIFY(!times.empty());
        QVERIFY(times.back() >= end - 10ms + Refresh::Delay);
        QVERIFY(times.back() <= end + 2 * Refresh::Delay);
    }
}

QTEST_APPLESS_MAIN(tst_Refresh)
#include "tst_refresh.moc"
