// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "core/ice/checklist.h"

#include "twoagents.h"

#include <QtTest/qtest.h>

using namespace peer;
using namespace peer::ice;

namespace {

CandidatePair makePair(int number, std::uint64_t foundation, std::uint64_t priority)
{
    CandidatePair pair;
    pair.route = {TransportId{1}, address("192.0.2.1", 5000),
                  address("198.51.100.1", static_cast<std::uint16_t>(1000 + number))};
    pair.foundation = Foundation{foundation};
    pair.priority = priority;
    return pair;
}

} // namespace

class tst_Checklist : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void firstPairOfAFoundationWaitsTheOthersAreFrozen();
    void ordinaryChecksGoByPriority();
    void frozenPairsThawWhenNothingOfTheirFoundationIsBusy();
    void successThawsItsFoundation();
    void newPairOfASucceededFoundationWaits();
    void newPairOfAFailedFoundationWaits();
    void triggeredPairsComeInOrderAndOnce();
    void triggeringASucceededPairKeepsItsState();
    void triggeringAFailedPairMakesItWait();
    void lowestPriorityMakesRoom();
    void activePairsAreNotPushedOut();
    void barredPairsAreNotPushedOut();
    void aRestartLeavesTheChecklistEmpty();
    void isDoneWhenAllSucceededOrFailed();
};

void tst_Checklist::firstPairOfAFoundationWaitsTheOthersAreFrozen()
{
    Checklist list(10);
    QCOMPARE(list.add(makePair(1, 1, 50), Checklist::Room::ByPriority)->state, PairState::Waiting);
    QCOMPARE(list.add(makePair(2, 1, 60), Checklist::Room::ByPriority)->state, PairState::Frozen);
    QCOMPARE(list.add(makePair(3, 2, 40), Checklist::Room::ByPriority)->state, PairState::Waiting);
}

void tst_Checklist::ordinaryChecksGoByPriority()
{
    Checklist list(10);
    list.add(makePair(1, 1, 50), Checklist::Room::ByPriority);
    list.add(makePair(2, 2, 70), Checklist::Room::ByPriority);
    list.add(makePair(3, 3, 60), Checklist::Room::ByPriority);
    for (const std::uint64_t priority : {70, 60, 50}) {
        QVERIFY(list.hasOrdinary());
        CandidatePair *pair = list.nextOrdinary();
        QCOMPARE(pair->priority, priority);
        pair->state = PairState::InProgress;
    }
    QVERIFY(!list.hasOrdinary());
    QVERIFY(!list.nextOrdinary());
}

void tst_Checklist::frozenPairsThawWhenNothingOfTheirFoundationIsBusy()
{
    Checklist list(10);
    CandidatePair *first = list.add(makePair(1, 1, 70), Checklist::Room::ByPriority);
    CandidatePair *low = list.add(makePair(2, 1, 50), Checklist::Room::ByPriority);
    CandidatePair *high = list.add(makePair(3, 1, 60), Checklist::Room::ByPriority);
    first->state = PairState::InProgress;
    QVERIFY(!list.nextOrdinary());
    first->state = PairState::Failed;
    QVERIFY(list.hasOrdinary());
    QCOMPARE(list.nextOrdinary(), high);
    QCOMPARE(low->state, PairState::Frozen);
}

void tst_Checklist::successThawsItsFoundation()
{
    Checklist list(10);
    CandidatePair *first = list.add(makePair(1, 1, 70), Checklist::Room::ByPriority);
    CandidatePair *same = list.add(makePair(2, 1, 50), Checklist::Room::ByPriority);
    list.add(makePair(3, 2, 50), Checklist::Room::ByPriority);
    CandidatePair *other = list.add(makePair(4, 2, 40), Checklist::Room::ByPriority);
    first->state = PairState::Succeeded;
    list.unfreeze(first->foundation);
    QCOMPARE(same->state, PairState::Waiting);
    QCOMPARE(other->state, PairState::Frozen);
}

void tst_Checklist::newPairOfASucceededFoundationWaits()
{
    Checklist list(10);
    list.add(makePair(1, 1, 70), Checklist::Room::ByPriority)->state = PairState::Succeeded;
    list.add(makePair(2, 1, 60), Checklist::Room::ByPriority)->state = PairState::InProgress;
    QCOMPARE(list.add(makePair(3, 1, 50), Checklist::Room::ByPriority)->state, PairState::Waiting);
}

void tst_Checklist::newPairOfAFailedFoundationWaits()
{
    Checklist list(10);
    list.add(makePair(1, 1, 70), Checklist::Room::ByPriority)->state = PairState::Failed;
    QCOMPARE(list.add(makePair(2, 1, 50), Checklist::Room::ByPriority)->state, PairState::Waiting);
}

