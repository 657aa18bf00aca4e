// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "session/callreport.h"

#include <QtTest/qtest.h>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using peer::CallHistory;
using peer::CallReport;
using peer::IpAddress;
using peer::TimePoint;

using peer::ice::PairTrial;
using peer::ice::PathKind;
using Outcome = peer::ice::PairTrial::Outcome;

namespace {

PairTrial trial(PathKind kind, Outcome outcome, std::uint16_t port)
{
    PairTrial trial;
    trial.info.kind = kind;
    trial.info.route.local = {*IpAddress::fromString("192.0.2.1"), 5000};
    trial.info.route.remote = {*IpAddress::fromString("198.51.100.1"), port};
    trial.outcome = outcome;
    return trial;
}

QStringList toList(const std::vector<std::string> &texts)
{
    QStringList list;
    for (const std::string &text : texts)
        list.append(QString::fromStdString(text));
    return list;
}

} // namespace

class tst_CallReport : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void historyKeepsTheFirstAndTheLast();
    void tellsWhatWasTried_data();
    void tellsWhatWasTried();
    void tellsWhyNoBetterPathIsInUse_data();
    void tellsWhyNoBetterPathIsInUse();
    void textNamesThePathInUse();
};

void tst_CallReport::historyKeepsTheFirstAndTheLast()
{
    CallHistory history;
    QVERIFY(history.entries().empty());
    const TimePoint start(1000s);
    const int many = int(CallHistory::MaxFirst + CallHistory::MaxLast) + 10;
    for (int i = 0; i < many; ++i)
        history.note(start + i * 1s, std::to_string(i));
    const auto entries = history.entries();
    QCOMPARE(entries.size(), CallHistory::MaxFirst + 1 + CallHistory::MaxLast);
    QCOMPARE(entries.front().text, std::string("0"));
    QCOMPARE(entries.front().since, peer::Duration::zero());
    QCOMPARE(entries[CallHistory::MaxFirst].text, std::string("(10 more)"));
    QCOMPARE(entries.back().text, std::to_string(many - 1));
    QCOMPARE(entries.back().since, peer::Duration((many - 1) * 1s));
}

void tst_CallReport::tellsWhatWasTried_data()
{
    using Trials = std::vector<PairTrial>;
    QTest::addColumn<Trials>("trials");
    QTest::addColumn<int>("locals");
    QTest::addColumn<int>("remotes");
    QTest::addColumn<QString>("text");
    QTest::newRow("no remote address")
        << Trials() << 1 << 0 << u"the peer has told no address that could be tried"_s;
    QTest::newRow("no local address")
        << Trials() << 0 << 1 << u"this host has no address to try from"_s;
    QTest::newRow("none that fit")
        << Trials() << 1 << 1 << u"no address of this host can reach one of the peer's"_s;
    QTest::newRow("one") << Trials{trial(PathKind::Direct, Outcome::Silent, 1)} << 1 << 1
                         << u"1 pair of addresses tried, 0 answered; direct: 0 of 1"_s;
    QTest::newRow("of all kinds")
        << Trials{trial(PathKind::Direct, Outcome::Silent, 1),
                  trial(PathKind::Relayed, Outcome::Answered, 2),
                  trial(PathKind::Relayed, Outcome::Asked, 3),
                  trial(PathKind::Tunnel, Outcome::Answered, 4)}
        << 1 << 1
        << u"4 pairs of addresses tried, 2 answered; direct: 0 of 1; relay: 1 of 2; tunnel: 1 of 1"_s;
}

void tst_CallReport::tellsWhatWasTried()
{
    QFETCH(std::vector<PairTrial>, trials);
    QFETCH(int, locals);
    QFETCH(int, remotes);
    QFETCH(QString, text);
    CallReport report;
    report.trials = trials;
    report.localCandidates.resize(std::size_t(locals));
    report.remoteCandidates.resize(std::size_t(remotes));
    QCOMPARE(QString::fromStdString(report.triedText()), text);
}

void tst_CallReport::tellsWhyNoBetterPathIsInUse_data()
{
    using Trials = std::vector<PairTrial>;
    QTest::addColumn<Trials>("trials");
    QTest::addColumn<int>("used");
    QTest::addColumn<QStringList>("texts");
    const PairTrial direct = trial(PathKind::Direct, Outcome::Answered, 1);
    const PairTrial silent = trial(PathKind::Direct, Outcome::Silent, 2);
    const PairTrial asked = trial(PathKind::Direct, Outcome::Asked, 3);
    const PairTrial relay = trial(PathKind::Relayed, Outcome::Answered, 4);
    const PairTrial tunnel = trial(PathKind::Tunnel, Outcome::Answered, 5);
    QTest::newRow("on the best kind") << Trials{direct, relay} << 0 << QStringList();
    PairTrial tcp = direct;
    tcp.info.protocol = peer::turn::Transport::Tcp;
    QTest::newRow("on TCP, UDP fails")
        << Trials{tcp, silent} << 0
        << QStringList{u"no direct path over UDP: 1 pair tried, none answered"_s};
    QTest::newRow("on TCP, without UDP")
        << Trials{tcp} << 0 << QStringList{u"no direct path over UDP: there was none to try"_s};
    QTest::newRow("on a relay, direct fails")
        << Trials{silent, relay} << 1
        << QStringList{u"no direct path: 1 pair tried, none answered"_s};
    QTest::newRow("on a relay, direct is being asked")
        << Trials{silent, asked, relay} << 2
        << QStringList{u"no direct path yet: 1 pair still being asked"_s};
    QTest::newRow("on the tunnel, no relay")
        << Trials{silent, tunnel} << 1
        << QStringList{u"no direct path: 1 pair tried, none answered"_s,
                       u"no relay path: there was none to try"_s};
    QTest::newRow("on the tunnel, about to climb")
        << Trials{direct, tunnel} << 1
        << QStringList{u"a direct path answers and is about to be used"_s,
                       u"no relay path: there was none to try"_s};
}

void tst_CallReport::tellsWhyNoBetterPathIsInUse()
{
    QFETCH(std::vector<PairTrial>, trials);
    QFETCH(int, used);
    QFETCH(QStringList, texts);
    CallReport report;
    report.trials = trials;
    report.route = trials[std::size_t(used)].info.route;
    QCOMPARE(toList(report.missingTexts()), texts);
}

void tst_CallReport::textNamesThePathInUse()
{
    CallReport report;
    QVERIFY(QString::fromStdString(report.toText()).contains(u"In use: no path"_s));
    report.trials = {trial(PathKind::Direct, Outcome::Answered, 5001)};
    report.trials[0].info.smoothedRoundTrip = 12ms;
    report.route = report.trials[0].info.route;
    const QString text = QString::fromStdString(report.toText());
    QVERIFY2(
        text.contains(
            u"In use: direct over udp, 192.0.2.1:5000 to 198.51.100.1:5001: answered, 12.0 ms"_s),
        qPrintable(text));
}

QTEST_APPLESS_MAIN(tst_CallReport)

#include "tst_callreport.moc"
