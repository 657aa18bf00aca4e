// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "signaling/protocolmessages.h"

#include <QtTest/qtest.h>

using namespace Qt::StringLiterals;
using namespace peer::rendezvous;
using Kind = MessageError::Kind;

Q_DECLARE_METATYPE(ServerMessage)
Q_DECLARE_METATYPE(ClientMessage)

namespace {

// 32 octets of 0 and 64 octets of 0.
const QByteArray Challenge43 = QByteArray(43, 'A');
const QByteArray Signature86 = QByteArray(86, 'A');
const QByteArray Call22 = "abcdefghijklmnopqrstuv"_ba;
const QByteArray Id52 = QByteArray(52, 'a');

const QJsonObject Signal{{"type"_L1, "offer"_L1}, {"sdp"_L1, "v=0\r\n"_L1}, {"seq"_L1, 1}};

QByteArray hello(const QByteArray &rest = {})
{
    const QByteArray version = ownProtocolVersion.toString().toUtf8();
    return R"({"type":"hello","version":)" + ('"' + version + '"') + rest + '}';
}

QByteArray identity(const QByteArray &key, const QByteArray &signature, const QByteArray &host,
                    const QByteArray &pin)
{
    return hello(R"(,"identity":{"key":")" + key + R"(","signature":")" + signature
                 + R"(","host":")" + host + R"(","pin":")" + pin + R"("})");
}

QByteArray welcome(const QByteArray &version, const QByteArray &challenge, const QByteArray &stun,
                   const QByteArray &limits)
{
    return R"({"type":"welcome","version":)" + version + R"(,"challenge":)" + challenge
        + R"(,"stun":)" + stun + R"(,"limits":)" + limits + '}';
}

const QByteArray Limits = R"({"message":1000,"calls":5,"names":2})";

QByteArray quoted(const QByteArray &text)
{
    return '"' + text + '"';
}

} // namespace

class tst_ProtocolMessages : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void readsWhatItWritesOfAServer_data();
    void readsWhatItWritesOfAServer();
    void readsWhatItWritesOfAClient_data();
    void readsWhatItWritesOfAClient();
    void refusesMalformedClientMessages_data();
    void refusesMalformedClientMessages();
    void refusesMalformedServerMessages_data();
    void refusesMalformedServerMessages();
    void leavesUnknownTypesToLaterVersions();
    void ignoresUnknownMembers();
    void looksAtNothingButTheVersionOfAnotherMajor();
    void readsVersions_data();
    void readsVersions();
    void checksNames_data();
    void checksNames();
    void checksServices();
};

