// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "signaling/signaljson.h"

#include "support/malformed/malformed.h"

#include <QtTest/qtest.h>

using peer::Signal;
using peer::signalFromJson;
using peer::SignalLimits;
using peer::signalToJson;
using peer::signalToText;
using Type = Signal::Type;
using Reason = Signal::Reason;

Q_DECLARE_METATYPE(peer::Signal)

namespace {

Signal offer()
{
    Signal signal;
    signal.type = Type::Offer;
    signal.sdp = "v=0\r\n";
    return signal;
}

Signal candidate(const char *text, const char *mid = "", const char *usernameFragment = "")
{
    Signal signal;
    signal.type = Type::Candidate;
    signal.candidate = text;
    signal.sdpMid = mid;
    signal.usernameFragment = usernameFragment;
    return signal;
}

Signal bye(Reason reason, const char *text = "")
{
    Signal signal;
    signal.type = Type::Bye;
    signal.reason = reason;
    signal.text = text;
    return signal;
}

Signal numbered(Signal signal, const char *call, std::uint64_t seq,
                std::optional<std::uint64_t> ack)
{
    signal.call = call;
    signal.seq = seq;
    signal.ack = ack;
    return signal;
}

} // namespace

class tst_SignalJson : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void writtenFormIsTheDocumentedOne_data();
    void writtenFormIsTheDocumentedOne();
    void othersFormsAreTaken_data();
    void othersFormsAreTaken();
    void malformedSignalsAreRefused_data();
    void malformedSignalsAreRefused();
    void boundsAreInclusive();
    void textBeyond64KiBIsRefused();
    void reasonInWordsIsCutToItsLimit();
};

void tst_SignalJson::writtenFormIsTheDocumentedOne_data()
{
    QTest::addColumn<Signal>("signal");
    QTest::addColumn<QByteArray>("text");

    const auto row = [](const char *name, const Signal &signal, const char *text) {
        QTest::newRow(name) << signal << QByteArray(text);
    };
    row("offer", offer(), R"({"sdp":"v=0\r\n","type":"offer"})");
    Signal answer = offer();
    answer.type = Type::Answer;
    row("answer", numbered(answer, "abcdefghijklmnop+/-_", 1, 1),
        R"({"ack":1,"call":"abcdefghijklmnop+/-_","sdp":"v=0\r\n","seq":1,"type":"answer"})");
    row("candidate", numbered(candidate("candidate:1", "0", "frag"), "c", 9007199254740991, 0),
        R"({"ack":0,"call":"c","candidate":"candidate:1","sdpMid":"0","seq":9007199254740991,)"
        R"("type":"candidate","usernameFragment":"frag"})");
    row("candidate without a mid", candidate("candidate:1"),
        R"({"candidate":"candidate:1","sdpMLineIndex":0,"type":"candidate"})");
    row("end of candidates", candidate("", "0"),
        R"({"candidate":"","sdpMid":"0","type":"candidate"})");
    row("hang-up", bye(Reason::None), R"({"type":"bye"})");
    row("busy", bye(Reason::Busy), R"({"reason":"busy","type":"bye"})");
    row("rejected", bye(Reason::Rejected), R"({"reason":"rejected","type":"bye"})");
    row("unanswered", bye(Reason::Unanswered), R"({"reason":"unanswered","type":"bye"})");
    row("cancelled", bye(Reason::Cancelled), R"({"reason":"cancelled","type":"bye"})");
    row("failed", bye(Reason::Failed, "a \"quote\", \xc3\xa4"),
        "{\"reason\":\"failed\",\"text\":\"a \\\"quote\\\", \xc3\xa4\",\"type\":\"bye\"}");
    row("ack", numbered(Signal(), "c", 0, 7), R"({"ack":7,"call":"c","type":"ack"})");
}

void tst_SignalJson::writtenFormIsTheDocumentedOne()
{
    QFETCH(Signal, signal);
    QFETCH(QByteArray, text);
    QCOMPARE(signalToText(signal), text);
    const auto again = signalFromJson(text);
    QVERIFY(again);
    QVERIFY(*again == signal);
    const auto fromObject = signalFromJson(signalToJson(signal));
    QVERIFY(fromObject);
    QVERIFY(*fromObject == signal);
}

