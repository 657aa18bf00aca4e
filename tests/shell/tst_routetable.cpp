// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "shell/routetable.h"
#include "stunmessages.h"

#include <QtTest/qtest.h>

#include <string>

using namespace Qt::StringLiterals;
using namespace peer;
using stun::Class;

namespace {

constexpr SenderId Alice{1};
constexpr SenderId Bob{2};
constexpr SenderId Carol{3};

Route routeTo(int remote)
{
    return {TransportId{1},
            {IpAddress::fromV4(0x7f000001), 1000},
            {IpAddress::fromV4(0xc0000200), static_cast<std::uint16_t>(remote)}};
}

const Bytes Data{22, 1, 2, 3}; // DTLS by its first octet

/// Who gets a datagram from that remote port, as text: "1", "2 1", "".
QByteArray owners(const RouteTable &table, int remote, const Bytes &payload)
{
    QByteArray text;
    for (const SenderId id : table.ownersOf({routeTo(remote), payload}))
        text += QByteArray::number(std::uint32_t(id)) + ' ';
    return text.trimmed();
}

} // namespace

class tst_RouteTable : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void responsesGoToWhoAsked();
    void requestsGoByUsernameFragment_data();
    void requestsGoByUsernameFragment();
    void anythingElseGoesByRemoteAddress();
    void requestsTeachNoAddress();
    void anAddressMayHaveSeveralOwners();
    void theFragmentBeforeARestartIsKept();
    void garbageIsNobodys_data();
    void garbageIsNobodys();
    void everythingLeavesWithItsOwner();
    void transactionsAreBounded();
    void addressesAreBounded();
    void ownersOfAnAddressAreBounded();
    void ownersAreBounded();
    void strangersAddNothing();
};

void tst_RouteTable::responsesGoToWhoAsked()
{
    RouteTable table;
    QVERIFY(table.addOwner(Alice) && table.addOwner(Bob));
    table.learn(Alice, {routeTo(1), binding(Class::Request, 1)});
    table.learn(Bob, {routeTo(1), binding(Class::Request, 2)});
    table.learn(Alice, {routeTo(1), binding(Class::Request, 1)}); // again
    // Wherever it comes from: a server may answer from elsewhere, and the session looks.
    QCOMPARE(owners(table, 1, binding(Class::SuccessResponse, 1)), "1"_ba);
    QCOMPARE(owners(table, 9, binding(Class::SuccessResponse, 2)), "2"_ba);
    QCOMPARE(owners(table, 1, binding(Class::ErrorResponse, 2)), "2"_ba);
    QCOMPARE(owners(table, 1, binding(Class::SuccessResponse, 3)), ""_ba);
}

void tst_RouteTable::requestsGoByUsernameFragment_data()
{
    QTest::addColumn<QByteArray>("userName");
    QTest::addColumn<QByteArray>("expected");
    QTest::newRow("Alice's") << "alice:remote"_ba
                             << "1"_ba;
    QTest::newRow("Bob's") << "bob:remote"_ba
                           << "2"_ba;
    QTest::newRow("without colon") << "bob"_ba
                                   << "2"_ba;
    QTest::newRow("a prefix") << "ali:remote"_ba
                              << ""_ba;
    QTest::newRow("longer") << "alice2:remote"_ba
                            << ""_ba;
    QTest::newRow("the remote one") << "remote:alice"_ba
                                    << ""_ba;
    QTest::newRow("empty fragment") << ":alice"_ba
                                    << ""_ba;
    QTest::newRow("other case") << "Alice:remote"_ba
                                << ""_ba;
}

void tst_RouteTable::requestsGoByUsernameFragment()
{
    QFETCH(QByteArray, userName);
    QFETCH(QByteArray, expected);
    RouteTable table;
    QVERIFY(table.addOwner(Alice) && table.addOwner(Bob) && table.addOwner(Carol));
    table.setUsernameFragment(Alice, "alice");
    table.setUsernameFragment(Bob, "bob");
    table.setUsernameFragment(Carol, {});
    QCOMPARE(owners(table, 7, binding(Class::Request, 5, userName.toStdString())), expected);
}