void tst_Checklist::triggeredPairsComeInOrderAndOnce()
{
    Checklist list(10);
    CandidatePair *first = list.add(makePair(1, 1, 50), Checklist::Room::ByPriority);
    CandidatePair *second = list.add(makePair(2, 1, 60), Checklist::Room::ByPriority);
    list.trigger(*second);
    list.trigger(*first);
    list.trigger(*second);
    QVERIFY(!list.hasOrdinary());
    QCOMPARE(list.takeTriggered(), second);
    QCOMPARE(list.takeTriggered(), first);
    QVERIFY(!list.hasTriggered());
    QVERIFY(!list.takeTriggered());
}

void tst_Checklist::triggeringASucceededPairKeepsItsState()
{
    Checklist list(10);
    CandidatePair *pair = list.add(makePair(1, 1, 50), Checklist::Room::ByPriority);
    pair->state = PairState::Succeeded;
    list.trigger(*pair);
    QCOMPARE(pair->state, PairState::Succeeded);
    QCOMPARE(list.takeTriggered(), pair);
}

void tst_Checklist::triggeringAFailedPairMakesItWait()
{
    Checklist list(10);
    CandidatePair *pair = list.add(makePair(1, 1, 50), Checklist::Room::ByPriority);
    pair->state = PairState::Failed;
    list.trigger(*pair);
    QCOMPARE(pair->state, PairState::Waiting);
}

void tst_Checklist::lowestPriorityMakesRoom()
{
    Checklist list(2);
    list.add(makePair(1, 1, 50), Checklist::Room::ByPriority);
    list.add(makePair(2, 2, 60), Checklist::Room::ByPriority);
    QVERIFY(!list.add(makePair(3, 3, 40), Checklist::Room::ByPriority));
    QVERIFY(list.add(makePair(4, 4, 70), Checklist::Room::ByPriority));
    QCOMPARE(list.all().size(), std::size_t(2));
    QVERIFY(!list.find(0, makePair(1, 1, 0).route));
    // A check of the peer is worth more than what nobody has answered.
    QVERIFY(list.add(makePair(5, 5, 1), Checklist::Room::Needed));
    QVERIFY(!list.find(0, makePair(2, 2, 0).route));
}

void tst_Checklist::activePairsAreNotPushedOut()
{
    Checklist list(3);
    list.add(makePair(1, 1, 10), Checklist::Room::ByPriority)->state = PairState::Succeeded;
    list.add(makePair(2, 2, 20), Checklist::Room::ByPriority)->state = PairState::InProgress;
    list.trigger(*list.add(makePair(3, 3, 30), Checklist::Room::ByPriority));
    QVERIFY(!list.add(makePair(4, 4, 90), Checklist::Room::ByPriority));
    QVERIFY(!list.add(makePair(4, 4, 90), Checklist::Room::Needed));
}

void tst_Checklist::barredPairsAreNotPushedOut()
{
    // Otherwise the same way would come back without its history (RFC 7675 section 5.1).
    Checklist list(1);
    CandidatePair *pair = list.add(makePair(1, 1, 10), Checklist::Room::ByPriority);
    pair->state = PairState::Failed;
    pair->isBarred = true;
    QVERIFY(!list.add(makePair(4, 4, 90), Checklist::Room::Needed));
}

void tst_Checklist::aRestartLeavesTheChecklistEmpty()
{
    Checklist list(1);
    CandidatePair *old = list.add(makePair(1, 1, 10), Checklist::Room::ByPriority);
    old->state = PairState::Succeeded;
    list.trigger(*old);
    list.beginGeneration();
    QVERIFY(!list.hasTriggered());
    QVERIFY(!list.hasOrdinary());
    QVERIFY(!list.isCurrent(*old));
    QVERIFY(!list.find(list.generation(), old->route));
    QVERIFY(list.add(makePair(1, 1, 10), Checklist::Room::ByPriority));
    QCOMPARE(list.all().size(), std::size_t(2));
}

void tst_Checklist::isDoneWhenAllSucceededOrFailed()
{
    Checklist list(4);
    QVERIFY(list.isDone());
    list.add(makePair(1, 1, 10), Checklist::Room::ByPriority)->state = PairState::Succeeded;
    CandidatePair *pair = list.add(makePair(2, 1, 10), Checklist::Room::ByPriority);
    QVERIFY(!list.isDone());
    pair->state = PairState::Failed;
    QVERIFY(list.isDone());
}

QTEST_APPLESS_MAIN(tst_Checklist)

#include "tst_checklist.moc"