void tst_ProtocolMessages::readsWhatItWritesOfAServer_data()
{
    QTest::addColumn<ServerMessage>("sent");
    QTest::newRow("welcome") << ServerMessage(message::Welcome{ownProtocolVersion,
                                                               QByteArray(32, '\x5a'),
                                                               {u"stun:rv.example:443"_s},
                                                               u"192.0.2.1:4711"_s,
                                                               {1000, 5, 2}});
    QTest::newRow("welcome without an address")
        << ServerMessage(message::Welcome{{1, 7}, QByteArray(32, '\0'), {}, {}, {1, 0, 0}});
    const message::TurnServers turn{
        {u"turn:t.example"_s, u"turns:t.example:443?transport=tcp"_s}, u"17:ab"_s, u"pw=="_s, 600};
    QTest::newRow("welcome with TURN") << ServerMessage(
        message::Welcome{ownProtocolVersion, QByteArray(32, '\1'), {}, {}, {1000, 5, 2}, turn});
    QTest::newRow("welcome without tunnels") << ServerMessage(message::Welcome{
        ownProtocolVersion, QByteArray(32, '\1'), {}, {}, {1000, 5, 2}, std::nullopt, false});
    QTest::newRow("ready with TURN") << ServerMessage(message::Ready{false, turn});
    QTest::newRow("turn") << ServerMessage(message::Turn{turn});
    QTest::newRow("routed") << ServerMessage(message::Routed{
        QString::fromLatin1(Call22), CallSide::Callee, {u"/tunnel"_s, u"secret"_s}});
    QTest::newRow("ready") << ServerMessage(message::Ready{true});
    QTest::newRow("registered") << ServerMessage(message::Registered{u"alice"_s});
    QTest::newRow("not registered, owned")
        << ServerMessage(message::NotRegistered{u"alice"_s, RegistrationFailure::Owned});
    QTest::newRow("not registered, unproven")
        << ServerMessage(message::NotRegistered{{}, RegistrationFailure::Unproven});
    QTest::newRow("not registered, limit")
        << ServerMessage(message::NotRegistered{u"alice"_s, RegistrationFailure::Limit});
    QTest::newRow("not registered, rate")
        << ServerMessage(message::NotRegistered{u"alice"_s, RegistrationFailure::Rate});
    QTest::newRow("replaced") << ServerMessage(message::Replaced{u"a.b-c_d~e"_s});
    QTest::newRow("incoming") << ServerMessage(
        message::Incoming{QString::fromLatin1(Call22), u"alice"_s, u"chat"_s, u"bob"_s,
                          QString::fromLatin1(Id52), Signal});
    QTest::newRow("incoming from a stranger") << ServerMessage(
        message::Incoming{QString::fromLatin1(Call22), u"alice"_s, {}, {}, {}, Signal});
    QTest::newRow("signal") << ServerMessage(
        message::Signal{QString::fromLatin1(Call22), CallSide::Callee, Signal});
    QTest::newRow("presence") << ServerMessage(
        message::Presence{QString::fromLatin1(Call22), CallSide::Callee, true});
    QTest::newRow("watched, online") << ServerMessage(message::Watched{u"alice"_s, true});
    QTest::newRow("watched, offline") << ServerMessage(message::Watched{u"alice"_s, false});
    QTest::newRow("not watched, limit")
        << ServerMessage(message::NotWatched{u"alice"_s, WatchFailure::Limit});
    QTest::newRow("not watched, rate")
        << ServerMessage(message::NotWatched{u"alice"_s, WatchFailure::Rate});
    QTest::newRow("minted") << ServerMessage(
        message::Minted{QString::fromLatin1(Call22), {u"/tunnel"_s, u"secret"_s}});
    QTest::newRow("not minted, none")
        << ServerMessage(message::NotMinted{QString::fromLatin1(Call22), MintFailure::None});
    QTest::newRow("not minted, rate")
        << ServerMessage(message::NotMinted{QString::fromLatin1(Call22), MintFailure::Rate});
    for (const CallFailure cause :
         {CallFailure::Offline, CallFailure::Limit, CallFailure::Rate, CallFailure::Unknown}) {
        QTest::addRow("failed %d", int(cause))
            << ServerMessage(message::Failed{QString::fromLatin1(Call22), cause});
    }
    for (const FatalError cause : {FatalError::Version, FatalError::Token, FatalError::Proof,
                                   FatalError::Malformed, FatalError::Rate, FatalError::Limit}) {
        QTest::addRow("error %d", int(cause))
            << ServerMessage(message::Error{cause, u"Why."_s, {1, 3}});
    }
}

void tst_ProtocolMessages::readsWhatItWritesOfAServer()
{
    QFETCH(ServerMessage, sent);
    const auto read = parseServerMessage(toJson(sent));
    QVERIFY2(read, read ? "" : qPrintable(read.error().text));
    QVERIFY(*read == sent);
}

void tst_ProtocolMessages::readsWhatItWritesOfAClient_data()
{
    QTest::addColumn<ClientMessage>("sent");
    QTest::newRow("hello") << ClientMessage(message::Hello{});
    QTest::newRow("hello with everything") << ClientMessage(
        message::Hello{{1, 2},
                       "to-ken"_ba,
                       message::Identity{QByteArray(91, '\1'), QByteArray(64, '\xff'),
                                         u"[2001:db8::1]:443"_s, QString::fromLatin1(Id52)},
                       QByteArray(32, '\x7f')});
    QTest::newRow("hello without TLS") << ClientMessage(message::Hello{
        ownProtocolVersion,
        {},
        message::Identity{QByteArray(91, '\1'), QByteArray(64, '\2'), u"localhost:1"_s, u"-"_s},
        {}});
    QTest::newRow("renew TURN") << ClientMessage(message::RenewTurn{});
    QTest::newRow("register") << ClientMessage(message::Register{u"alice"_s});
    QTest::newRow("register the id") << ClientMessage(message::Register{});
    QTest::newRow("unregister") << ClientMessage(message::Unregister{u"alice"_s});
    QTest::newRow("call") << ClientMessage(
        message::Call{QString::fromLatin1(Call22), u"alice"_s, u"chat & more"_s, Signal});
    QTest::newRow("call again") << ClientMessage(
        message::Call{QString::fromLatin1(Call22), u"alice"_s, {}, std::nullopt});
    QTest::newRow("signal") << ClientMessage(
        message::Signal{QString::fromLatin1(Call22), CallSide::Caller, Signal});
    QTest::newRow("end") << ClientMessage(
        message::End{QString::fromLatin1(Call22), CallSide::Callee});
    QTest::newRow("watch") << ClientMessage(message::Watch{u"alice"_s});
    QTest::newRow("unwatch") << ClientMessage(message::Unwatch{u"alice"_s});
    QTest::newRow("mint") << ClientMessage(message::Mint{QString::fromLatin1(Call22)});
}