void tst_RouteTable::anythingElseGoesByRemoteAddress()
{
    RouteTable table;
    QVERIFY(table.addOwner(Alice) && table.addOwner(Bob));
    QCOMPARE(owners(table, 1, Data), ""_ba);
    table.learn(Alice, {routeTo(1), binding(Class::SuccessResponse, 9)}); // she accepted a check
    table.learn(Bob, {routeTo(2), Data});                                 // he has consent there
    table.learn(Alice, {routeTo(2), binding(Class::ErrorResponse, 9)});   // she refused one
    QCOMPARE(owners(table, 1, Data), "1"_ba);
    QCOMPARE(owners(table, 2, Data), "2"_ba);
    QCOMPARE(owners(table, 3, Data), ""_ba);
    QCOMPARE(owners(table, 2, {128, 1}), "2"_ba);
    // An indication has no user name.
    QCOMPARE(owners(table, 1, binding(Class::Indication, 4)), "1"_ba);
}

void tst_RouteTable::requestsTeachNoAddress()
{
    RouteTable table;
    QVERIFY(table.addOwner(Alice) && table.addOwner(Bob));
    table.learn(Bob, {routeTo(2), Data});
    table.learn(Alice, {routeTo(2), binding(Class::Request, 1)}); // her peer named his address
    table.learn(Alice, {routeTo(3), binding(Class::Request, 2)});
    QCOMPARE(owners(table, 2, Data), "2"_ba);
    QCOMPARE(owners(table, 3, Data), ""_ba);
}

void tst_RouteTable::anAddressMayHaveSeveralOwners()
{
    RouteTable table;
    QVERIFY(table.addOwner(Alice) && table.addOwner(Bob));
    table.learn(Alice, {routeTo(1), Data});
    table.learn(Bob, {routeTo(1), binding(Class::SuccessResponse, 9)});
    QCOMPARE(owners(table, 1, Data), "2 1"_ba); // the newest first
    table.learn(Alice, {routeTo(1), Data});
    QCOMPARE(owners(table, 1, Data), "2 1"_ba);
    table.removeOwner(Bob);
    QCOMPARE(owners(table, 1, Data), "1"_ba);
}

void tst_RouteTable::theFragmentBeforeARestartIsKept()
{
    RouteTable table;
    QVERIFY(table.addOwner(Alice));
    const auto owner = [&table](std::string_view name) {
        return owners(table, 1, binding(Class::Request, 1, name));
    };
    for (const char *const fragment : {"one", "one", "two", "three"})
        table.setUsernameFragment(Alice, fragment);
    QCOMPARE(owner("one:x"), ""_ba);
    QCOMPARE(owner("two:x"), "1"_ba);
    QCOMPARE(owner("three:x"), "1"_ba);
    table.setUsernameFragment(Alice, "two"); // as after a rollback
    QCOMPARE(owner("two:x"), "1"_ba);
    QCOMPARE(owner("three:x"), "1"_ba);
    table.setUsernameFragment(Alice, "four");
    QCOMPARE(owner("two:x"), "1"_ba);
    QCOMPARE(owner("three:x"), ""_ba);
}

void tst_RouteTable::garbageIsNobodys_data()
{
    QTest::addColumn<QByteArray>("payload");
    QTest::newRow("empty") << ""_ba;
    QTest::newRow("one octet of STUN") << "\0"_ba;
    QTest::newRow("zeros") << QByteArray(20, '\0');
    QTest::newRow("a length that lies") << "\0\1\0\4\x21\x12\xa4\x42"
                                           "123456789012"_ba;
}

void tst_RouteTable::garbageIsNobodys()
{
    QFETCH(QByteArray, payload);
    RouteTable table;
    QVERIFY(table.addOwner(Alice));
    table.setUsernameFragment(Alice, "alice");
    const auto size = table.size();
    const Bytes octets(payload.begin(), payload.end());
    QCOMPARE(owners(table, 1, octets), ""_ba);
    table.learn(Alice, {routeTo(1), octets});
    QVERIFY(table.size() <= size + 1);
}