void tst_SignalJson::othersFormsAreTaken_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<Signal>("signal");

    const auto row = [](const char *name, const char *text, const Signal &signal) {
        QTest::newRow(name) << QByteArray(text) << signal;
    };
    row("a browser's description", R"({"type":"offer","sdp":"v=0\r\n"})", offer());
    row("a browser's candidate",
        R"({"candidate":"candidate:1","sdpMid":"0","sdpMLineIndex":0,"usernameFragment":"frag"})",
        candidate("candidate:1", "0", "frag"));
    row("an older browser's candidate",
        R"({"candidate":"candidate:1","sdpMid":"data","sdpMLineIndex":0})",
        candidate("candidate:1", "data"));
    row("a candidate without a mid",
        R"({"candidate":"candidate:1","sdpMid":null,"sdpMLineIndex":0,"usernameFragment":null})",
        candidate("candidate:1"));
    row("a candidate wrapped once more",
        R"({"type":"candidate","candidate":{"candidate":"candidate:1","sdpMid":"0"},"call":"c"})",
        numbered(candidate("candidate:1", "0"), "c", 0, std::nullopt));
    row("the null candidate", R"({"candidate":null})", candidate(""));
    row("the null candidate with a type", R"({"type":"candidate","candidate":null})",
        candidate(""));
    row("a null type", R"({"type":null,"candidate":"candidate:1"})", candidate("candidate:1"));
    row("an unknown reason", R"({"type":"bye","reason":"bored"})", bye(Reason::Failed));
    row("a null reason", R"({"type":"bye","reason":null,"text":null})", bye(Reason::None));
    row("unknown members", R"({"type":"bye","x":{"y":[1]},"candidate":5})", bye(Reason::None));
    row("null numbers", R"({"type":"bye","seq":null,"ack":null})", bye(Reason::None));
    row("seq on an ack", R"({"type":"ack","seq":"what","ack":1})", numbered(Signal(), "", 0, 1));
    row("a number with a fraction of zero", R"({"type":"bye","seq":2.0,"ack":1e3})",
        numbered(bye(Reason::None), "", 2, 1000));
    row("white space", " \n{ \"type\" : \"bye\" }\n", bye(Reason::None));
}

void tst_SignalJson::othersFormsAreTaken()
{
    QFETCH(QByteArray, text);
    QFETCH(Signal, signal);
    const auto read = signalFromJson(text);
    QVERIFY2(read, read ? "" : qPrintable(read.error().message));
    QVERIFY(*read == signal);
}

void tst_SignalJson::malformedSignalsAreRefused_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QString>("fault"); // a part of the message

    for (const auto &row : peer::test::malformedSignals())
        QTest::newRow(row.name) << row.text << QString::fromLatin1(row.fault);
}

void tst_SignalJson::malformedSignalsAreRefused()
{
    QFETCH(QByteArray, text);
    QFETCH(QString, fault);
    const auto read = signalFromJson(text);
    QVERIFY(!read);
    QVERIFY2(read.error().message.contains(fault), qPrintable(read.error().message));
    QVERIFY(read.error().message.endsWith(u'.'));
    QVERIFY(read.error().message.startsWith(u"The "));
}

void tst_SignalJson::boundsAreInclusive()
{
    const auto filled = [](qsizetype length) {
        return std::string(static_cast<std::size_t>(length), 'x');
    };
    Signal signal = candidate("");
    signal.candidate = filled(SignalLimits::candidateLength);
    signal.sdpMid = filled(SignalLimits::midLength);
    signal.usernameFragment = filled(SignalLimits::usernameFragmentLength);
    signal.call = filled(SignalLimits::callLength);
    signal.seq = SignalLimits::number;
    signal.ack = SignalLimits::number;
    auto read = signalFromJson(signalToText(signal));
    QVERIFY(read);
    QVERIFY(*read == signal);

    signal = bye(Reason::Failed);
    signal.text = filled(SignalLimits::textLength);
    read = signalFromJson(signalToText(signal));
    QVERIFY(read);
    QVERIFY(*read == signal);

    signal = offer();
    signal.sdp = filled(SignalLimits::sdpLength);
    read = signalFromJson(signalToJson(signal));
    QVERIFY(read);
    QVERIFY(*read == signal);
    signal.sdp += 'x';
    QVERIFY(!signalFromJson(signalToJson(signal)));
}

void tst_SignalJson::textBeyond64KiBIsRefused()
{
    const QByteArray text = QByteArray(R"({"type":"bye"})").leftJustified(64 * 1024);
    QVERIFY(signalFromJson(text));
    const auto read = signalFromJson(text + ' ');
    QVERIFY(!read);
    QVERIFY(read.error().message.contains(QStringLiteral("64 KiB")));
}

void tst_SignalJson::reasonInWordsIsCutToItsLimit()
{
    // One octet, then characters of two: the limit falls into one of them.
    Signal signal = bye(Reason::Failed);
    signal.text = 'x' + QByteArray("\xc3\xa4").repeated(600).toStdString();
    const auto read = signalFromJson(signalToText(signal));
    QVERIFY(read);
    QCOMPARE(read->text.size(), std::size_t(SignalLimits::textLength - 1));
    QVERIFY(signal.text.starts_with(read->text));
}

QTEST_APPLESS_MAIN(tst_SignalJson)

#include "tst_signaljson.moc"
