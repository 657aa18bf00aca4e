// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "parsing.h"

using peer::sdp::SessionDescription;

class tst_DescriptionBounds : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void boundsAreInclusive_data();
    void boundsAreInclusive();
};

void tst_DescriptionBounds::boundsAreInclusive_data()
{
    QTest::addColumn<QByteArray>("text");

    const auto row = [](const char *name, const QByteArray &sessionLines,
                        const QByteArray &mediaLines,
                        const char *mediaLine = "m=video 9 UDP/TLS/RTP/SAVPF 96\n") {
        QTest::newRow(name) << withLines(sessionLines.constData(), mediaLines.constData(),
                                         mediaLine);
    };
    const auto numbered = [](int count, const char *before, const char *after) {
        QByteArray lines;
        for (int index = 1; index <= count; ++index)
            lines += before + QByteArray::number(index) + after;
        return lines;
    };
    row("32 sections", "", QByteArray("m=audio 9 RTP/SAVPF 0\n").repeated(31));
    row("256 candidates", "",
        QByteArray("a=candidate:1 1 udp 1 192.0.2.3 443 typ host\n").repeated(256));
    row("a mid of 64", "", "a=mid:" + QByteArray(64, 'm') + '\n');
    row("shortest credentials", "", "a=ice-ufrag:1234\na=ice-pwd:1234567890123456789012\n");
    row("longest credentials", "",
        "a=ice-ufrag:" + QByteArray(256, 'u') + "\na=ice-pwd:" + QByteArray(256, 'p') + '\n');
    row("16 options in both levels together", numbered(8, "a=ice-options:s", "\n"),
        numbered(8, "a=ice-options:m", "\n"));
    row("8 fingerprints", "", QByteArray("a=fingerprint:x 00\n").repeated(8));
    row("a digest of 64 octets", "",
        "a=fingerprint:x " + QByteArray("ab:").repeated(64).chopped(1) + '\n');
    row("16 kinds of feedback", "",
        numbered(8, "a=rtcp-fb:96 a", "\n") + numbered(8, "a=rtcp-fb:* b", "\n"));
    row("64 extensions in both levels together", numbered(32, "a=extmap:", " urn:x\n"),
        numbered(32, "a=extmap:20", " urn:x\n"));
    row("128 sources", "", numbered(128, "a=ssrc:", " cname:x\n"));
    row("64 groups", "", QByteArray("a=ssrc-group:FID 1 2\n").repeated(64));
    row("parameters of 2048 octets", "", "a=fmtp:96 " + QByteArray(2048, 'x') + '\n');
    row("pacing of a day", "a=ice-pacing:86400000\n", "");
    row("largest numbers", "", "a=sctp-port:65535\na=max-message-size:18446744073709551615\n",
        "m=application 65535 UDP/DTLS/SCTP webrtc-datachannel\n");
    QTest::newRow("largest origin")
        << QByteArray("v=0\no=- 18446744073709551615 18446744073709551615 IN IP4 0.0.0.0\n");
    const QByteArray head = withLines("", "");
    QTest::newRow("64 KiB") << head + "x=" + QByteArray(64 * 1024 - head.size() - 2, 'y');
}

void tst_DescriptionBounds::boundsAreInclusive()
{
    QFETCH(QByteArray, text);
    const SessionDescription description = parsed(text);
    QVERIFY(parsed(QByteArray::fromStdString(description.toString())) == description);
}

QTEST_APPLESS_MAIN(tst_DescriptionBounds)

#include "tst_descriptionbounds.moc"