void tst_ProtocolMessages::readsWhatItWritesOfAClient()
{
    QFETCH(ClientMessage, sent);
    const auto read = parseClientMessage(toJson(sent));
    QVERIFY2(read, read ? "" : qPrintable(read.error().text));
    QVERIFY(*read == sent);
}

void tst_ProtocolMessages::refusesMalformedClientMessages_data()
{
    QTest::addColumn<QByteArray>("text");
    const QByteArray key = QByteArray(122, 'A'); // 91 octets, and two stray bits of 0

    QTest::newRow("empty") << ""_ba;
    QTest::newRow("no JSON") << "hello"_ba;
    QTest::newRow("cut JSON") << R"({"type":"hello")"_ba;
    QTest::newRow("something behind it") << hello() + "x";
    QTest::newRow("two objects") << hello() + hello();
    QTest::newRow("array") << R"(["hello"])"_ba;
    QTest::newRow("number") << "1"_ba;
    QTest::newRow("null") << "null"_ba;
    QTest::newRow("invalid UTF-8") << "{\"type\":\"hello\",\"version\":\"1.0\",\"x\":\"\xff\"}"_ba;
    QTest::newRow("NUL octets") << QByteArray(10, '\0');
    QTest::newRow("nested too deeply") << QByteArray(2000, '[') + QByteArray(2000, ']');
    QTest::newRow("no type") << R"({"version":"1.0"})"_ba;
    QTest::newRow("type is a number") << R"({"type":1})"_ba;
    QTest::newRow("watch: no name") << R"({"type":"watch"})"_ba;
    QTest::newRow("watch: name is empty") << R"({"type":"watch","name":""})"_ba;
    QTest::newRow("watch: name is a list") << R"({"type":"watch","name":["a"]})"_ba;
    QTest::newRow("watch: name has a space") << R"({"type":"watch","name":"a b"})"_ba;
    QTest::newRow("unwatch: no name") << R"({"type":"unwatch"})"_ba;
    QTest::newRow("mint: no request") << R"({"type":"mint"})"_ba;
    QTest::newRow("mint: request is short") << R"({"type":"mint","request":"abc"})"_ba;
    QTest::newRow("mint: request is a number")
        << R"({"type":"mint","request":1234567890123456})"_ba;

    QTest::newRow("hello: no version") << R"({"type":"hello"})"_ba;
    QTest::newRow("hello: version is a number") << R"({"type":"hello","version":1.0})"_ba;
    QTest::newRow("hello: version without a dot") << R"({"type":"hello","version":"1"})"_ba;
    QTest::newRow("hello: token is a number") << hello(R"(,"token":1)");
    QTest::newRow("hello: token with a space") << hello(R"(,"token":"a b")");
    QTest::newRow("hello: token too long") << hello(R"(,"token":")" + QByteArray(257, 'x') + '"');
    QTest::newRow("hello: identity is a string") << hello(R"(,"identity":"me")");
    QTest::newRow("hello: identity is null") << hello(R"(,"identity":null)");
    QTest::newRow("hello: identity is empty") << hello(R"(,"identity":{})");
    QTest::newRow("hello: key is empty") << identity("", Signature86, "h:1", "-");
    QTest::newRow("hello: key is no base64url") << identity("++++", Signature86, "h:1", "-");
    QTest::newRow("hello: key too long") << identity(QByteArray(172, 'A'), Signature86, "h:1", "-");
    QTest::newRow("hello: key much too long")
        << identity(QByteArray(5000, 'A'), Signature86, "h:1", "-");
    QTest::newRow("hello: signature too short") << identity(key, QByteArray(83, 'A'), "h:1", "-");
    QTest::newRow("hello: signature too long") << identity(key, QByteArray(88, 'A'), "h:1", "-");
    QTest::newRow("hello: signature with padding")
        << identity(key, QByteArray(86, 'A') + "==", "h:1", "-");
    QTest::newRow("hello: host without a port") << identity(key, Signature86, "host", "-");
    QTest::newRow("hello: host with a space") << identity(key, Signature86, "ho st:1", "-");
    QTest::newRow("hello: host too long")
        << identity(key, Signature86, QByteArray(260, 'h') + ":1", "-");
    QTest::newRow("hello: pin is empty") << identity(key, Signature86, "h:1", "");
    QTest::newRow("hello: pin is too short") << identity(key, Signature86, "h:1", "aaaa");
    QTest::newRow("hello: pin in upper case")
        << identity(key, Signature86, "h:1", QByteArray(52, 'A'));
    QTest::newRow("hello: ticket is empty") << hello(R"(,"ticket":"")");
    QTest::newRow("hello: ticket too short") << hello(R"(,"ticket":"AAAA")");
    QTest::newRow("hello: ticket too long") << hello(R"(,"ticket":")" + QByteArray(44, 'A') + '"');
    QTest::newRow("hello: ticket is an object") << hello(R"(,"ticket":{})");

    QTest::newRow("register: name is a number") << R"({"type":"register","name":5})"_ba;
    QTest::newRow("register: name with a slash") << R"({"type":"register","name":"a/b"})"_ba;
    QTest::newRow("register: name too long")
        << R"({"type":"register","name":")"_ba + QByteArray(65, 'a') + R"("})";
    QTest::newRow("register: name in Greek") << "{\"type\":\"register\",\"name\":\"\xce\xb1\"}"_ba;
    QTest::newRow("unregister: no name") << R"({"type":"unregister"})"_ba;
    QTest::newRow("unregister: name is empty") << R"({"type":"unregister","name":""})"_ba;

    const auto call = [](const QByteArray &id, const QByteArray &to, const QByteArray &rest) {
        return R"({"type":"call","call":)" + id + R"(,"to":)" + to + rest + '}';
    };
    const QByteArray id = quoted(Call22);
    QTest::newRow("call: no call") << R"({"type":"call","to":"a","signal":{}})"_ba;
    QTest::newRow("call: call too short") << call(R"("abcdefghijklmno")", R"("a")", "");
    QTest::newRow("call: call too long") << call(quoted(QByteArray(65, 'a')), R"("a")", "");
    QTest::newRow("call: call with a blank") << call(R"("abcdefgh jklmnopq")", R"("a")", "");
    QTest::newRow("call: call with the client's own mark")
        << call(R"("@abcdefghijklmnopq")", R"("a")", "");
    QTest::newRow("call: call is a number") << call("1234567890123456", R"("a")", "");
    QTest::newRow("call: to nobody") << R"({"type":"call","call":"abcdefghijklmnop"})"_ba;
    QTest::newRow("call: to an empty name") << call(id, R"("")", "");
    QTest::newRow("call: to a bad name") << call(id, R"("a@b")", "");
    QTest::newRow("call: to an array") << call(id, R"(["a"])", "");
    QTest::newRow("call: service with a line break") << call(id, R"("a")", R"(,"service":"a\nb")");
    QTest::newRow("call: service too long")
        << call(id, R"("a")", R"(,"service":")" + QByteArray(256, 's') + '"');
    QTest::newRow("call: service too long in UTF-8")
        << call(id, R"("a")", R"(,"service":")" + QByteArray("\xc3\xa4").repeated(128) + '"');
    QTest::newRow("call: service is an object") << call(id, R"("a")", R"(,"service":{})");
    QTest::newRow("call: signal is a string") << call(id, R"("a")", R"(,"signal":"v=0")");
    QTest::newRow("call: signal is null") << call(id, R"("a")", R"(,"signal":null)");
    QTest::newRow("call: signal is an array") << call(id, R"("a")", R"(,"signal":[])");

    QTest::newRow("signal: no call") << R"({"type":"signal","side":"caller","signal":{}})"_ba;
    QTest::newRow("signal: no side") << R"({"type":"signal","call":)"_ba + id + R"(,"signal":{}})";
    QTest::newRow("signal: unknown side")
        << R"({"type":"signal","call":)"_ba + id + R"(,"side":"both","signal":{}})";
    QTest::newRow("signal: side is a number")
        << R"({"type":"signal","call":)"_ba + id + R"(,"side":0,"signal":{}})";
    QTest::newRow("signal: no signal")
        << R"({"type":"signal","call":)"_ba + id + R"(,"side":"caller"})";
    QTest::newRow("signal: signal is a number")
        << R"({"type":"signal","call":)"_ba + id + R"(,"side":"caller","signal":1})";
    QTest::newRow("end: no call") << R"({"type":"end","side":"caller"})"_ba;
    QTest::newRow("end: no side") << R"({"type":"end","call":)"_ba + id + '}';
}

