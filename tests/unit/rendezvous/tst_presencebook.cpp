// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "rendezvous/presencebook.h"

#include <QtTest/qtest.h>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using namespace peer::rendezvous;
using peer::TimePoint;

namespace {

constexpr ClientId Bob{1}, Carol{2};
const QByteArray Home = "home"_ba, Elsewhere = "elsewhere"_ba;
constexpr TimePoint Start{1h};
constexpr auto Delay = 1s;

PresenceBook::Limits wide()
{
    return {100, 100, 100, 100, 100, Delay};
}

/// "1:alice+" = client 1 is told that alice is online.
QStringList take(PresenceBook &book)
{
    QStringList all;
    while (const auto notice = book.nextNotice()) {
        all.append(QString::number(quint64(notice->to)) + u':' + notice->name
                   + (notice->isOnline ? u'+' : u'-'));
    }
    all.sort();
    return all;
}

} // namespace

class tst_PresenceBook : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void onlineIsToldAtOnceToThoseWhoWatch();
    void offlineIsToldAfterAWhile();
    void whoIsBackInTimeNeverLeft();
    void goodbyesAreToldInTheirOrder();
    void whoWatchesNoMoreHearsNothing();
    void theForgottenLeaveNothingBehind();
    void watchesOfAClientAreLimited();
    void watchesOfAnAddressAreLimited();
    void watchersOfANameAreLimited();
    void watchersOfANameAreLimitedByTheirAddress();
    void allWatchesAreLimited();
    void watchingTwiceIsOneWatch();
    void comingAndGoingTakesNoMemory();
};

void tst_PresenceBook::onlineIsToldAtOnceToThoseWhoWatch()
{
    PresenceBook book(wide());
    QVERIFY(book.watch(Bob, Home, u"alice"_s));
    QVERIFY(book.watch(Carol, Home, u"alice"_s));
    QVERIFY(book.watch(Carol, Home, u"dave"_s));
    book.noteOnline(u"alice"_s);
    QCOMPARE(take(book), (QStringList{u"1:alice+"_s, u"2:alice+"_s}));
    book.noteOnline(u"eve"_s);
    QVERIFY(take(book).isEmpty());
    QCOMPARE(book.nextDeadline(), peer::Never);
}

void tst_PresenceBook::offlineIsToldAfterAWhile()
{
    PresenceBook book(wide());
    QVERIFY(book.watch(Bob, Home, u"alice"_s));
    book.noteOffline(Start, u"alice"_s);
    QVERIFY(book.isLeaving(u"alice"_s));
    QCOMPARE(book.nextDeadline(), Start + Delay);
    book.advance(Start + Delay - 1ns);
    QVERIFY(take(book).isEmpty());
    book.advance(Start + Delay);
    QCOMPARE(take(book), QStringList{u"1:alice-"_s});
    QVERIFY(!book.isLeaving(u"alice"_s));
    QCOMPARE(book.nextDeadline(), peer::Never);
}

void tst_PresenceBook::whoIsBackInTimeNeverLeft()
{
    PresenceBook book(wide());
    QVERIFY(book.watch(Bob, Home, u"alice"_s));
    book.noteOffline(Start, u"alice"_s);
    book.noteOnline(u"alice"_s);
    book.advance(Start + 2 * Delay);
    QVERIFY(take(book).isEmpty());
    book.noteOffline(Start + 2 * Delay, u"alice"_s);
    book.advance(Start + 3 * Delay);
    QCOMPARE(take(book), QStringList{u"1:alice-"_s});
    book.noteOnline(u"alice"_s);
    QCOMPARE(take(book), QStringList{u"1:alice+"_s});
}

void tst_PresenceBook::goodbyesAreToldInTheirOrder()
{
    PresenceBook book(wide());
    QVERIFY(book.watch(Bob, Home, u"alice"_s));
    QVERIFY(book.watch(Bob, Home, u"dave"_s));
    book.noteOffline(Start, u"dave"_s);
    book.noteOffline(Start + 300ms, u"alice"_s);
    QCOMPARE(book.nextDeadline(), Start + Delay);
    book.advance(Start + Delay);
    QCOMPARE(take(book), QStringList{u"1:dave-"_s});
    QCOMPARE(book.nextDeadline(), Start + Delay + 300ms);
}

void tst_PresenceBook::whoWatchesNoMoreHearsNothing()
{
    PresenceBook book(wide());
    QVERIFY(book.watch(Bob, Home, u"alice"_s));
    book.noteOffline(Start, u"alice"_s);
    book.unwatch(Bob, u"alice"_s);
    book.unwatch(Bob, u"alice"_s);
    book.unwatch(Carol, u"nobody"_s);
    QCOMPARE(book.nextDeadline(), peer::Never);
    book.advance(Start + Delay);
    book.noteOnline(u"alice"_s);
    QVERIFY(take(book).isEmpty());
    QCOMPARE(book.watchCount(), 0);
}

