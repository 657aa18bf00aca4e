// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "support/malformed/malformed.h"

namespace peer::test {

namespace {

using Rows = std::vector<MalformedDescription>;

// The lines of whole(): four at session level, then the given ones from line 5, the m= line and
// what follows it.
constexpr const char *origin = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n";
constexpr const char *dataLine = "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n";
constexpr const char *videoLine = "m=video 9 UDP/TLS/RTP/SAVPF 96\r\n";

void row(Rows &rows, const char *name, const QByteArray &text, int line, const char *fault)
{
    rows.push_back({name, text, line, fault});
}

/// The faulty line stands at session level: line 5.
void sessionRow(Rows &rows, const char *name, const QByteArray &faulty, const char *fault,
                int line = 5)
{
    row(rows, name, origin + faulty + "\r\n" + dataLine, line, fault);
}

/// The faulty line stands in the data section: line 6.
void dataRow(Rows &rows, const char *name, const QByteArray &faulty, const char *fault,
             int line = 6)
{
    row(rows, name, QByteArray(origin) + dataLine + faulty + "\r\na=mid:end\r\n", line, fault);
}

/// The faulty line stands in a video section: line 6.
void videoRow(Rows &rows, const char *name, const QByteArray &faulty, const char *fault,
              int line = 6)
{
    row(rows, name, QByteArray(origin) + videoLine + faulty + "\r\na=mid:end\r\n", line, fault);
}

/// The m= line itself: line 5.
void mediaLineRow(Rows &rows, const char *name, const QByteArray &faulty, const char *fault)
{
    row(rows, name, origin + faulty + "\r\na=mid:0\r\n", 5, fault);
}

void addWholeRows(Rows &rows)
{
    row(rows, "empty", "", 0, "empty");
    row(rows, "too long", origin + QByteArray(64 * 1024, 'x'), 0, "64 KiB");
    row(rows, "not a description", "hello", 1, "v=0");
    row(rows, "an empty first line", QByteArray("\r\n") + origin, 1, "v=0");
    row(rows, "another version", "v=1\r\no=- 1 1 IN IP4 0.0.0.0\r\n", 1, "v=0");
    row(rows, "version with a space", "v=0 \r\no=- 1 1 IN IP4 0.0.0.0\r\n", 1, "v=0");
    row(rows, "JSON", "{\"type\":\"offer\"}", 1, "v=0");
    row(rows, "a byte order mark", QByteArray("\xef\xbb\xbf") + origin, 1, "v=0");
    row(rows, "version alone", "v=0\r\n", 0, "o=");
    row(rows, "no origin", QByteArray("v=0\r\ns=-\r\n") + dataLine, 3, "o=");
    row(rows, "CR alone for line ends", QByteArray(origin).replace('\n', ""), 1, "CR");
    row(rows, "a NUL", origin + QByteArray("a=x\0y\r\n", 7), 5, "NUL");
    row(rows, "a CR inside a line", QByteArray(origin) + "a=x\ry\r\n", 5, "CR");
    row(rows, "two CR at a line end", QByteArray(origin) + "a=x\r\r\n", 5, "CR");
}

void addOriginRows(Rows &rows)
{
    const auto originRow = [&rows](const char *name, const char *line) {
        row(rows, name, QByteArray("v=0\r\n") + line + "\r\ns=-\r\n", 2, "o=");
    };
    originRow("origin without anything", "o=");
    originRow("origin of a user alone", "o=-");
    originRow("origin without a version", "o=- 1");
    originRow("origin with an id of letters", "o=- abc 1 IN IP4 0.0.0.0");
    originRow("origin with a negative id", "o=- -1 1 IN IP4 0.0.0.0");
    originRow("origin with an id of 65 bits", "o=- 18446744073709551616 1 IN IP4 0.0.0.0");
    originRow("origin with a version of 65 bits", "o=- 1 18446744073709551616 IN IP4 0.0.0.0");
    originRow("origin with a version of letters", "o=- 1 x IN IP4 0.0.0.0");
    sessionRow(rows, "a second origin", "o=- 1 1 IN IP4 0.0.0.0", "twice");
    sessionRow(rows, "a second version", "v=0", "twice");
    dataRow(rows, "an origin in a section", "o=- 1 1 IN IP4 0.0.0.0", "twice");
}

void addLineRows(Rows &rows)
{
    sessionRow(rows, "a line without an equals sign", "hello", "type=value");
    sessionRow(rows, "a line of one character", "a", "type=value");
    sessionRow(rows, "a line without a type", "=x", "type=value");
    sessionRow(rows, "a type in upper case", "A=mid:0", "type=value");
    sessionRow(rows, "a space before the type", " a=mid:0", "type=value");
    sessionRow(rows, "a space before the equals sign", "a =mid:0", "type=value");
    dataRow(rows, "a candidate line without a=", "candidate:1 1 udp 1 192.0.2.1 9 typ host",
            "type=value");
    dataRow(rows, "spaces for an empty line", "  ", "type=value");
}

void addMediaLineRows(Rows &rows)
{
    mediaLineRow(rows, "section without anything", "m=", "name");
    mediaLineRow(rows, "media name with a slash", "m=au/dio 9 RTP/SAVPF 0", "name");
    mediaLineRow(rows, "section without a port", "m=audio", "port");
    mediaLineRow(rows, "port 65536", "m=audio 65536 RTP/SAVPF 0", "port");
    mediaLineRow(rows, "port -1", "m=audio -1 RTP/SAVPF 0", "port");
    mediaLineRow(rows, "port of letters", "m=audio x RTP/SAVPF 0", "port");
    mediaLineRow(rows, "port with an empty count", "m=audio 9/ RTP/SAVPF 0", "port");
    mediaLineRow(rows, "port with a count of letters", "m=audio 9/x RTP/SAVPF 0", "port");
    mediaLineRow(rows, "section without a protocol", "m=audio 9", "protocol");
    mediaLineRow(rows, "protocol with an empty part", "m=audio 9 UDP//RTP 0", "protocol");
    mediaLineRow(rows, "protocol that ends in a slash", "m=audio 9 UDP/ 0", "protocol");
    mediaLineRow(rows, "protocol of 66 characters",
                 "m=audio 9 " + QByteArray("UDP/XY").repeated(11) + " 0", "protocol");
    mediaLineRow(rows, "section without formats", "m=audio 9 RTP/SAVPF", "format");
    mediaLineRow(rows, "section with spaces for formats", "m=audio 9 RTP/SAVPF   ", "format");
    mediaLineRow(rows, "formats of 2049 octets", "m=text 9 X " + QByteArray(2049, '1'), "format");
    mediaLineRow(rows, "formats with a tab", "m=text 9 X 1\t2", "format");
    mediaLineRow(rows, "payload type 128", "m=audio 9 RTP/SAVPF 0 128", "payload type");
    mediaLineRow(rows, "payload type of letters", "m=audio 9 RTP/SAVPF opus", "payload type");
    mediaLineRow(rows, "payload type -1", "m=audio 9 RTP/SAVPF -1", "payload type");
    row(rows, "33 sections", origin + QByteArray(dataLine).repeated(33), 37, "32");
}

void addIceRows(Rows &rows)
{
    const QByteArray password = "a=ice-pwd:1234567890123456789012";
    dataRow(rows, "empty ufrag", "a=ice-ufrag:", "ice-ufrag");
    dataRow(rows, "ufrag without a value", "a=ice-ufrag", "ice-ufrag");
    dataRow(rows, "ufrag of three characters", "a=ice-ufrag:abc", "ice-ufrag");
    dataRow(rows, "ufrag of 257 characters", "a=ice-ufrag:" + QByteArray(257, 'u'), "ice-ufrag");
    dataRow(rows, "ufrag with a colon", "a=ice-ufrag:ab:cd", "ice-ufrag");
    dataRow(rows, "ufrag with a space", "a=ice-ufrag:ab cd", "ice-ufrag");
    dataRow(rows, "ufrag with an umlaut", "a=ice-ufrag:abc\xc3\xa4", "ice-ufrag");
    dataRow(rows, "a second ufrag", "a=ice-ufrag:abcd\r\na=ice-ufrag:abcd", "twice", 7);
    sessionRow(rows, "a second ufrag at session level", "a=ice-ufrag:abcd\r\na=ice-ufrag:efgh",
               "twice", 6);
    dataRow(rows, "password of 21 characters", "a=ice-pwd:123456789012345678901", "ice-pwd");
    dataRow(rows, "password of 257 characters", "a=ice-pwd:" + QByteArray(257, 'p'), "ice-pwd");
    dataRow(rows, "password with an equals sign", password + '=', "ice-pwd");
    dataRow(rows, "a second password", password + "\r\n" + password, "twice", 7);
    dataRow(rows, "ufrag without a password", "a=ice-ufrag:abcd", "only one", 5);
    dataRow(rows, "password without a ufrag", password, "only one", 5);
    sessionRow(rows, "password without a ufrag at session level", password, "only one", 6);
    dataRow(rows, "an option in quotes", "a=ice-options:\"trickle\"", "token");
    dataRow(rows, "an option between two commas", "a=ice-options:a,,b", "token");
    dataRow(rows, "an option of 65 characters", "a=ice-options:" + QByteArray(65, 'o'), "token");
    dataRow(rows, "17 options", "a=ice-options:1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17", "16");
    row(rows, "17 options in both levels together",
        QByteArray(origin) + "a=ice-options:1 2 3 4 5 6 7 8 9\r\n" + dataLine
            + "a=ice-options:11 12 13 14 15 16 17 18\r\n",
        6, "16");
    sessionRow(rows, "pacing of letters", "a=ice-pacing:fast", "milliseconds");
    sessionRow(rows, "pacing without a value", "a=ice-pacing", "milliseconds");
    sessionRow(rows, "pacing negative", "a=ice-pacing:-5", "milliseconds");
    sessionRow(rows, "pacing above a day", "a=ice-pacing:86400001", "milliseconds");
    sessionRow(rows, "pacing twice", "a=ice-pacing:5\r\na=ice-pacing:5", "twice", 6);
    dataRow(rows, "a candidate without anything", "a=candidate:", "foundation");
    dataRow(rows, "a candidate attribute without a value", "a=candidate", "begin");
    dataRow(rows, "a candidate with a bad priority", "a=candidate:1 1 udp x 192.0.2.1 9 typ host",
            "priority");
    dataRow(rows, "257 candidates",
            QByteArray("a=candidate:1 1 udp 1 192.0.2.1 9 typ host\r\n").repeated(256)
                + "a=candidate:1 1 udp 1 192.0.2.1 9 typ host",
            "256", 262);
}

void addDtlsRows(Rows &rows)
{
    const QByteArray digest = QByteArray("00:").repeated(32).chopped(1);
    dataRow(rows, "empty fingerprint", "a=fingerprint:", "hash function");
    dataRow(rows, "fingerprint without a digest", "a=fingerprint:sha-256", "digest");
    dataRow(rows, "fingerprint without a function", "a=fingerprint:" + digest, "hash function");
    dataRow(rows, "digest of 31 octets", "a=fingerprint:sha-256 " + digest.chopped(3), "length");
    dataRow(rows, "digest of 33 octets", "a=fingerprint:sha-256 " + digest + ":00", "length");
    dataRow(rows, "digest of another function", "a=fingerprint:sha-512 " + digest, "length");
    dataRow(rows, "digest that ends in a colon", "a=fingerprint:sha-256 " + digest + ':', "digest");
    dataRow(rows, "digest without colons", "a=fingerprint:sha-256 " + QByteArray(64, '0'),
            "digest");
    dataRow(rows, "digest of one digit", "a=fingerprint:x 0", "digest");
    dataRow(rows, "digest of three digits", "a=fingerprint:x 000", "digest");
    dataRow(rows, "digest with a letter that is no digit", "a=fingerprint:x 0g", "digest");
    dataRow(rows, "digest with a sign", "a=fingerprint:x +1", "digest");
    dataRow(rows, "digest of 65 octets",
            "a=fingerprint:x " + QByteArray("00:").repeated(65).chopped(1), "digest");
    dataRow(rows, "nine fingerprints",
            QByteArray("a=fingerprint:x 00\r\n").repeated(8) + "a=fingerprint:x 00", "more than 8",
            14);
    dataRow(rows, "empty setup", "a=setup:", "actpass");
    dataRow(rows, "setup in upper case", "a=setup:ACTIVE", "actpass");
    dataRow(rows, "an unknown setup", "a=setup:both", "actpass");
    dataRow(rows, "a second setup", "a=setup:active\r\na=setup:passive", "twice", 7);
    sessionRow(rows, "an unknown setup at session level", "a=setup:x", "actpass");
}

void addBundleRows(Rows &rows)
{
    dataRow(rows, "empty mid", "a=mid:", "token");
    dataRow(rows, "mid without a value", "a=mid", "token");
    dataRow(rows, "mid with a space", "a=mid:a b", "token");
    dataRow(rows, "mid with a comma", "a=mid:a,b", "token");
    dataRow(rows, "mid of 65 characters", "a=mid:" + QByteArray(65, 'm'), "token");
    dataRow(rows, "mid with an umlaut", "a=mid:\xc3\xa4", "token");
    dataRow(rows, "a second mid", "a=mid:0\r\na=mid:0", "twice", 7);
    row(rows, "two sections of one mid",
        QByteArray(origin) + dataLine + "a=mid:0\r\n" + dataLine + "a=mid:0\r\n", 7, "mid");
    sessionRow(rows, "a bundle with an unknown section", "a=group:BUNDLE 7", "not there");
    sessionRow(rows, "a bundle with a section twice", "a=group:BUNDLE 0 0", "twice");
    sessionRow(rows, "a bundle of 33",
               "a=group:BUNDLE 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 "
               "26 27 28 29 30 31 32 33",
               "32");
}

void addDataRows(Rows &rows)
{
    dataRow(rows, "empty SCTP port", "a=sctp-port:", "sctp-port");
    dataRow(rows, "SCTP port 65536", "a=sctp-port:65536", "sctp-port");
    dataRow(rows, "SCTP port of letters", "a=sctp-port:x", "sctp-port");
    dataRow(rows, "a second SCTP port", "a=sctp-port:5000\r\na=sctp-port:5000", "twice", 7);
    dataRow(rows, "message size negative", "a=max-message-size:-1", "max-message-size");
    dataRow(rows, "message size of 65 bits", "a=max-message-size:18446744073709551616",
            "max-message-size");
    dataRow(rows, "message size with a unit", "a=max-message-size:64k", "max-message-size");
    dataRow(rows, "a second message size", "a=max-message-size:1\r\na=max-message-size:1", "twice",
            7);
}

void addIdentityRows(Rows &rows)
{
    sessionRow(rows, "empty identity", "a=peer-identity:", "base64url");
    sessionRow(rows, "identity without a signature", "a=peer-identity:MFkw", "base64url");
    sessionRow(rows, "identity with three values", "a=peer-identity:MFkw c2ln eA", "base64url");
    sessionRow(rows, "identity in plain base64", "a=peer-identity:MF+w c2ln", "base64url");
    sessionRow(rows, "identity with padding", "a=peer-identity:MFkw c2lnYQ==", "base64url");
    sessionRow(rows, "identity with a key of 513 characters",
               "a=peer-identity:" + QByteArray(513, 'A') + " c2ln", "base64url");
    sessionRow(rows, "identity twice", "a=peer-identity:MFkw c2ln\r\na=peer-identity:MFkw c2ln",
               "twice", 6);
}

void addRtpRows(Rows &rows)
{
    videoRow(rows, "rtpmap without anything", "a=rtpmap:", "payload type");
    videoRow(rows, "rtpmap of type 128", "a=rtpmap:128 VP8/90000", "payload type");
    videoRow(rows, "rtpmap without an encoding", "a=rtpmap:96", "encoding");
    videoRow(rows, "rtpmap without a clock rate", "a=rtpmap:96 VP8", "clock rate");
    videoRow(rows, "rtpmap with clock rate 0", "a=rtpmap:96 VP8/0", "clock rate");
    videoRow(rows, "rtpmap with a clock rate of 33 bits", "a=rtpmap:96 VP8/4294967296",
             "clock rate");
    videoRow(rows, "rtpmap with empty channels", "a=rtpmap:96 VP8/90000/", "channels");
    videoRow(rows, "rtpmap with 256 channels", "a=rtpmap:96 VP8/90000/256", "channels");
    videoRow(rows, "fmtp without a type", "a=fmtp:apt=96", "payload type");
    videoRow(rows, "fmtp of 2049 octets", "a=fmtp:96 " + QByteArray(2049, 'x'), "2048");
    videoRow(rows, "fmtp of 2049 octets in two lines",
             "a=fmtp:96 " + QByteArray(1024, 'x') + "\r\na=fmtp:96 " + QByteArray(1024, 'x'),
             "2048", 7);
    videoRow(rows, "fmtp with a tab", "a=fmtp:96 a\tb", "control");
    videoRow(rows, "feedback without a kind", "a=rtcp-fb:96", "feedback");
    videoRow(rows, "feedback without a type", "a=rtcp-fb:nack pli", "payload type");
    videoRow(rows, "feedback of 129 octets", "a=rtcp-fb:* " + QByteArray(129, 'x'), "128");
    QByteArray feedback;
    for (int index = 0; index < 9; ++index) {
        const QByteArray number = QByteArray::number(index);
        feedback += "a=rtcp-fb:* s" + number + "\r\na=rtcp-fb:96 m" + number + "\r\n";
    }
    videoRow(rows, "18 kinds of feedback", feedback, "16", 5);
    videoRow(rows, "extmap without anything", "a=extmap:", "id");
    videoRow(rows, "extmap 0", "a=extmap:0 urn:x", "id");
    videoRow(rows, "extmap 4352", "a=extmap:4352 urn:x", "id");
    videoRow(rows, "extmap without a URI", "a=extmap:1", "URI");
    videoRow(rows, "extmap with an unknown direction", "a=extmap:1/both urn:x", "direction");
    videoRow(rows, "extmap with an empty direction", "a=extmap:1/ urn:x", "direction");
    videoRow(rows, "one extmap id for two", "a=extmap:1 urn:x\r\na=extmap:1 urn:y", "twice", 7);
    QByteArray extensions;
    for (int index = 1; index <= 65; ++index)
        extensions += "a=extmap:" + QByteArray::number(index) + " urn:x\r\n";
    videoRow(rows, "65 extensions", extensions, "64", 70);
    videoRow(rows, "ssrc of letters", "a=ssrc:x cname:y", "source");
    videoRow(rows, "ssrc of 33 bits", "a=ssrc:4294967296 cname:y", "source");
    videoRow(rows, "cname with a control character", "a=ssrc:1 cname:a\x01", "control");
    QByteArray sources;
    for (int index = 1; index <= 129; ++index)
        sources += "a=ssrc:" + QByteArray::number(index) + " cname:x\r\n";
    videoRow(rows, "129 sources", sources, "128", 134);
    videoRow(rows, "FID of one source", "a=ssrc-group:FID 1", "two sources");
    videoRow(rows, "FID of three sources", "a=ssrc-group:FID 1 2 3", "two sources");
    videoRow(rows, "65 groups", QByteArray("a=ssrc-group:FID 1 2\r\n").repeated(65), "64", 70);
    videoRow(rows, "empty msid", "a=msid:", "msid");
    videoRow(rows, "msid of 2049 octets", "a=msid:" + QByteArray(2049, 'x'), "2048");
    videoRow(rows, "two directions", "a=sendonly\r\na=recvonly", "direction", 7);
    sessionRow(rows, "two directions at session level", "a=sendonly\r\na=recvonly", "direction", 6);
    sessionRow(rows, "a bad extmap at session level", "a=extmap:0 urn:x", "id");
}

} // namespace

std::vector<MalformedDescription> malformedDescriptions()
{
    Rows rows;
    addWholeRows(rows);
    addOriginRows(rows);
    addLineRows(rows);
    addMediaLineRows(rows);
    addIceRows(rows);
    addDtlsRows(rows);
    addBundleRows(rows);
    addDataRows(rows);
    addIdentityRows(rows);
    addRtpRows(rows);
    return rows;
}

} // namespace peer::test