void tst_ProtocolMessages::refusesMalformedClientMessages()
{
    QFETCH(QByteArray, text);
    const auto read = parseClientMessage(text);
    QVERIFY(!read);
    QCOMPARE(read.error().kind, Kind::Malformed);
    QVERIFY(read.error().text.endsWith(u'.'));
}

void tst_ProtocolMessages::refusesMalformedServerMessages_data()
{
    QTest::addColumn<QByteArray>("text");
    const QByteArray challenge = quoted(Challenge43);
    QTest::newRow("welcome: version is missing") << R"({"type":"welcome","challenge":)"_ba
            + challenge + R"(,"stun":[],"limits":)" + Limits + '}';
    QTest::newRow("welcome: version is negative") << welcome(R"("-1.0")", challenge, "[]", Limits);
    const auto turn = [](const QByteArray &rest) {
        return R"({"type":"turn","turn":{)" + rest + "}}";
    };
    QTest::newRow("turn: none") << R"({"type":"turn"})"_ba;
    QTest::newRow("turn: no URIs")
        << turn(R"("uris":[],"username":"u","password":"p","lifetime":1)");
    QTest::newRow("turn: a STUN URI")
        << turn(R"("uris":["stun:a"],"username":"u","password":"p","lifetime":1)");
    QTest::newRow("turn: no user name") << turn(R"("uris":["turn:a"],"password":"p","lifetime":1)");
    QTest::newRow("turn: password with a line feed")
        << turn(R"("uris":["turn:a"],"username":"u","password":"p\nq","lifetime":1)");
    QTest::newRow("turn: no lifetime")
        << turn(R"("uris":["turn:a"],"username":"u","password":"p","lifetime":0)");
    const auto routed = [](const QByteArray &tunnel) {
        return R"({"type":"routed","call":")" + Call22 + R"(","side":"caller","tunnel":)" + tunnel
            + '}';
    };
    QTest::newRow("routed: no tunnel") << routed("null");
    QTest::newRow("routed: no token") << routed(R"({"url":"/tunnel"})");
    QTest::newRow("routed: url is long")
        << routed(R"({"token":"t","url":"/)" + QByteArray(512, 'a') + R"("})");
    QTest::newRow("watched: no name") << R"({"type":"watched","online":true})"_ba;
    QTest::newRow("watched: online is a text")
        << R"({"type":"watched","name":"a","online":"yes"})"_ba;
    QTest::newRow("watched: online is missing") << R"({"type":"watched","name":"a"})"_ba;
    QTest::newRow("not watched: unknown cause")
        << R"({"type":"notwatched","name":"a","cause":"mood"})"_ba;
    QTest::newRow("minted: no tunnel")
        << R"({"type":"minted","request":"abcdefghijklmnopqrstuv"})"_ba;
    QTest::newRow("minted: tunnel without a token")
        << R"({"type":"minted","request":"abcdefghijklmnopqrstuv","tunnel":{"url":"/t"}})"_ba;
    QTest::newRow("not minted: unknown cause")
        << R"({"type":"notminted","request":"abcdefghijklmnopqrstuv","cause":"mood"})"_ba;
    QTest::newRow("welcome: challenge is short") << welcome(R"("1.0")", R"("AAAA")", "[]", Limits);
    QTest::newRow("welcome: challenge is a number") << welcome(R"("1.0")", "0", "[]", Limits);
    QTest::newRow("welcome: stun is a string")
        << welcome(R"("1.0")", challenge, R"("stun:a")", Limits);
    QTest::newRow("welcome: stun has another scheme")
        << welcome(R"("1.0")", challenge, R"(["http://a"])", Limits);
    QTest::newRow("welcome: stun has a blank")
        << welcome(R"("1.0")", challenge, R"(["stun:a b"])", Limits);
    QTest::newRow("welcome: stun has a number") << welcome(R"("1.0")", challenge, "[1]", Limits);
    QTest::newRow("welcome: too many of stun")
        << welcome(R"("1.0")", challenge,
                   "[" + QByteArray(R"("stun:a",)").repeated(8) + R"("stun:a"])", Limits);
    QTest::newRow("welcome: stun is too long")
        << welcome(R"("1.0")", challenge, R"(["stun:)" + QByteArray(300, 'a') + R"("])", Limits);
    QTest::newRow("welcome: no limits") << welcome(R"("1.0")", challenge, "[]", "null");
    QTest::newRow("welcome: limit of 0 octets")
        << welcome(R"("1.0")", challenge, "[]", R"({"message":0,"calls":1,"names":1})");
    QTest::newRow("welcome: limit is negative")
        << welcome(R"("1.0")", challenge, "[]", R"({"message":1,"calls":-1,"names":1})");
    QTest::newRow("welcome: limit is a fraction")
        << welcome(R"("1.0")", challenge, "[]", R"({"message":1.5,"calls":1,"names":1})");
    QTest::newRow("welcome: limit is huge")
        << welcome(R"("1.0")", challenge, "[]", R"({"message":1e300,"calls":1,"names":1})");
    QTest::newRow("welcome: limit is a string")
        << welcome(R"("1.0")", challenge, "[]", R"({"message":"1","calls":1,"names":1})");
    QTest::newRow("ready: resumed is missing") << R"({"type":"ready"})"_ba;
    QTest::newRow("ready: resumed is a number") << R"({"type":"ready","resumed":1})"_ba;
    QTest::newRow("registered: no name") << R"({"type":"registered"})"_ba;
    QTest::newRow("not registered: unknown cause")
        << R"({"type":"notregistered","name":"a","cause":"mood"})"_ba;
    QTest::newRow("replaced: bad name") << R"({"type":"replaced","name":"a b"})"_ba;
    QTest::newRow("incoming: no signal")
        << R"({"type":"incoming","call":)"_ba + quoted(Call22) + R"(,"to":"a"})";
    QTest::newRow("incoming: bad id") << R"({"type":"incoming","call":)"_ba + quoted(Call22)
            + R"(,"to":"a","id":"bob","signal":{}})";
    QTest::newRow("incoming: bad name") << R"({"type":"incoming","call":)"_ba + quoted(Call22)
            + R"(,"to":"a","name":"b b","signal":{}})";
    QTest::newRow("signal: no side")
        << R"({"type":"signal","call":)"_ba + quoted(Call22) + R"(,"signal":{}})";
    QTest::newRow("failed: no cause") << R"({"type":"failed","call":)"_ba + quoted(Call22) + '}';
    QTest::newRow("error: no version") << R"({"type":"error","cause":"rate"})"_ba;
    QTest::newRow("error: unknown cause")
        << R"({"type":"error","cause":"mood","version":"1.0"})"_ba;
    QTest::newRow("error: long text")
        << R"({"type":"error","cause":"rate","version":"1.0","text":")"_ba + QByteArray(513, 'x')
            + R"("})";
}

