// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "shell/resolver.h"

#include <QtTest/qtest.h>

#include <memory>
#include <optional>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using peer::IpAddress;
using peer::Resolver;

namespace {

std::vector<IpAddress> addresses(const QByteArray &list)
{
    std::vector<IpAddress> parsed;
    for (const QByteArray &text : list.split(' ')) {
        if (const auto ip = IpAddress::fromString(text.toStdString()))
            parsed.push_back(*ip);
    }
    return parsed;
}

} // namespace

class tst_Resolver : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void resolvesLocalhost();
    void takesLiteralsAsTheyAre_data();
    void takesLiteralsAsTheyAre();
    void keepsTheDeadline();
    void cancelledOnesDoNotCallBack();
    void mayBeDeletedInACallback();
    void isBounded();
    void familiesTakeTurns_data();
    void familiesTakeTurns();
};

void tst_Resolver::resolvesLocalhost()
{
    Resolver resolver;
    std::optional<std::vector<IpAddress>> result;
    resolver.lookUp(u"localhost"_s, 5s, [&](const auto &found) { result = found; });
    QVERIFY(!result);
    QTRY_VERIFY(result);
    QVERIFY(!result->empty());
    for (const IpAddress &ip : *result)
        QVERIFY(ip.isLoopback());
}

void tst_Resolver::takesLiteralsAsTheyAre_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<QByteArray>("found");
    QTest::newRow("v4") << u"127.0.0.1"_s << "127.0.0.1"_ba;
    QTest::newRow("v6") << u"::1"_s << "::1"_ba;
    QTest::newRow("empty") << QString() << ""_ba;
}

void tst_Resolver::takesLiteralsAsTheyAre()
{
    QFETCH(QString, name);
    QFETCH(QByteArray, found);
    Resolver resolver;
    std::optional<std::vector<IpAddress>> result;
    resolver.lookUp(name, 5s, [&](const auto &list) { result = list; });
    QVERIFY(!result);
    QTRY_VERIFY(result);
    QVERIFY(*result == addresses(found));
}

/// Asks nobody, so that answers come when the test wants them.
class SilentResolver : public Resolver
{
public:
    void answer() { finish(id, {*IpAddress::fromString("127.0.0.1")}); }

private:
    void startQuery(LookupId query, const QString &) override { id = query; }

    LookupId id = LookupId::None;
};

void tst_Resolver::keepsTheDeadline()
{
    SilentResolver resolver;
    int calls = 0;
    std::vector<IpAddress> result{IpAddress::any(IpAddress::Family::V4)};
    const auto take = [&](const std::vector<IpAddress> &list) {
        ++calls;
        result = list;
    };
    resolver.lookUp(u"slow.local"_s, 1ms, take);
    QTRY_COMPARE(calls, 1);
    QVERIFY(result.empty());
    resolver.answer(); // too late
    QCOMPARE(calls, 1);
    resolver.lookUp(u"quick.local"_s, 10s, take);
    resolver.answer();
    QCOMPARE(calls, 2);
    QVERIFY(result == addresses("127.0.0.1"_ba));
}

void tst_Resolver::cancelledOnesDoNotCallBack()
{
    Resolver resolver;
    int calls = 0;
    const auto count = [&](const auto &) { ++calls; };
    resolver.cancel(resolver.lookUp(u"127.0.0.1"_s, 5s, count));
    resolver.cancel(resolver.lookUp(u"localhost"_s, 5s, count));
    resolver.cancel(Resolver::LookupId::None);
    {
        Resolver shortLived;
        shortLived.lookUp(u"localhost"_s, 5s, count);
        shortLived.lookUp(u"::1"_s, 5s, count);
    }
    bool isDone = false;
    resolver.lookUp(u"localhost"_s, 5s, [&](const auto &) { isDone = true; });
    QTRY_VERIFY(isDone);
    QCOMPARE(calls, 0);
}

void tst_Resolver::mayBeDeletedInACallback()
{
    auto resolver = std::make_unique<Resolver>();
    int calls = 0;
    for (const QString &name : {u"localhost"_s, u"127.0.0.1"_s, u"localhost"_s}) {
        resolver->lookUp(name, 5s, [&](const auto &) {
            ++calls;
            resolver.reset();
        });
    }
    QTRY_VERIFY(!resolver);
    QCoreApplication::processEvents();
    QCOMPARE(calls, 1);
}

void tst_Resolver::isBounded()
{
    Resolver resolver;
    std::size_t answered = 0;
    std::size_t refused = 0;
    for (std::size_t at = 0; at < Resolver::MaxLookups + 3; ++at) {
        resolver.lookUp(u"localhost"_s, 20s, [&](const auto &list) {
            ++answered;
            refused += list.empty();
        });
    }
    QTRY_COMPARE(answered, Resolver::MaxLookups + 3);
    QCOMPARE(refused, std::size_t(3));
}

void tst_Resolver::familiesTakeTurns_data()
{
    QTest::addColumn<QByteArray>("given");
    QTest::addColumn<QByteArray>("ordered");
    QTest::newRow("nothing") << ""_ba
                             << ""_ba;
    QTest::newRow("one") << "192.0.2.1"_ba
                         << "192.0.2.1"_ba;
    QTest::newRow("v6 first") << "2001:db8::1 2001:db8::2 192.0.2.1 192.0.2.2"_ba
                              << "2001:db8::1 192.0.2.1 2001:db8::2 192.0.2.2"_ba;
    QTest::newRow("v4 first") << "192.0.2.1 2001:db8::1 2001:db8::2"_ba
                              << "192.0.2.1 2001:db8::1 2001:db8::2"_ba;
    QTest::newRow("one family runs out") << "192.0.2.1 192.0.2.2 192.0.2.3 2001:db8::1"_ba
                                         << "192.0.2.1 2001:db8::1 192.0.2.2 192.0.2.3"_ba;
    QTest::newRow("doubled") << "192.0.2.1 192.0.2.1 192.0.2.2"_ba
                             << "192.0.2.1 192.0.2.2"_ba;
}

void tst_Resolver::familiesTakeTurns()
{
    QFETCH(QByteArray, given);
    QFETCH(QByteArray, ordered);
    QVERIFY(peer::interleaveFamilies(addresses(given)) == addresses(ordered));
}

QTEST_GUILESS_MAIN(tst_Resolver)

#include "tst_resolver.moc"
