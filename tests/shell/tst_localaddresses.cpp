// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "networknamespace.h"
#include "shell/interfacewatcher.h"
#include "shell/localaddresses.h"

#include <QtTest/qsignalspy.h>
#include <QtTest/qtest.h>

#ifdef Q_OS_LINUX
#    include "shell/netlink_linux.h"
#endif

using namespace Qt::StringLiterals;
using namespace peer;

namespace {

/// "2001:db8::1@2,vpn,temporary": address, interface, and what else is to be said of it.
InterfaceAddress parse(const QByteArray &text)
{
    InterfaceAddress address;
    const QList<QByteArray> words = text.split(',');
    const QList<QByteArray> head = words[0].split('@');
    address.ip = IpAddress::fromString(head[0].toStdString()).value_or(IpAddress());
    address.interfaceIndex = head[1].toUInt();
    for (const QByteArray &word : words.mid(1)) {
        if (word == "vpn"_ba)
            address.kind = InterfaceKind::Vpn;
        else if (word == "virtual"_ba)
            address.kind = InterfaceKind::Virtual;
        else if (word == "lo"_ba)
            address.kind = InterfaceKind::Loopback;
        else if (word == "temporary"_ba)
            address.isTemporary = true;
        else if (word == "deprecated"_ba)
            address.isDeprecated = true;
        else if (word == "tentative"_ba)
            address.isTentative = true;
        else
            qFatal("unknown word in a row");
    }
    return address;
}

} // namespace

class tst_LocalAddresses : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void selects_data();
    void selects();
    void preferencesAreUniqueAndFall();
    void takesEightAtMost();
    void readsThisMachine();
    void oneWatcherForAll();
    void survivesMalformedNetlink();
    void noticesChanges();
};

void tst_LocalAddresses::selects_data()
{
    QTest::addColumn<QByteArray>("all");
    QTest::addColumn<bool>("withLoopback");
    QTest::addColumn<QByteArray>("selected");

    const auto row = [](const char *name, const QByteArray &all, const QByteArray &selected,
                        bool withLoopback = false) {
        QTest::newRow(name) << all << withLoopback << selected;
    };
    row("nothing", "", "");
    row("one", "192.168.1.2@2", "192.168.1.2");
    row("loopback is left out", "127.0.0.1@1,lo ::1@1,lo 192.168.1.2@2", "192.168.1.2");
    row("loopback comes first when asked for", "192.168.1.2@2 127.0.0.1@1,lo ::1@1,lo",
        "::1 127.0.0.1 192.168.1.2", true);
    row("an address on the loopback interface is not for the network", "192.0.2.9@1,lo", "");
    row("IPv6 before IPv4", "192.0.2.1@2 2001:db8::1@2", "2001:db8::1 192.0.2.1");
    row("families take turns", "192.0.2.1@2 192.0.2.2@2 2001:db8::1@2 2001:db8::2@2",
        "2001:db8::1 192.0.2.1 2001:db8::2 192.0.2.2");
    row("temporary before stable",
        "2001:db8::1@2 2001:db8::2@2,temporary 2001:db8::3@3 2001:db8::4@3,temporary",
        "2001:db8::2 2001:db8::4 2001:db8::1 2001:db8::3");
    row("unique local after global", "fd00::1@2,temporary fd00::2@2 2001:db8::1@2",
        "2001:db8::1 fd00::1 fd00::2");
    row("secondary addresses of IPv4 are not temporary", "192.0.2.2@3,temporary 192.0.2.1@2",
        "192.0.2.1 192.0.2.2");
    row("no link-local beside a private one", "fe80::1@2 192.168.1.2@2", "192.168.1.2");
    row("no link-local beside a global one", "169.254.1.1@2 2001:db8::1@2", "2001:db8::1");
    row("link-local where there is nothing else", "fe80::1@2 169.254.1.1@2", "fe80::1 169.254.1.1");
    row("link-local of another interface comes last",
        "fe80::1@3 192.168.1.2@2 10.8.0.1@4,vpn 172.17.0.1@5,virtual",
        "192.168.1.2 10.8.0.1 172.17.0.1 fe80::1");
    row("no link-local of virtual ones", "fe80::1@3,virtual fe80::2@4,vpn", "");
    row("VPN after physical, virtual last",
        "172.17.0.1@2,virtual 10.8.0.1@3,vpn 192.168.1.2@9 2001:db8::1@3,vpn",
        "192.168.1.2 2001:db8::1 10.8.0.1 172.17.0.1");
    row("deprecated beside a preferred one", "2001:db8::1@2,deprecated 2001:db8::2@2",
        "2001:db8::2");
    row("deprecated where there is nothing else", "2001:db8::1@2,deprecated 192.0.2.1@2",
        "2001:db8::1 192.0.2.1");
    row("tentative", "2001:db8::1@2,tentative", "");
    row("a tentative one does not replace link-local", "2001:db8::1@2,tentative fe80::1@2",
        "fe80::1");
    row("multicast, unspecified, mapped, null",
        "224.0.0.1@2 ff02::1@2 0.0.0.0@2 ::@2 ::ffff:1.2.3.4@2 x@2", "");
    row("doubled", "192.0.2.1@2 192.0.2.1@3", "192.0.2.1");
}