void tst_ProtocolMessages::refusesMalformedServerMessages()
{
    QFETCH(QByteArray, text);
    const auto read = parseServerMessage(text);
    QVERIFY(!read);
    QCOMPARE(read.error().kind, Kind::Malformed);
}

void tst_ProtocolMessages::leavesUnknownTypesToLaterVersions()
{
    const QByteArray later = R"({"type":"weather","rain":[1,2]})"_ba;
    QCOMPARE(parseServerMessage(later).error().kind, Kind::UnknownType);
    QCOMPARE(parseClientMessage(later).error().kind, Kind::UnknownType);
    // Each side has its own.
    QCOMPARE(parseClientMessage(toJson(ServerMessage(message::Ready{}))).error().kind,
             Kind::UnknownType);
}

void tst_ProtocolMessages::ignoresUnknownMembers()
{
    const auto read = parseClientMessage(hello(R"(,"colour":"blue","nested":{"a":[1]})"));
    QVERIFY(read);
    QVERIFY(*read == ClientMessage(message::Hello{}));
}

void tst_ProtocolMessages::looksAtNothingButTheVersionOfAnotherMajor()
{
    const auto greeting = parseServerMessage(
        R"({"type":"welcome","version":"2.1","challenge":7})"_ba);
    QVERIFY(greeting);
    QCOMPARE(std::get<message::Welcome>(*greeting).version, (ProtocolVersion{2, 1}));

    const auto answer = parseClientMessage(R"({"type":"hello","version":"0.9","token":[]})"_ba);
    QVERIFY(answer);
    QCOMPARE(std::get<message::Hello>(*answer).version, (ProtocolVersion{0, 9}));

    const auto error = parseServerMessage(R"({"type":"error","version":"3.0","why":1})"_ba);
    QVERIFY(error);
    QVERIFY(std::get<message::Error>(*error) == (message::Error{FatalError::Version, {}, {3, 0}}));
}