void tst_RouteTable::everythingLeavesWithItsOwner()
{
    RouteTable table;
    QVERIFY(table.addOwner(Alice) && table.addOwner(Bob));
    QVERIFY(!table.addOwner(Alice));
    for (const SenderId id : {Alice, Bob}) {
        const auto number = std::uint32_t(id) * 1000;
        for (std::uint32_t at = 0; at < 10; ++at) {
            table.learn(id, {routeTo(int(at)), Data});
            table.learn(id, {routeTo(int(at)), binding(Class::Request, number + at)});
            table.setUsernameFragment(id, std::to_string(number + at));
        }
    }
    table.removeOwner(Alice);
    QCOMPARE(owners(table, 5, Data), "2"_ba);
    table.removeOwner(Alice);
    table.removeOwner(Bob);
    QCOMPARE(table.size(), std::size_t(0));
    table.learn(Bob, {routeTo(1), Data});
    table.setUsernameFragment(Bob, "bob");
    QCOMPARE(table.size(), std::size_t(0));
}

void tst_RouteTable::transactionsAreBounded()
{
    RouteTable table;
    QVERIFY(table.addOwner(Alice));
    const auto count = std::uint32_t(RouteTable::MaxTransactions + 10);
    for (std::uint32_t at = 0; at < count; ++at)
        table.learn(Alice, {routeTo(1), binding(Class::Request, at)});
    QCOMPARE(table.size(), 1 + RouteTable::MaxTransactions);
    QCOMPARE(owners(table, 1, binding(Class::SuccessResponse, 9)), ""_ba);
    QCOMPARE(owners(table, 1, binding(Class::SuccessResponse, 10)), "1"_ba);
    QCOMPARE(owners(table, 1, binding(Class::SuccessResponse, count - 1)), "1"_ba);
}

void tst_RouteTable::addressesAreBounded()
{
    RouteTable table;
    QVERIFY(table.addOwner(Alice));
    const int count = int(RouteTable::MaxAddresses) + 10;
    for (int at = 0; at < count; ++at)
        table.learn(Alice, {routeTo(at), Data});
    QCOMPARE(table.size(), 1 + RouteTable::MaxAddresses);
    QCOMPARE(owners(table, 9, Data), ""_ba);
    QCOMPARE(owners(table, 10, Data), "1"_ba);
    // What gave way comes back with the next datagram that goes there.
    table.learn(Alice, {routeTo(9), Data});
    QCOMPARE(owners(table, 9, Data), "1"_ba);
}

void tst_RouteTable::ownersOfAnAddressAreBounded()
{
    RouteTable table;
    for (std::uint32_t id = 1; id <= 6; ++id) {
        QVERIFY(table.addOwner(SenderId{id}));
        table.learn(SenderId{id}, {routeTo(1), Data});
    }
    QCOMPARE(owners(table, 1, Data), "6 5 4 3"_ba);
    // Who was pushed out, and lives, has it again at once.
    table.learn(Alice, {routeTo(1), Data});
    QCOMPARE(owners(table, 1, Data), "1 6 5 4"_ba);
    for (std::uint32_t id = 1; id <= 6; ++id)
        table.removeOwner(SenderId{id});
    QCOMPARE(table.size(), std::size_t(0));
}

void tst_RouteTable::ownersAreBounded()
{
    RouteTable table;
    for (std::uint32_t id = 1; id <= RouteTable::MaxOwners; ++id)
        QVERIFY(table.addOwner(SenderId{id}));
    const SenderId oneMore{std::uint32_t(RouteTable::MaxOwners + 1)};
    QVERIFY(!table.addOwner(oneMore));
    table.removeOwner(Alice);
    QVERIFY(table.addOwner(oneMore));
}

void tst_RouteTable::strangersAddNothing()
{
    RouteTable table;
    QVERIFY(table.addOwner(Alice));
    const auto size = table.size();
    for (std::uint32_t at = 0; at < 1000; ++at) {
        owners(table, int(at), binding(Class::Request, at, "alice" + std::to_string(at)));
        owners(table, int(at), binding(Class::SuccessResponse, at));
        owners(table, int(at), Data);
    }
    QCOMPARE(table.size(), size);
}

QTEST_APPLESS_MAIN(tst_RouteTable)

#include "tst_routetable.moc"
