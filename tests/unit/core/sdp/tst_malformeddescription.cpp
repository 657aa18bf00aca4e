// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "core/sdp/sessiondescription.h"

#include <QtTest/qtest.h>

using peer::sdp::SessionDescription;

/// Each row is a description with one fault, the line that the error must name and words of it.
class tst_MalformedDescription : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void isRefusedByLineAndFault_data();
    void isRefusedByLineAndFault();
};

namespace {

// The lines of whole(): four at session level, then the given ones from line 5, the m= line and
// what follows it.
constexpr const char *origin = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n";
constexpr const char *dataLine = "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n";
constexpr const char *videoLine = "m=video 9 UDP/TLS/RTP/SAVPF 96\r\n";

void row(const char *name, const QByteArray &text, int line, const char *fault)
{
    QTest::newRow(name) << text << line << QByteArray(fault);
}

/// The faulty line stands at session level: line 5.
void sessionRow(const char *name, const QByteArray &faulty, const char *fault, int line = 5)
{
    row(name, origin + faulty + "\r\n" + dataLine, line, fault);
}

/// The faulty line stands in the data section: line 6.
void dataRow(const char *name, const QByteArray &faulty, const char *fault, int line = 6)
{
    row(name, QByteArray(origin) + dataLine + faulty + "\r\na=mid:end\r\n", line, fault);
}

/// The faulty line stands in a video section: line 6.
void videoRow(const char *name, const QByteArray &faulty, const char *fault, int line = 6)
{
    row(name, QByteArray(origin) + videoLine + faulty + "\r\na=mid:end\r\n", line, fault);
}

/// The m= line itself: line 5.
void mediaLineRow(const char *name, const QByteArray &faulty, const char *fault)
{
    row(name, origin + faulty + "\r\na=mid:0\r\n", 5, fault);
}

void addWholeRows()
{
    row("empty", "", 0, "empty");
    row("too long", origin + QByteArray(64 * 1024, 'x'), 0, "64 KiB");
    row("not a description", "hello", 1, "v=0");
    row("an empty first line", QByteArray("\r\n") + origin, 1, "v=0");
    row("another version", "v=1\r\no=- 1 1 IN IP4 0.0.0.0\r\n", 1, "v=0");
    row("version with a space", "v=0 \r\no=- 1 1 IN IP4 0.0.0.0\r\n", 1, "v=0");
    row("JSON", "{\"type\":\"offer\"}", 1, "v=0");
    row("a byte order mark", QByteArray("\xef\xbb\xbf") + origin, 1, "v=0");
    row("version alone", "v=0\r\n", 0, "o=");
    row("no origin", QByteArray("v=0\r\ns=-\r\n") + dataLine, 3, "o=");
    row("CR alone for line ends", QByteArray(origin).replace('\n', ""), 1, "CR");
    row("a NUL", origin + QByteArray("a=x\0y\r\n", 7), 5, "NUL");
    row("a CR inside a line", QByteArray(origin) + "a=x\ry\r\n", 5, "CR");
    row("two CR at a line end", QByteArray(origin) + "a=x\r\r\n", 5, "CR");
}

void addOriginRows()
{
    const auto originRow = [](const char *name, const char *line) {
        row(name, QByteArray("v=0\r\n") + line + "\r\ns=-\r\n", 2, "o=");
    };
    originRow("origin without anything", "o=");
    originRow("origin of a user alone", "o=-");
    originRow("origin without a version", "o=- 1");
    originRow("origin with an id of letters", "o=- abc 1 IN IP4 0.0.0.0");
    originRow("origin with a negative id", "o=- -1 1 IN IP4 0.0.0.0");
    originRow("origin with an id of 65 bits", "o=- 18446744073709551616 1 IN IP4 0.0.0.0");
    originRow("origin with a version of 65 bits", "o=- 1 18446744073709551616 IN IP4 0.0.0.0");
    originRow("origin with a version of letters", "o=- 1 x IN IP4 0.0.0.0");
    sessionRow("a second origin", "o=- 1 1 IN IP4 0.0.0.0", "twice");
    sessionRow("a second version", "v=0", "twice");
    dataRow("an origin in a section", "o=- 1 1 IN IP4 0.0.0.0", "twice");
}

void addLineRows()
{
    sessionRow("a line without an equals sign", "hello", "type=value");
    sessionRow("a line of one character", "a", "type=value");
    sessionRow("a line without a type", "=x", "type=value");
    sessionRow("a type in upper case", "A=mid:0", "type=value");
    sessionRow("a space before the type", " a=mid:0", "type=value");
    sessionRow("a space before the equals sign", "a =mid:0", "type=value");
    dataRow("a candidate line without a=", "candidate:1 1 udp 1 192.0.2.1 9 typ host",
            "type=value");
    dataRow("spaces for an empty line", "  ", "type=value");
}

void addMediaLineRows()
{
    mediaLineRow("section without anything", "m=", "name");
    mediaLineRow("media name with a slash", "m=au/dio 9 RTP/SAVPF 0", "name");
    mediaLineRow("section without a port", "m=audio", "port");
    mediaLineRow("port 65536", "m=audio 65536 RTP/SAVPF 0", "port");
    mediaLineRow("port -1", "m=audio -1 RTP/SAVPF 0", "port");
    mediaLineRow("port of letters", "m=audio x RTP/SAVPF 0", "port");
    mediaLineRow("port with an empty count", "m=audio 9/ RTP/SAVPF 0", "port");
    mediaLineRow("port with a count of letters", "m=audio 9/x RTP/SAVPF 0", "port");
    mediaLineRow("section without a protocol", "m=audio 9", "protocol");
    mediaLineRow("protocol with an empty part", "m=audio 9 UDP//RTP 0", "protocol");
    mediaLineRow("protocol that ends in a slash", "m=audio 9 UDP/ 0", "protocol");
    mediaLineRow("protocol of 66 characters",
                 "m=audio 9 " + QByteArray("UDP/XY").repeated(11) + " 0", "protocol");
    mediaLineRow("section without formats", "m=audio 9 RTP/SAVPF", "format");
    mediaLineRow("section with spaces for formats", "m=audio 9 RTP/SAVPF   ", "format");
    mediaLineRow("formats of 2049 octets", "m=text 9 X " + QByteArray(2049, '1'), "format");
    mediaLineRow("formats with a tab", "m=text 9 X 1\t2", "format");
    mediaLineRow("payload type 128", "m=audio 9 RTP/SAVPF 0 128", "payload type");
    mediaLineRow("payload type of letters", "m=audio 9 RTP/SAVPF opus", "payload type");
    mediaLineRow("payload type -1", "m=audio 9 RTP/SAVPF -1", "payload type");
    row("33 sections", origin + QByteArray(dataLine).repeated(33), 37, "32");
}

void addIceRows()
{
    const QByteArray password = "a=ice-pwd:1234567890123456789012";
    dataRow("empty ufrag", "a=ice-ufrag:", "ice-ufrag");
    dataRow("ufrag without a value", "a=ice-ufrag", "ice-ufrag");
    dataRow("ufrag of three characters", "a=ice-ufrag:abc", "ice-ufrag");
    dataRow("ufrag of 257 characters", "a=ice-ufrag:" + QByteArray(257, 'u'), "ice-ufrag");
    dataRow("ufrag with a colon", "a=ice-ufrag:ab:cd", "ice-ufrag");
    dataRow("ufrag with a space", "a=ice-ufrag:ab cd", "ice-ufrag");
    dataRow("ufrag with an umlaut", "a=ice-ufrag:abc\xc3\xa4", "ice-ufrag");
    dataRow("a second ufrag", "a=ice-ufrag:abcd\r\na=ice-ufrag:abcd", "twice", 7);
    sessionRow("a second ufrag at session level", "a=ice-ufrag:abcd\r\na=ice-ufrag:efgh", "twice",
               6);
    dataRow("password of 21 characters", "a=ice-pwd:123456789012345678901", "ice-pwd");
    dataRow("password of 257 characters", "a=ice-pwd:" + QByteArray(257, 'p'), "ice-pwd");
    dataRow("password with an equals sign", password + '=', "ice-pwd");
    dataRow("a second password", password + "\r\n" + password, "twice", 7);
    dataRow("ufrag without a password", "a=ice-ufrag:abcd", "only one", 5);
    dataRow("password without a ufrag", password, "only one", 5);
    sessionRow("password without a ufrag at session level", password, "only one", 6);
    dataRow("an option in quotes", "a=ice-options:\"trickle\"", "token");
    dataRow("an option between two commas", "a=ice-options:a,,b", "token");
    dataRow("an option of 65 characters", "a=ice-options:" + QByteArray(65, 'o'), "token");
    dataRow("17 options", "a=ice-options:1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17", "16");
    row("17 options in both levels together",
        QByteArray(origin) + "a=ice-options:1 2 3 4 5 6 7 8 9\r\n" + dataLine
            + "a=ice-options:11 12 13 14 15 16 17 18\r\n",
        6, "16");
    sessionRow("pacing of letters", "a=ice-pacing:fast", "milliseconds");
    sessionRow("pacing without a value", "a=ice-pacing", "milliseconds");
    sessionRow("pacing negative", "a=ice-pacing:-5", "milliseconds");
    sessionRow("pacing above a day", "a=ice-pacing:86400001", "milliseconds");
    sessionRow("pacing twice", "a=ice-pacing:5\r\na=ice-pacing:5", "twice", 6);
    dataRow("a candidate without anything", "a=candidate:", "foundation");
    dataRow("a candidate attribute without a value", "a=candidate", "begin");
    dataRow("a candidate with a bad priority", "a=candidate:1 1 udp x 192.0.2.1 9 typ host",
            "priority");
    dataRow("257 candidates",
            QByteArray("a=candidate:1 1 udp 1 192.0.2.1 9 typ host\r\n").repeated(256)
                + "a=candidate:1 1 udp 1 192.0.2.1 9 typ host",
            "256", 262);
}

void addDtlsRows()
{
    const QByteArray digest = QByteArray("00:").repeated(32).chopped(1);
    dataRow("empty fingerprint", "a=fingerprint:", "hash function");
    dataRow("fingerprint without a digest", "a=fingerprint:sha-256", "digest");
    dataRow("fingerprint without a function", "a=fingerprint:" + digest, "hash function");
    dataRow("digest of 31 octets", "a=fingerprint:sha-256 " + digest.chopped(3), "length");
    dataRow("digest of 33 octets", "a=fingerprint:sha-256 " + digest + ":00", "length");
    dataRow("digest of another function", "a=fingerprint:sha-512 " + digest, "length");
    dataRow("digest that ends in a colon", "a=fingerprint:sha-256 " + digest + ':', "digest");
    dataRow("digest without colons", "a=fingerprint:sha-256 " + QByteArray(64, '0'), "digest");
    dataRow("digest of one digit", "a=fingerprint:x 0", "digest");
    dataRow("digest of three digits", "a=fingerprint:x 000", "digest");
    dataRow("digest with a letter that is no digit", "a=fingerprint:x 0g", "digest");
    dataRow("digest with a sign", "a=fingerprint:x +1", "digest");
    dataRow("digest of 65 octets", "a=fingerprint:x " + QByteArray("00:").repeated(65).chopped(1),
            "digest");
    dataRow("nine fingerprints",
            QByteArray("a=fingerprint:x 00\r\n").repeated(8) + "a=fingerprint:x 00", "more than 8",
            14);
    dataRow("empty setup", "a=setup:", "actpass");
    dataRow("setup in upper case", "a=setup:ACTIVE", "actpass");
    dataRow("an unknown setup", "a=setup:both", "actpass");
    dataRow("a second setup", "a=setup:active\r\na=setup:passive", "twice", 7);
    sessionRow("an unknown setup at session level", "a=setup:x", "actpass");
}

void addBundleRows()
{
    dataRow("empty mid", "a=mid:", "token");
    dataRow("mid without a value", "a=mid", "token");
    dataRow("mid with a space", "a=mid:a b", "token");
    dataRow("mid with a comma", "a=mid:a,b", "token");
    dataRow("mid of 65 characters", "a=mid:" + QByteArray(65, 'm'), "token");
    dataRow("mid with an umlaut", "a=mid:\xc3\xa4", "token");
    dataRow("a second mid", "a=mid:0\r\na=mid:0", "twice", 7);
    row("two sections of one mid",
        QByteArray(origin) + dataLine + "a=mid:0\r\n" + dataLine + "a=mid:0\r\n", 7, "mid");
    sessionRow("a bundle with an unknown section", "a=group:BUNDLE 7", "not there");
    sessionRow("a bundle with a section twice", "a=group:BUNDLE 0 0", "twice");
    sessionRow("a bundle of 33",
               "a=group:BUNDLE 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 "
               "26 27 28 29 30 31 32 33",
               "32");
}

void addDataRows()
{
    dataRow("empty SCTP port", "a=sctp-port:", "sctp-port");
    dataRow("SCTP port 65536", "a=sctp-port:65536", "sctp-port");
    dataRow("SCTP port of letters", "a=sctp-port:x", "sctp-port");
    dataRow("a second SCTP port", "a=sctp-port:5000\r\na=sctp-port:5000", "twice", 7);
    dataRow("message size negative", "a=max-message-size:-1", "max-message-size");
    dataRow("message size of 65 bits", "a=max-message-size:18446744073709551616",
            "max-message-size");
    dataRow("message size with a unit", "a=max-message-size:64k", "max-message-size");
    dataRow("a second message size", "a=max-message-size:1\r\na=max-message-size:1", "twice", 7);
}

void addIdentityRows()
{
    sessionRow("empty identity", "a=peer-identity:", "base64url");
    sessionRow("identity without a signature", "a=peer-identity:MFkw", "base64url");
    sessionRow("identity with three values", "a=peer-identity:MFkw c2ln eA", "base64url");
    sessionRow("identity in plain base64", "a=peer-identity:MF+w c2ln", "base64url");
    sessionRow("identity with padding", "a=peer-identity:MFkw c2lnYQ==", "base64url");
    sessionRow("identity with a key of 513 characters",
               "a=peer-identity:" + QByteArray(513, 'A') + " c2ln", "base64url");
    sessionRow("identity twice", "a=peer-identity:MFkw c2ln\r\na=peer-identity:MFkw c2ln", "twice",
               6);
}

void addRtpRows()
{
    videoRow("rtpmap without anything", "a=rtpmap:", "payload type");
    videoRow("rtpmap of type 128", "a=rtpmap:128 VP8/90000", "payload type");
    videoRow("rtpmap without an encoding", "a=rtpmap:96", "encoding");
    videoRow("rtpmap without a clock rate", "a=rtpmap:96 VP8", "clock rate");
    videoRow("rtpmap with clock rate 0", "a=rtpmap:96 VP8/0", "clock rate");
    videoRow("rtpmap with a clock rate of 33 bits", "a=rtpmap:96 VP8/4294967296", "clock rate");
    videoRow("rtpmap with empty channels", "a=rtpmap:96 VP8/90000/", "channels");
    videoRow("rtpmap with 256 channels", "a=rtpmap:96 VP8/90000/256", "channels");
    videoRow("fmtp without a type", "a=fmtp:apt=96", "payload type");
    videoRow("fmtp of 2049 octets", "a=fmtp:96 " + QByteArray(2049, 'x'), "2048");
    videoRow("fmtp of 2049 octets in two lines",
             "a=fmtp:96 " + QByteArray(1024, 'x') + "\r\na=fmtp:96 " + QByteArray(1024, 'x'),
             "2048", 7);
    videoRow("fmtp with a tab", "a=fmtp:96 a\tb", "control");
    videoRow("feedback without a kind", "a=rtcp-fb:96", "feedback");
    videoRow("feedback without a type", "a=rtcp-fb:nack pli", "payload type");
    videoRow("feedback of 129 octets", "a=rtcp-fb:* " + QByteArray(129, 'x'), "128");
    QByteArray feedback;
    for (int index = 0; index < 9; ++index) {
        const QByteArray number = QByteArray::number(index);
        feedback += "a=rtcp-fb:* s" + number + "\r\na=rtcp-fb:96 m" + number + "\r\n";
    }
    videoRow("18 kinds of feedback", feedback, "16", 5);
    videoRow("extmap without anything", "a=extmap:", "id");
    videoRow("extmap 0", "a=extmap:0 urn:x", "id");
    videoRow("extmap 4352", "a=extmap:4352 urn:x", "id");
    videoRow("extmap without a URI", "a=extmap:1", "URI");
    videoRow("extmap with an unknown direction", "a=extmap:1/both urn:x", "direction");
    videoRow("extmap with an empty direction", "a=extmap:1/ urn:x", "direction");
    videoRow("one extmap id for two", "a=extmap:1 urn:x\r\na=extmap:1 urn:y", "twice", 7);
    QByteArray extensions;
    for (int index = 1; index <= 65; ++index)
        extensions += "a=extmap:" + QByteArray::number(index) + " urn:x\r\n";
    videoRow("65 extensions", extensions, "64", 70);
    videoRow("ssrc of letters", "a=ssrc:x cname:y", "source");
    videoRow("ssrc of 33 bits", "a=ssrc:4294967296 cname:y", "source");
    videoRow("cname with a control character", "a=ssrc:1 cname:a\x01", "control");
    QByteArray sources;
    for (int index = 1; index <= 129; ++index)
        sources += "a=ssrc:" + QByteArray::number(index) + " cname:x\r\n";
    videoRow("129 sources", sources, "128", 134);
    videoRow("FID of one source", "a=ssrc-group:FID 1", "two sources");
    videoRow("FID of three sources", "a=ssrc-group:FID 1 2 3", "two sources");
    videoRow("65 groups", QByteArray("a=ssrc-group:FID 1 2\r\n").repeated(65), "64", 70);
    videoRow("empty msid", "a=msid:", "msid");
    videoRow("msid of 2049 octets", "a=msid:" + QByteArray(2049, 'x'), "2048");
    videoRow("two directions", "a=sendonly\r\na=recvonly", "direction", 7);
    sessionRow("two directions at session level", "a=sendonly\r\na=recvonly", "direction", 6);
    sessionRow("a bad extmap at session level", "a=extmap:0 urn:x", "id");
}

} // namespace

void tst_MalformedDescription::isRefusedByLineAndFault_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<int>("line");
    QTest::addColumn<QByteArray>("fault");

    addWholeRows();
    addOriginRows();
    addLineRows();
    addMediaLineRows();
    addIceRows();
    addDtlsRows();
    addBundleRows();
    addDataRows();
    addIdentityRows();
    addRtpRows();
}

void tst_MalformedDescription::isRefusedByLineAndFault()
{
    QFETCH(QByteArray, text);
    QFETCH(int, line);
    QFETCH(QByteArray, fault);
    const auto description = SessionDescription::parse(text.toStdString());
    QVERIFY(!description);
    const QByteArray message = QByteArray::fromStdString(description.error().message);
    QVERIFY2(message.contains(fault), message.constData());
    QCOMPARE(int(description.error().line), line);
}

QTEST_APPLESS_MAIN(tst_MalformedDescription)

#include "tst_malformeddescription.moc"
