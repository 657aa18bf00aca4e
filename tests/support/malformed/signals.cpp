// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "support/malformed/malformed.h"

namespace peer::test {

std::vector<MalformedText> malformedCandidates()
{
    std::vector<MalformedText> rows;
    const auto row = [&rows](const char *name, const QByteArray &text, const char *fault) {
        rows.push_back({name, text, fault});
    };
    const QByteArray rest = " 1 udp 1 192.0.2.3 443 typ host";
    row("empty", "", "begin");
    row("prefix alone", "candidate:", "foundation");
    row("another attribute", "a=mid:0", "begin");
    row("prefix in upper case", "CANDIDATE:1" + rest, "begin");
    row("a space before it", " candidate:1" + rest, "begin");
    row("a= twice", "a=a=candidate:1" + rest, "begin");
    row("foundation with a colon", "candidate:a:b" + rest, "foundation");
    row("foundation of 33 characters", "candidate:" + QByteArray(33, 'a') + rest, "foundation");
    row("component 0", "candidate:1 0 udp 1 192.0.2.3 443 typ host", "component");
    row("component 257", "candidate:1 257 udp 1 192.0.2.3 443 typ host", "component");
    row("component with a sign", "candidate:1 +1 udp 1 192.0.2.3 443 typ host", "component");
    row("component with letters", "candidate:1 1x udp 1 192.0.2.3 443 typ host", "component");
    row("component missing", "candidate:1", "component");
    row("priority missing", "candidate:1 1 udp", "priority");
    row("priority negative", "candidate:1 1 udp -1 192.0.2.3 443 typ host", "priority");
    row("priority of 33 bits", "candidate:1 1 udp 4294967296 192.0.2.3 443 typ host", "priority");
    row("priority of 65 bits", "candidate:1 1 udp 18446744073709551616 192.0.2.3 443 typ host",
        "priority");
    row("priority in hexadecimal", "candidate:1 1 udp 0x10 192.0.2.3 443 typ host", "priority");
    row("address missing", "candidate:1 1 udp 1", "port");
    row("address of three octets", "candidate:1 1 udp 1 192.0.2 443 typ host", "address");
    row("address octet of 256", "candidate:1 1 udp 1 192.0.2.256 443 typ host", "address");
    row("address as one number", "candidate:1 1 udp 1 3221225985 443 typ host", "address");
    row("IPv6 in brackets", "candidate:1 1 udp 1 [2001:db8::1] 443 typ host", "address");
    row("IPv6 with nine groups", "candidate:1 1 udp 1 1:2:3:4:5:6:7:8:9 443 typ host", "address");
    row("name with an empty label", "candidate:1 1 udp 1 a..local 443 typ host", "address");
    row("name with a trailing dot", "candidate:1 1 udp 1 a.local. 443 typ host", "address");
    row("name with a slash", "candidate:1 1 udp 1 a/b 443 typ host", "address");
    row("name with a label of 64",
        "candidate:1 1 udp 1 " + QByteArray(64, 'a') + ".local 443 typ host", "address");
    row("name of 254 octets",
        "candidate:1 1 udp 1 " + QByteArray("a123456789.").repeated(23) + "b 443 typ host",
        "address");
    row("port missing", "candidate:1 1 udp 1 192.0.2.3", "port");
    row("port 65536", "candidate:1 1 udp 1 192.0.2.3 65536 typ host", "port");
    row("port with letters", "candidate:1 1 udp 1 192.0.2.3 http typ host", "port");
    row("typ missing", "candidate:1 1 udp 1 192.0.2.3 443", "typ");
    row("typ misspelt", "candidate:1 1 udp 1 192.0.2.3 443 type host", "typ");
    row("type missing", "candidate:1 1 udp 1 192.0.2.3 443 typ", "type");
    row("raddr without a value", "candidate:1 1 udp 1 192.0.2.3 443 typ srflx raddr", "raddr");
    row("rport without a value",
        "candidate:1 1 udp 1 192.0.2.3 443 typ srflx raddr 192.0.2.4 rport", "rport");
    row("rport 65536", "candidate:1 1 udp 1 192.0.2.3 443 typ srflx raddr 192.0.2.4 rport 65536",
        "rport");
    row("ufrag of three characters", "candidate:1 1 udp 1 192.0.2.3 443 typ host ufrag abc",
        "ufrag");
    row("ufrag with a colon", "candidate:1 1 udp 1 192.0.2.3 443 typ host ufrag ab:cd", "ufrag");
    row("a tab for a space", "candidate:1\t1 udp 1 192.0.2.3 443 typ host", "control");
    row("a line end inside", "candidate:1 1 udp 1 192.0.2.3 443 typ host\r\na=mid:0", "control");
    row("a NUL", "candidate:1" + rest + QByteArray(" \0", 2), "control");
    row("1025 octets", ("candidate:1" + rest).leftJustified(1025), "1024");
    return rows;
}

std::vector<MalformedText> malformedSignals()
{
    std::vector<MalformedText> rows;
    const auto row = [&rows](const char *name, const QByteArray &text, const char *fault) {
        rows.push_back({name, text, fault});
    };
    row("empty", "", "JSON");
    row("not JSON", "offer", "JSON");
    row("SDP alone", "v=0\r\n", "JSON");
    row("cut off", R"({"type":"bye")", "JSON");
    row("two objects", R"({"type":"bye"}{"type":"bye"})", "JSON");
    row("a NUL behind", QByteArray("{\"type\":\"bye\"}\0", 15), "JSON");
    row("bad UTF-8", "{\"type\":\"bye\",\"text\":\"\xff\"}", "JSON");
    row("an array", R"([{"type":"bye"}])", "object");
    row("nested too deep", QByteArray(2000, '['), "JSON");
    row("no members", "{}", "type");
    row("no type", R"({"sdp":"v=0"})", "type");
    row("type is a number", R"({"type":1})", "type");
    row("type in upper case", R"({"type":"OFFER","sdp":"v=0"})", "unknown type");
    row("provisional answer", R"({"type":"pranswer","sdp":"v=0"})", "unknown type");
    row("empty type", R"({"type":""})", "unknown type");
    row("offer without sdp", R"({"type":"offer"})", "sdp");
    row("offer with empty sdp", R"({"type":"offer","sdp":""})", "sdp");
    row("offer with null sdp", R"({"type":"offer","sdp":null})", "sdp");
    row("answer with sdp of an object", R"({"type":"answer","sdp":{}})", "sdp");
    row("candidate is a number", R"({"candidate":1})", "candidate");
    row("candidate is a list", R"({"candidate":[]})", "candidate");
    row("candidate wrapped twice", R"({"candidate":{"candidate":{}}})", "candidate");
    row("candidate of 1025 bytes", "{\"candidate\":\"" + QByteArray(1025, 'c') + "\"}",
        "candidate");
    row("mid is a number", R"({"candidate":"","sdpMid":0})", "sdpMid");
    row("mid of 65 bytes", "{\"candidate\":\"\",\"sdpMid\":\"" + QByteArray(65, 'm') + "\"}",
        "sdpMid");
    row("fragment of 257 bytes",
        "{\"candidate\":\"\",\"usernameFragment\":\"" + QByteArray(257, 'f') + "\"}",
        "usernameFragment");
    row("reason is a number", R"({"type":"bye","reason":1})", "reason");
    row("text is an object", R"({"type":"bye","text":{}})", "text");
    row("text of 1025 bytes", "{\"type\":\"bye\",\"text\":\"" + QByteArray(1025, 't') + "\"}",
        "text");
    row("text of 1026 bytes in 513 characters",
        "{\"type\":\"bye\",\"text\":\"" + QByteArray("\xc3\xa4").repeated(513) + "\"}", "text");
    row("ack without ack", R"({"type":"ack"})", "ack");
    row("ack with null", R"({"type":"ack","ack":null})", "ack");
    row("ack negative", R"({"type":"ack","ack":-1})", "ack");
    row("ack with a fraction", R"({"type":"ack","ack":1.5})", "ack");
    row("ack as text", R"({"type":"ack","ack":"1"})", "ack");
    row("ack of 2^53", R"({"type":"ack","ack":9007199254740992})", "ack");
    row("ack beyond 64 bits", R"({"type":"ack","ack":1e300})", "ack");
    row("seq negative", R"({"type":"bye","seq":-1})", "seq");
    row("seq of 2^53", R"({"type":"bye","seq":9007199254740992})", "seq");
    row("seq true", R"({"type":"bye","seq":true})", "seq");
    row("call is a number", R"({"type":"bye","call":1})", "call");
    row("call of 65 characters", "{\"type\":\"bye\",\"call\":\"" + QByteArray(65, 'c') + "\"}",
        "call");
    row("call with a space", R"({"type":"bye","call":"a b"})", "call");
    row("call with an umlaut", "{\"type\":\"bye\",\"call\":\"\xc3\xa4\"}", "call");
    row("call with a NUL", R"({"type":"bye","call":"a\u0000"})", "call");
    return rows;
}

} // namespace peer::test
