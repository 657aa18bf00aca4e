// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "secure/dtls/recordfilter.h"

#include <QtTest/qtest.h>

using namespace Qt::StringLiterals;
using peer::Bytes;
using peer::dtls::RecordFilter;

namespace {

/// A record of RFC 6347: type, version, epoch, sequence number, length, body.
QByteArray record(int type, const QByteArray &body, int epoch = 0, int version = 0xfefd)
{
    QByteArray octets;
    octets += char(type);
    octets += char(version >> 8);
    octets += char(version);
    octets += char(epoch >> 8);
    octets += char(epoch);
    octets += QByteArray(6, 0);
    octets += char(body.size() >> 8);
    octets += char(body.size());
    return octets + body;
}

/// A handshake message or a fragment of one.
QByteArray handshake(int type, int length, int offset, const QByteArray &fragment, int claimed = -1)
{
    const auto uint24 = [](int value) {
        return QByteArray() + char(value >> 16) + char(value >> 8) + char(value);
    };
    return QByteArray() + char(type) + uint24(length) + QByteArray(2, 0) + uint24(offset)
        + uint24(claimed < 0 ? int(fragment.size()) : claimed) + fragment;
}

QByteArray filtered(RecordFilter &filter, const QByteArray &datagram)
{
    const Bytes octets(datagram.begin(), datagram.end());
    const peer::ByteView accepted = filter.filter(octets);
    return {reinterpret_cast<const char *>(accepted.data()), qsizetype(accepted.size())};
}

} // namespace

class tst_RecordFilter : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void lookAtOneRecord_data();
    void lookAtOneRecord();
    void goodRecordsSurviveBadOnes();
    void alertsAreReported_data();
    void alertsAreReported();
    void earlyRecordsAreFew();
};

void tst_RecordFilter::lookAtOneRecord_data()
{
    QTest::addColumn<QByteArray>("datagram");
    QTest::addColumn<bool>("isAccepted");

    const QByteArray ten(10, 'x');
    const QByteArray hello = handshake(1, 10, 0, ten);
    QTest::newRow("hello") << record(22, hello) << true;
    QTest::newRow("hello of DTLS 1.0's version") << record(22, hello, 0, 0xfeff) << true;
    QTest::newRow("two messages") << record(22, hello + handshake(11, 10, 0, ten)) << true;
    QTest::newRow("first fragment") << record(22, handshake(11, 20, 0, ten)) << true;
    QTest::newRow("last fragment") << record(22, handshake(11, 20, 10, ten)) << true;
    QTest::newRow("message without a body") << record(22, handshake(14, 0, 0, {})) << true;
    QTest::newRow("change_cipher_spec") << record(20, "\x01"_ba) << true;
    QTest::newRow("sealed record") << record(22, ten, 1) << true;
    QTest::newRow("sealed application data") << record(23, ten, 1) << true;

    QTest::newRow("version of TLS") << record(22, hello, 0, 0x0303) << false;
    QTest::newRow("version of DTLS 1.3 records") << record(22, hello, 0, 0xfefc) << false;
    QTest::newRow("unknown type") << record(24, ten) << false;
    QTest::newRow("type below all") << record(19, ten) << false;
    QTest::newRow("far epoch") << record(23, ten, 2) << false;
    QTest::newRow("plain application data") << record(23, ten) << false;
    QTest::newRow("plain alert") << record(21, "\x02\x28"_ba) << false;
    QTest::newRow("change_cipher_spec of two octets") << record(20, "\x01\x01"_ba) << false;
    QTest::newRow("change_cipher_spec of another value") << record(20, "\x02"_ba) << false;
    QTest::newRow("empty handshake record") << record(22, {}) << false;
    QTest::newRow("hello_request") << record(22, handshake(0, 0, 0, {})) << false;
    QTest::newRow("unknown message") << record(22, handshake(99, 10, 0, ten)) << false;
    QTest::newRow("short message header") << record(22, hello.first(11)) << false;
    QTest::newRow("fragment beyond the record")
        << record(22, handshake(1, 20, 0, ten, 11)) << false;
    QTest::newRow("fragment beyond its message") << record(22, handshake(1, 9, 0, ten)) << false;
    QTest::newRow("fragment offset beyond its message")
        << record(22, handshake(1, 10, 11, {})) << false;
    QTest::newRow("fragment of nothing") << record(22, handshake(1, 10, 3, {})) << false;
    QTest::newRow("fragment of the longest message")
        << record(22, handshake(11, 32 * 1024, 0, ten)) << true;
    QTest::newRow("fragment of a longer one")
        << record(22, handshake(11, 32 * 1024 + 1, 0, ten)) << false;
    QTest::newRow("huge message") << record(22, handshake(11, 0xffffff, 0, ten)) << false;
    QTest::newRow("garbage behind the message") << record(22, hello + "xyz") << false;
    QTest::newRow("cut in the record header") << record(22, hello).first(12) << false;
    QTest::newRow("cut in the body") << record(22, hello).chopped(1) << false;
    QTest::newRow("nothing") << ""_ba << false;
}

void tst_RecordFilter::lookAtOneRecord()
{
    QFETCH(QByteArray, datagram);
    QFETCH(bool, isAccepted);
    RecordFilter filter;
    QCOMPARE(filtered(filter, datagram), isAccepted ? datagram : QByteArray());
    QCOMPARE(filter.droppedRecords(), !isAccepted && !datagram.isEmpty() ? 1U : 0U);
}

void tst_RecordFilter::goodRecordsSurviveBadOnes()
{
    RecordFilter filter;
    const QByteArray hello = record(22, handshake(1, 10, 0, QByteArray(10, 'x')));
    const QByteArray bad = record(22, handshake(99, 10, 0, QByteArray(10, 'x')));
    QCOMPARE(filtered(filter, hello + bad + hello + hello.first(20)), hello + hello);
    QCOMPARE(filter.droppedRecords(), 2U);
}

void tst_RecordFilter::alertsAreReported_data()
{
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<bool>("isReported");

    QTest::newRow("fatal") << "\x02\x28"_ba << true;
    QTest::newRow("close_notify") << QByteArray("\x01\x00", 2) << true;
    QTest::newRow("warning") << "\x01\x5a"_ba << false;
    QTest::newRow("short") << "\x02"_ba << false;
    QTest::newRow("long") << "\x02\x28\x00"_ba << false;
}

void tst_RecordFilter::alertsAreReported()
{
    QFETCH(QByteArray, body);
    QFETCH(bool, isReported);
    RecordFilter filter;
    QVERIFY(filtered(filter, record(21, body)).isEmpty());
    QCOMPARE(filter.alert().has_value(), isReported);
    if (isReported)
        QCOMPARE(filter.alert()->description, std::uint8_t(body[1]));
    filtered(filter, record(20, "\x01"_ba));
    QVERIFY(!filter.alert());
}

void tst_RecordFilter::earlyRecordsAreFew()
{
    RecordFilter filter;
    unsigned accepted = 0;
    for (int i = 0; i < 1000; ++i)
        accepted += !filtered(filter, record(23, QByteArray(10, 'x'), 1)).isEmpty();
    QCOMPARE(accepted, RecordFilter::MaxEarlyRecords);
}

QTEST_APPLESS_MAIN(tst_RecordFilter)

#include "tst_recordfilter.moc"