void tst_LocalAddresses::selects()
{
    QFETCH(QByteArray, all);
    QFETCH(bool, withLoopback);
    QFETCH(QByteArray, selected);
    std::vector<InterfaceAddress> addresses;
    for (const QByteArray &text : all.split(' ')) {
        if (!text.isEmpty())
            addresses.push_back(parse(text));
    }
    QByteArray result;
    for (const UsableAddress &address : selectAddresses(addresses, {withLoopback, 8}))
        result += QByteArray::fromStdString(address.ip.toString()) + ' ';
    QCOMPARE(result.trimmed(), selected);
}

void tst_LocalAddresses::preferencesAreUniqueAndFall()
{
    const auto selected = selectAddresses({parse("192.0.2.1@2"), parse("192.0.2.2@2"),
                                           parse("10.8.0.1@3,vpn"), parse("172.17.0.1@4,virtual"),
                                           parse("127.0.0.1@1,lo"), parse("fe80::1@5")},
                                          {true, 8});
    QCOMPARE(selected.size(), std::size_t(6));
    for (std::size_t at = 1; at < selected.size(); ++at)
        QVERIFY(selected[at].localPreference < selected[at - 1].localPreference);
    QCOMPARE(selected[0].interfaceIndex, 1u);
}

void tst_LocalAddresses::takesEightAtMost()
{
    std::vector<InterfaceAddress> all;
    for (std::uint32_t at = 0; at < 20; ++at) {
        all.push_back(parse("172.17.0.1@5,virtual"));
        all.back().ip = IpAddress::fromV4(0xac110000 + at);
    }
    all.push_back(parse("192.0.2.1@20"));
    const auto selected = selectAddresses(all, {});
    QCOMPARE(selected.size(), std::size_t(8));
    QCOMPARE(selected[0].ip.toString(), std::string("192.0.2.1"));
}

void tst_LocalAddresses::readsThisMachine()
{
    bool hasLoopback = false;
    for (const InterfaceAddress &address : readInterfaceAddresses()) {
        QVERIFY(!address.ip.isNull());
        QVERIFY(address.interfaceIndex > 0);
        if (address.ip.isLoopback()) {
            QVERIFY(address.kind == InterfaceKind::Loopback);
            hasLoopback = true;
        }
    }
    QVERIFY(hasLoopback);
}

void tst_LocalAddresses::oneWatcherForAll()
{
    auto first = InterfaceWatcher::shared();
    auto second = InterfaceWatcher::shared();
    QVERIFY(first == second);
    QVERIFY(first->addresses() == readInterfaceAddresses());
    QPointer<InterfaceWatcher> guard(first.get());
    first.reset();
    second.reset();
    QTRY_VERIFY(!guard);
    QVERIFY(InterfaceWatcher::shared());
}

void tst_LocalAddresses::survivesMalformedNetlink()
{
#ifdef Q_OS_LINUX
    // A link and an address of it, as the kernel sends them; then each octet changed, and cut.
    Bytes datagram;
    const auto append = [&datagram](std::initializer_list<std::uint8_t> octets) {
        datagram.insert(datagram.end(), octets);
    };
    append({32 + 16, 0, 0, 0, 16, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0});  // RTM_NEWLINK
    append({0, 0, 1, 0, 2, 0, 0, 0, 0x41, 0, 0, 0, 0, 0, 0, 0});      // index 2, up and running
    append({16, 0, 18, 0, 8, 0, 1, 0, 't', 'u', 'n', 0, 4, 0, 9, 0}); // IFLA_INFO_KIND
    append({24 + 8, 0, 0, 0, 20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0});   // RTM_NEWADDR
    append({2, 24, 0, 0, 2, 0, 0, 0, 8, 0, 1, 0, 192, 0, 2, 1});      // IFA_ADDRESS
    {
        NetlinkDump dump;
        QVERIFY(dump.read(datagram));
        QCOMPARE(dump.addresses().size(), std::size_t(1));
        QVERIFY(dump.addresses()[0] == parse("192.0.2.1@2,vpn"));
    }
    for (std::size_t at = 0; at < datagram.size(); ++at) {
        for (int value = 0; value < 256; ++value) {
            Bytes changed = datagram;
            changed[at] = static_cast<std::uint8_t>(value);
            NetlinkDump dump;
            dump.read(changed);
            QVERIFY(dump.addresses().size() <= 2);
        }
        const Bytes cut(datagram.begin(), datagram.begin() + std::ptrdiff_t(at));
        NetlinkDump dump;
        dump.read(cut);
        QVERIFY(dump.addresses().empty());
    }
#else
    QSKIP("netlink is Linux's");
#endif
}

void tst_LocalAddresses::noticesChanges()
{
    if (!enterNetworkNamespace())
        QSKIP("no network namespace to be had");
    InterfaceWatcher watcher;
    QSignalSpy changed(&watcher, &InterfaceWatcher::changed);
    QVERIFY(watcher.addresses().empty());
    QVERIFY(setLoopbackUp(true));
    QTRY_COMPARE(changed.count(), 1);
    QVERIFY(!watcher.addresses().empty());
    const auto before = watcher.addresses();
    QVERIFY(setLoopbackAlias("127.0.0.5"));
    QTRY_VERIFY(watcher.addresses().size() == before.size() + 1);
    QVERIFY(removeLoopbackAlias());
    QTRY_VERIFY(watcher.addresses() == before);
    QVERIFY(setLoopbackUp(false));
    QTRY_VERIFY(watcher.addresses().empty());
}

QTEST_GUILESS_MAIN(tst_LocalAddresses)

#include "tst_localaddresses.moc"