void tst_ProtocolMessages::readsVersions_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<bool>("isValid");
    QTest::newRow("ours") << u"1.0"_s << true;
    QTest::newRow("large") << u"9999.9999"_s << true;
    QTest::newRow("zero") << u"0.0"_s << true;
    QTest::newRow("empty") << u""_s << false;
    QTest::newRow("dot") << u"."_s << false;
    QTest::newRow("no minor") << u"1."_s << false;
    QTest::newRow("no major") << u".1"_s << false;
    QTest::newRow("patch") << u"1.0.0"_s << false;
    QTest::newRow("leading zero") << u"01.0"_s << false;
    QTest::newRow("too large") << u"10000.0"_s << false;
    QTest::newRow("sign") << u"+1.0"_s << false;
    QTest::newRow("blank") << u" 1.0"_s << false;
    QTest::newRow("letters") << u"a.b"_s << false;
    QTest::newRow("digits of Bengal") << u"১.০"_s << false;
}

void tst_ProtocolMessages::readsVersions()
{
    QFETCH(QString, text);
    QFETCH(bool, isValid);
    const auto version = ProtocolVersion::fromString(text);
    QCOMPARE(version.has_value(), isValid);
    if (version)
        QCOMPARE(version->toString(), text);
}

void tst_ProtocolMessages::checksNames_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<bool>("isValid");
    QTest::addColumn<bool>("isId");
    const QString id = QString(52, u'a');
    QTest::newRow("plain") << u"alice"_s << true << false;
    QTest::newRow("all kinds") << u"aZ09-._~"_s << true << false;
    QTest::newRow("longest") << QString(64, u'x') << true << false;
    QTest::newRow("too long") << QString(65, u'x') << false << false;
    QTest::newRow("empty") << QString() << false << false;
    QTest::newRow("percent") << u"a%20"_s << false << false;
    QTest::newRow("umlaut") << u"älice"_s << false << false;
    QTest::newRow("an id") << id << true << true;
    QTest::newRow("one less") << id.chopped(1) << true << false;
    QTest::newRow("upper case") << id.toUpper() << true << false;
    QTest::newRow("a digit beyond base32") << id.chopped(1) + u'8' << true << false;
}

void tst_ProtocolMessages::checksNames()
{
    QFETCH(QString, name);
    QFETCH(bool, isValid);
    QFETCH(bool, isId);
    QCOMPARE(isValidName(name), isValid);
    QCOMPARE(isIdentityName(name), isId);
}

void tst_ProtocolMessages::checksServices()
{
    QVERIFY(isValidService({}));
    QVERIFY(isValidService(u"chat/ünï"_s));
    QVERIFY(isValidService(QString(255, u'x')));
    QVERIFY(!isValidService(QString(256, u'x')));
    QVERIFY(!isValidService(u"a\tb"_s));
    QVERIFY(!isValidService(u"a\u0085b"_s));
}

QTEST_APPLESS_MAIN(tst_ProtocolMessages)

#include "tst_protocolmessages.moc"