void tst_PresenceBook::theForgottenLeaveNothingBehind()
{
    PresenceBook book(wide());
    QVERIFY(book.watch(Bob, Home, u"alice"_s));
    QVERIFY(book.watch(Bob, Home, u"dave"_s));
    QVERIFY(book.watch(Carol, Home, u"alice"_s));
    book.noteOnline(u"alice"_s);
    book.forget(Bob);
    book.forget(Bob);
    QCOMPARE(book.watchCount(), 1);
    QCOMPARE(take(book), QStringList{u"2:alice+"_s});
}

void tst_PresenceBook::watchesOfAClientAreLimited()
{
    PresenceBook::Limits limits = wide();
    limits.watchesOfClient = 2;
    PresenceBook book(limits);
    QVERIFY(book.watch(Bob, Home, u"a"_s));
    QVERIFY(book.watch(Bob, Home, u"b"_s));
    QVERIFY(!book.watch(Bob, Home, u"c"_s));
    QVERIFY(book.watch(Carol, Home, u"c"_s));
    book.unwatch(Bob, u"a"_s);
    QVERIFY(book.watch(Bob, Home, u"c"_s));
}

/// However many sockets it has.
void tst_PresenceBook::watchesOfAnAddressAreLimited()
{
    PresenceBook::Limits limits = wide();
    limits.watchesOfAddress = 2;
    PresenceBook book(limits);
    QVERIFY(book.watch(Bob, Home, u"a"_s));
    QVERIFY(book.watch(Carol, Home, u"a"_s));
    QVERIFY(book.watch(Carol, Home, u"a"_s));
    QVERIFY(!book.watch(Carol, Home, u"b"_s));
    QVERIFY(!book.watch(ClientId{3}, Home, u"c"_s));
    QVERIFY(book.watch(ClientId{4}, Elsewhere, u"c"_s));
    book.unwatch(Bob, u"a"_s);
    QVERIFY(book.watch(ClientId{3}, Home, u"c"_s));
    book.forget(Carol);
    QVERIFY(book.watch(ClientId{3}, Home, u"d"_s));
    QVERIFY(!book.watch(Carol, Home, u"d"_s));
}

void tst_PresenceBook::watchersOfANameAreLimited()
{
    PresenceBook::Limits limits = wide();
    limits.watchersOfName = 1;
    PresenceBook book(limits);
    QVERIFY(book.watch(Bob, Home, u"a"_s));
    QVERIFY(!book.watch(Carol, Home, u"a"_s));
    book.forget(Bob);
    QVERIFY(book.watch(Carol, Home, u"a"_s));
}

/// One address cannot keep all others from hearing of somebody.
void tst_PresenceBook::watchersOfANameAreLimitedByTheirAddress()
{
    PresenceBook::Limits limits = wide();
    limits.watchersOfName = 2;
    limits.watchersOfNameAndAddress = 1;
    PresenceBook book(limits);
    QVERIFY(book.watch(Bob, Home, u"a"_s));
    QVERIFY(!book.watch(Carol, Home, u"a"_s));
    QVERIFY(book.watch(Carol, Home, u"b"_s));
    QVERIFY(book.watch(ClientId{3}, Elsewhere, u"a"_s));
    book.unwatch(Bob, u"a"_s);
    QVERIFY(book.watch(Carol, Home, u"a"_s));
}

void tst_PresenceBook::allWatchesAreLimited()
{
    PresenceBook::Limits limits = wide();
    limits.watches = 2;
    PresenceBook book(limits);
    QVERIFY(book.watch(Bob, Home, u"a"_s));
    QVERIFY(book.watch(Carol, Home, u"b"_s));
    QVERIFY(!book.watch(ClientId{3}, Home, u"c"_s));
    QCOMPARE(book.watchCount(), 2);
}

void tst_PresenceBook::watchingTwiceIsOneWatch()
{
    PresenceBook book(wide());
    QVERIFY(book.watch(Bob, Home, u"a"_s));
    QVERIFY(book.watch(Bob, Home, u"a"_s));
    QCOMPARE(book.watchCount(), 1);
    book.noteOnline(u"a"_s);
    QCOMPARE(take(book).size(), 1);
}

/// One who registers and unregisters as fast as the server lets him.
void tst_PresenceBook::comingAndGoingTakesNoMemory()
{
    PresenceBook book(wide());
    QVERIFY(book.watch(Bob, Home, u"a"_s));
    for (int i = 0; i < 1000; ++i) {
        book.noteOffline(Start + i * 1ms, u"a"_s);
        book.noteOnline(u"a"_s);
        QCOMPARE(book.nextDeadline(), peer::Never);
    }
    QVERIFY(take(book).isEmpty());
}

QTEST_APPLESS_MAIN(tst_PresenceBook)

#include "tst_presencebook.moc"
