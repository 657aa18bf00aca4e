// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "media/engine/ending.h"
#include "media/engine/sourceslot.h"
#include "media/engine/testsources.h"

#include "mediapair.h"

#include <QtTest/qtest.h>

#include <atomic>
#include <future>
#include <memory>
#include <optional>

using namespace peer::media;
using peer::test::eventually;

namespace {

/// A tone whose device hangs, while it is opened or closed, until it is let go.
class HangingSource : public TestToneSource
{
public:
    /// Copies are the same.
    class Hold
    {
    public:
        void release() { m_state->release.set_value(); }
        bool isReached() const { return m_state->isReached; }
        void wait()
        {
            m_state->isReached = true;
            m_state->released.wait();
        }

    private:
        struct State
        {
            std::promise<void> release;
            const std::shared_future<void> released = release.get_future().share();
            std::atomic<bool> isReached = false;
        };
        std::shared_ptr<State> m_state = std::make_shared<State>();
    };

    HangingSource(std::optional<Hold> opening, std::optional<Hold> closing, SourceTaker taker)
        : TestToneSource(1, std::move(taker))
        , m_opening(std::move(opening))
        , m_closing(std::move(closing))
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
    std::optional<Hold> m_opening;
    std::optional<Hold> m_closing;
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
    static SourceSlot::Make hanging(std::optional<Hold> opening, std::optional<Hold> closing)
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
    slot.set(hanging({}, {}), counting(&sounds));
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
        slot.set(hanging(opening, {}), counting(&sounds));
        QVERIFY(eventually([&] { return opening.isReached(); }));
        slot.clear();
        QCOMPARE(endingsUnderWay(), 1);
    }
    opening.release();
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
    slot.set(hanging({}, closing), counting(&former));
    QVERIFY(eventually([&] { return former > 0; }));
    slot.set(noting(&isMade), counting(&next));
    const int heard = former;
    QVERIFY(eventually([&] { return closing.isReached(); }));
    QVERIFY(!isMade);
    closing.release();
    QVERIFY(eventually([&] { return next > 0; }));
    QCOMPARE(former, heard);
}

void tst_SourceSlot::theNextDoesNotWaitForEver()
{
    std::atomic<int> former = 0, next = 0;
    std::atomic<bool> isMade = false;
    Hold closing;
    SourceSlot slot;
    slot.set(hanging({}, closing), counting(&former));
    QVERIFY(eventually([&] { return former > 0; }));
    slot.set(noting(&isMade), counting(&next));
    QVERIFY(eventually([&] { return next > 0; }));
    QVERIFY(isMade);
    closing.release();
}

void tst_SourceSlot::whatWasReplacedBeforeItsTurnIsNotMade()
{
    std::atomic<int> sounds = 0;
    std::atomic<bool> isMade = false, isLastMade = false;
    Hold opening;
    SourceSlot slot;
    slot.set(hanging(opening, {}), counting(&sounds));
    QVERIFY(eventually([&] { return opening.isReached(); }));
    slot.set(noting(&isMade), counting(&sounds));
    slot.set(noting(&isLastMade), counting(&sounds));
    opening.release();
    QVERIFY(eventually([&] { return sounds > 0; }));
    QVERIFY(isLastMade);
    QVERIFY(!isMade);
}

QTEST_GUILESS_MAIN(tst_SourceSlot)
#include "tst_sourceslot.moc"
