// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "media/engine/ending.h"
#include "media/engine/sourceslot.h"
#include "media/engine/testsources.h"

#include "mediapair.h"

#include <QtTest/qtest.h>

#include <atomic>
#include <future>

using namespace peer::media;
using peer::test::eventually;

namespace {

/// A tone whose device hangs, while it is opened or closed, until it is let go.
class HangingSource : public TestToneSource
{
public:
    struct Hold
    {
        std::promise<void> release;
        std::shared_future<void> released = release.get_future().share();
        std::atomic<bool> isReached = false;

        void wait()
        {
            isReached = true;
            released.wait();
        }
    };

    HangingSource(Hold *opening, Hold *closing, SourceTaker taker)
        : TestToneSource(1, std::move(taker))
        , m_opening(opening)
        , m_closing(closing)
    { }
    ~HangingSource() override
    {
        if (m_closing)
            m_closing->wait();
    }

    void start() override
    {
        if (m_opening)
            m_opening->wait();
        TestToneSource::start();
    }

private:
    Hold *const m_opening;
    Hold *const m_closing;
};

} // namespace

class tst_SourceSlot : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void cleanup();

    void itsSourceIsHeardUntilItIsCleared();
    void whatHangsInOpeningKeepsNobody();
    void theNextBeginsWhenTheFormerHasEnded();
    void theNextDoesNotWaitForEver();
    void whatWasReplacedBeforeItsTurnIsNotMade();

private:
    using Hold = HangingSource::Hold;

    /// Counts the sounds.
    static SourceTaker counting(std::atomic<int> *count)
    {
        SourceTaker taker;
        taker.audio = [count](GstSample *) { ++*count; };
        return taker;
    }
    static SourceSlot::Make hanging(Hold *opening, Hold *closing)
    {
        return [opening, closing](SourceTaker taker) {
            return std::make_unique<HangingSource>(opening, closing, std::move(taker));
        };
    }
    /// Notes that it was made.
    static SourceSlot::Make noting(std::atomic<bool> *isMade)
    {
        return [isMade](SourceTaker taker) {
            *isMade = true;
            return std::make_unique<TestToneSource>(std::uint16_t(2), std::move(taker));
        };
    }
};

void tst_SourceSlot::cleanup()
{
    QVERIFY(eventually([] { return endingsUnderWay() == 0; }));
}

void tst_SourceSlot::itsSourceIsHeardUntilItIsCleared()
{
    std::atomic<int> sounds = 0;
    SourceSlot slot;
    slot.set(hanging(nullptr, nullptr), counting(&sounds));
    QVERIFY(slot.isSet());
    QVERIFY(eventually([&] { return sounds > 3; }));
    slot.clear();
    const int heard = sounds;
    QVERIFY(!slot.isSet());
    QVERIFY(eventually([] { return endingsUnderWay() == 0; }));
    QCOMPARE(sounds, heard);
}

void tst_SourceSlot::whatHangsInOpeningKeepsNobody()
{
    std::atomic<int> sounds = 0;
    Hold opening;
    {
        SourceSlot slot;
        slot.set(hanging(&opening, nullptr), counting(&sounds));
        QVERIFY(eventually([&] { return opening.isReached.load(); }));
        slot.clear();
        QCOMPARE(endingsUnderWay(), 1);
    }
    opening.release.set_value();
    QVERIFY(eventually([] { return endingsUnderWay() == 0; }));
    QCOMPARE(sounds, 0); // though it did begin
}

/// It might want the same device.
void tst_SourceSlot::theNextBeginsWhenTheFormerHasEnded()
{
    std::atomic<int> former = 0, next = 0;
    std::atomic<bool> isMade = false;
    Hold closing;
    SourceSlot slot;
    slot.set(hanging(nullptr, &closing), counting(&former));
    QVERIFY(eventually([&] { return former > 0; }));
    slot.set(noting(&isMade), counting(&next));
    const int heard = former;
    QVERIFY(eventually([&] { return closing.isReached.load(); }));
    QVERIFY(!isMade);
    closing.release.set_value();
    QVERIFY(eventually([&] { return next > 0; }));
    QCOMPARE(former, heard);
}

void tst_SourceSlot::theNextDoesNotWaitForEver()
{
    std::atomic<int> former = 0, next = 0;
    std::atomic<bool> isMade = false;
    Hold closing;
    SourceSlot slot;
    slot.set(hanging(nullptr, &closing), counting(&former));
    QVERIFY(eventually([&] { return former > 0; }));
    slot.set(noting(&isMade), counting(&next));
    QVERIFY(eventually([&] { return next > 0; }));
    QVERIFY(isMade);
    closing.release.set_value();
}

void tst_SourceSlot::whatWasReplacedBeforeItsTurnIsNotMade()
{
    std::atomic<int> sounds = 0;
    std::atomic<bool> isMade = false, isLastMade = false;
    Hold opening;
    SourceSlot slot;
    slot.set(hanging(&opening, nullptr), counting(&sounds));
    QVERIFY(eventually([&] { return opening.isReached.load(); }));
    slot.set(noting(&isMade), counting(&sounds));
    slot.set(noting(&isLastMade), counting(&sounds));
    opening.release.set_value();
    QVERIFY(eventually([&] { return sounds > 0; }));
    QVERIFY(isLastMade);
    QVERIFY(!isMade);
}

QTEST_GUILESS_MAIN(tst_SourceSlot)
#include "tst_sourceslot.moc"
