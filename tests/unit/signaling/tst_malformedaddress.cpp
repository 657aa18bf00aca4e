// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include <PeerConnection/peeraddress.h>

#include <QtTest/qtest.h>

using namespace Qt::StringLiterals;
using Fault = PeerAddressError::Fault;

/// Each row is an address with one fault, the fault and the column that the error must name.
class tst_MalformedAddress : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void isRefusedByFaultAndColumn_data();
    void isRefusedByFaultAndColumn();
    void firstOfSeveralFaultsIsNamed();
    void messagesAreSentencesWithoutTheToken();
};

namespace {

const QString id = u"abcdefghijklmnopqrstuvwxyz234567abcdefghijklmnopqrsa"_s;

void row(const char *name, const QString &text, Fault fault, int column)
{
    QTest::newRow(name) << text << fault << column;
}

void addWholeRows()
{
    row("empty", u""_s, Fault::BadScheme, 1);
    row("another scheme", u"https://alice@example.org"_s, Fault::BadScheme, 1);
    row("no scheme", u"alice@example.org"_s, Fault::BadScheme, 1);
    row("one slash", u"peer:/alice@example.org"_s, Fault::BadScheme, 1);
    row("no slashes", u"peer:alice@example.org"_s, Fault::BadScheme, 1);
    row("513 bytes", u"peer://alice@example.org?x-a="_s + QString(513 - 29, u'b'), Fault::TooLong,
        513);
    row("513 bytes of UTF-8 in fewer characters",
        u"peer://alice@example.org?x-a="_s + QString(242, u'ü') + u'b', Fault::TooLong, 271);
    row("513 bytes in canonical form alone",
        u"peer://"_s + u"\u00fc."_s.repeated(20) + u"example.org?x-a#"_s + QString(150, u'['),
        Fault::TooLong, 0);
    row("a space in front", u" peer://example.org"_s, Fault::ForbiddenCharacter, 1);
    row("a space behind", u"peer://example.org "_s, Fault::ForbiddenCharacter, 19);
    row("a line feed behind", u"peer://example.org\n"_s, Fault::ForbiddenCharacter, 19);
    row("a tab inside", u"peer://exam\tple.org"_s, Fault::ForbiddenCharacter, 12);
    row("a NUL", u"peer://example.org"_s + QChar(0), Fault::ForbiddenCharacter, 19);
    row("a DEL", u"peer://example.org?x-a=\u007f"_s, Fault::ForbiddenCharacter, 24);
    row("a C1 control", u"peer://example.org?x-a=\u0085"_s, Fault::ForbiddenCharacter, 24);
    row("a no-break space", u"peer://example.org?x-a=\u00a0"_s, Fault::ForbiddenCharacter, 24);
    row("a line separator", u"peer://example.org?x-a=\u2028"_s, Fault::ForbiddenCharacter, 24);
    row("quotes", u"\"peer://example.org\""_s, Fault::ForbiddenCharacter, 1);
    row("angle brackets", u"<peer://example.org>"_s, Fault::ForbiddenCharacter, 1);
    row("a backslash", u"peer:\\\\example.org"_s, Fault::ForbiddenCharacter, 6);
    row("braces", u"peer://{name}@example.org"_s, Fault::ForbiddenCharacter, 8);
    row("a high surrogate alone", u"peer://example.org?x-a="_s + QChar(0xd83d),
        Fault::ForbiddenCharacter, 24);
    row("a low surrogate alone", u"peer://example.org?x-a="_s + QChar(0xde00) + u'b',
        Fault::ForbiddenCharacter, 24);
    row("percent at the end", u"peer://example.org?x-a=%"_s, Fault::BadEncoding, 24);
    row("percent and one digit", u"peer://example.org?x-a=%2"_s, Fault::BadEncoding, 24);
    row("percent and letters", u"peer://example.org?x-a=%zz"_s, Fault::BadEncoding, 24);
}

void addNameRows()
{
    row("no name before the at sign", u"peer://@example.org"_s, Fault::BadName, 8);
    row("a password", u"peer://alice:secret@example.org"_s, Fault::PasswordGiven, 13);
    row("an empty password", u"peer://alice:@example.org"_s, Fault::PasswordGiven, 13);
    row("a password without a name", u"peer://:secret@example.org"_s, Fault::PasswordGiven, 8);
    row("name of 65 characters", u"peer://"_s + QString(65, u'a') + u"@example.org"_s,
        Fault::BadName, 72);
    row("name with a plus", u"peer://al+ice@example.org"_s, Fault::BadName, 10);
    row("name with an encoded letter", u"peer://al%69ce@example.org"_s, Fault::BadName, 10);
    row("name with an umlaut", u"peer://j\u00fcrgen@example.org"_s, Fault::BadName, 9);
    row("name with a comma", u"peer://a,b@example.org"_s, Fault::BadName, 9);
}

void addHostRows()
{
    row("nothing behind the slashes", u"peer://"_s, Fault::BadHost, 8);
    row("nothing behind the name", u"peer://alice@"_s, Fault::BadHost, 14);
    row("a path for a host", u"peer:///chat"_s, Fault::BadHost, 8);
    row("a port for a host", u"peer://alice@:443"_s, Fault::BadHost, 14);
    row("a second at sign", u"peer://a@b@example.org"_s, Fault::BadHost, 11);
    row("host with an encoded letter", u"peer://ex%61mple.org"_s, Fault::BadHost, 10);
    row("host with a comma", u"peer://example,org"_s, Fault::BadHost, 15);
    row("host with a plus", u"peer://alice@a+b"_s, Fault::BadHost, 15);
    row("host with an empty label", u"peer://a..org"_s, Fault::BadHost, 8);
    row("host with a dot in front", u"peer://.example.org"_s, Fault::BadHost, 8);
    row("host with a dot behind", u"peer://example.org."_s, Fault::BadHost, 19);
    row("a dot alone", u"peer://."_s, Fault::BadHost, 8);
    row("host with a hyphen in front", u"peer://-a.org"_s, Fault::BadHost, 8);
    row("host with a label of 64", u"peer://"_s + QString(64, u'a') + u".org"_s, Fault::BadHost, 8);
    row("host of 254 octets", u"peer://"_s + u"a123456789."_s.repeated(23) + u'b', Fault::BadHost,
        8);
    row("host with A-labels of no name", u"peer://xn--zzzzzz99.org"_s, Fault::BadHost, 8);
    row("host with a forbidden ideograph", u"peer://a\u2100b.org"_s, Fault::BadHost, 8);
    row("address of two numbers", u"peer://127.1"_s, Fault::BadHost, 8);
    row("address of three numbers", u"peer://10.0.1"_s, Fault::BadHost, 8);
    row("address of one number", u"peer://2130706433"_s, Fault::BadHost, 8);
    row("address in hexadecimal", u"peer://0x7f000001"_s, Fault::BadHost, 8);
    row("address with a hexadecimal end", u"peer://127.0.0.0x1"_s, Fault::BadHost, 8);
    row("address with a leading zero", u"peer://127.0.0.01"_s, Fault::BadHost, 8);
    row("address with an octet of 256", u"peer://127.0.0.256"_s, Fault::BadHost, 8);
    row("address of five numbers", u"peer://127.0.0.0.1"_s, Fault::BadHost, 8);
    row("address in full-width digits", u"peer://\uff11\uff12\uff17.0.0.1"_s, Fault::BadHost, 8);
    row("IPv6 without brackets", u"peer://alice@2001:db8::1"_s, Fault::BadHost, 14);
    row("IPv6 without a closing bracket", u"peer://alice@[::1"_s, Fault::BadHost, 14);
    row("IPv6 with a zone", u"peer://[fe80::1%25eth0]"_s, Fault::BadHost, 9);
    row("IPv6 of nine groups", u"peer://[1:2:3:4:5:6:7:8:9]"_s, Fault::BadHost, 9);
    row("nothing in brackets", u"peer://[]"_s, Fault::BadHost, 9);
    row("IPv4 in brackets", u"peer://[127.0.0.1]"_s, Fault::BadHost, 9);
    row("letters behind the bracket", u"peer://[::1]a"_s, Fault::BadHost, 13);
}

void addPortRows()
{
    row("colon without a port", u"peer://example.org:"_s, Fault::BadPort, 20);
    row("port 0", u"peer://example.org:0"_s, Fault::BadPort, 20);
    row("port 00443", u"peer://example.org:00443"_s, Fault::BadPort, 20);
    row("port 65536", u"peer://example.org:65536"_s, Fault::BadPort, 20);
    row("port 100000", u"peer://example.org:100000"_s, Fault::BadPort, 20);
    row("port of 20 digits", u"peer://example.org:18446744073709552059"_s, Fault::BadPort, 20);
    row("port of letters", u"peer://example.org:https/x"_s, Fault::BadPort, 20);
    row("port with a sign", u"peer://example.org:+443"_s, Fault::BadPort, 20);
    row("port with a letter behind", u"peer://example.org:443a"_s, Fault::BadPort, 23);
    row("port in Arabic digits", u"peer://example.org:\u0664\u0664"_s, Fault::BadPort, 20);
    row("port of an IPv6 address missing", u"peer://[::1]:"_s, Fault::BadPort, 14);
}

void addServiceRows()
{
    row("two segments", u"peer://example.org/a/b"_s, Fault::BadService, 21);
    row("slash behind the service", u"peer://example.org/a/"_s, Fault::BadService, 21);
    row("two slashes", u"peer://example.org//a"_s, Fault::BadService, 20);
    row("service of 65 characters", u"peer://example.org/"_s + QString(65, u's'), Fault::BadService,
        84);
    row("service with a colon", u"peer://example.org/a:b"_s, Fault::BadService, 21);
    row("service with an encoded letter", u"peer://example.org/%61"_s, Fault::BadService, 20);
    row("service with an umlaut", u"peer://example.org/\u00fc"_s, Fault::BadService, 20);
    row("service of a dot", u"peer://example.org/."_s, Fault::BadService, 20);
    row("service of two dots", u"peer://example.org/.."_s, Fault::BadService, 20);
}

void addParameterRows()
{
    row("question mark alone", u"peer://example.org?"_s, Fault::UnknownParameter, 20);
    row("ampersand behind", u"peer://example.org?paths=all&"_s, Fault::UnknownParameter, 30);
    row("two ampersands", u"peer://example.org?x-a&&x-b"_s, Fault::UnknownParameter, 24);
    row("an unknown parameter", u"peer://example.org?path=all"_s, Fault::UnknownParameter, 20);
    row("a parameter in upper case", u"peer://example.org?ID=a"_s, Fault::UnknownParameter, 20);
    row("an extension in upper case", u"peer://example.org?X-a=a"_s, Fault::UnknownParameter, 20);
    row("a parameter with an encoded letter", u"peer://example.org?%69d=a"_s,
        Fault::UnknownParameter, 20);
    row("a value alone", u"peer://example.org?=a"_s, Fault::UnknownParameter, 20);
    row("a semicolon between", u"peer://example.org?paths=all;tls=off"_s, Fault::BadParameter, 26);
    row("paths twice", u"peer://example.org?paths=all&paths=all"_s, Fault::RepeatedParameter, 30);
    row("tls twice", u"peer://example.org?tls=off&x-a&tls=off"_s, Fault::RepeatedParameter, 32);
    row("id without a value", u"peer://example.org?id"_s, Fault::BadParameter, 22);
    row("id with an empty value", u"peer://example.org?id="_s, Fault::BadParameter, 23);
    row("id of 51 characters", u"peer://example.org?id="_s + id.chopped(1), Fault::BadParameter,
        23);
    row("id of 53 characters", u"peer://example.org?id="_s + id + u'a', Fault::BadParameter, 23);
    row("id in upper case", u"peer://example.org?id="_s + id.toUpper(), Fault::BadParameter, 23);
    row("id with a digit that is none", u"peer://example.org?id="_s + id.chopped(2) + u"1a"_s,
        Fault::BadParameter, 23);
    row("id with stray bits", u"peer://example.org?id="_s + id.chopped(1) + u'b',
        Fault::BadParameter, 23);
    row("id with padding", u"peer://example.org?id="_s + id + u"===="_s, Fault::BadParameter, 23);
    row("second id bad", u"peer://example.org?id="_s + id + u"&id=a"_s, Fault::BadParameter, 79);
    row("unknown paths", u"peer://example.org?paths=fast"_s, Fault::BadParameter, 26);
    row("paths in upper case", u"peer://example.org?paths=Direct"_s, Fault::BadParameter, 26);
    row("two paths in one", u"peer://example.org?paths=direct,relay"_s, Fault::BadParameter, 26);
    row("tls on", u"peer://example.org?tls=on"_s, Fault::BadParameter, 24);
    row("tls without a value", u"peer://example.org?tls"_s, Fault::BadParameter, 23);
    row("tls in hexadecimal", u"peer://example.org?tls="_s + QString(64, u'0'), Fault::BadParameter,
        24);
    row("rv with port 0", u"peer://example.org?rv=b.org:0"_s, Fault::BadParameter, 23);
    row("rv with a user", u"peer://example.org?rv=a@b.org"_s, Fault::BadParameter, 23);
    row("rv of an abbreviated address", u"peer://example.org?rv=10.1"_s, Fault::BadParameter, 23);
    row("rv with a scheme", u"peer://example.org?rv=wss://b.org"_s, Fault::BadParameter, 23);
    row("two hosts in one rv", u"peer://example.org?rv=b.org,c.org"_s, Fault::BadParameter, 23);
    row("rv with an encoded NUL", u"peer://example.org?rv=b%00.org"_s, Fault::BadParameter, 23);
    row("rv with octets that are no UTF-8", u"peer://example.org?rv=b%ff.org"_s, Fault::BadEncoding,
        23);
    row("rv that ends within a character", u"peer://example.org?rv=b.org%c3"_s, Fault::BadEncoding,
        23);
    row("stun without a scheme", u"peer://example.org?stun=b.org"_s, Fault::BadParameter, 25);
    row("stun with a TURN server", u"peer://example.org?stun=turn:b.org"_s, Fault::BadParameter,
        25);
    row("stun with a transport", u"peer://example.org?stun=stun:b.org?transport=udp"_s,
        Fault::BadParameter, 25);
    row("turn with credentials", u"peer://example.org?turn=turn:user:pass@b.org"_s,
        Fault::BadParameter, 25);
    row("turn with slashes", u"peer://example.org?turn=turn://b.org"_s, Fault::BadParameter, 25);
}

void addTokenRows()
{
    row("hash alone", u"peer://example.org#"_s, Fault::BadToken, 20);
    row("token of 257 characters", u"peer://example.org#"_s + QString(257, u't'), Fault::BadToken,
        20);
    row("token with an encoded space", u"peer://example.org#a%20b"_s, Fault::BadToken, 20);
    row("token with an umlaut", u"peer://example.org#\u00fc"_s, Fault::BadToken, 20);
    row("token that is no UTF-8", u"peer://example.org#%c3"_s, Fault::BadEncoding, 20);
}

} // namespace

void tst_MalformedAddress::isRefusedByFaultAndColumn_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<PeerAddressError::Fault>("fault");
    QTest::addColumn<int>("column");

    addWholeRows();
    addNameRows();
    addHostRows();
    addPortRows();
    addServiceRows();
    addParameterRows();
    addTokenRows();
}

void tst_MalformedAddress::isRefusedByFaultAndColumn()
{
    QFETCH(QString, text);
    QFETCH(PeerAddressError::Fault, fault);
    QFETCH(int, column);

    PeerAddressError error;
    const PeerAddress address = PeerAddress::fromString(text, &error);
    QVERIFY2(!address.isValid(), qPrintable(address.toString()));
    QVERIFY(address == PeerAddress());
    QVERIFY(error);
    QCOMPARE(error.fault(), fault);
    QCOMPARE(error.column(), column);
    QVERIFY(error.message().endsWith(u'.'));
    QVERIFY(error.message().front().isUpper() || error.message().front() == u'"');
    QVERIFY(!PeerAddress::fromString(text).isValid()); // the error is optional
}

void tst_MalformedAddress::firstOfSeveralFaultsIsNamed()
{
    PeerAddressError error;
    PeerAddress::fromString(u"peer://a+b@c,d:0/e:f?g=h#", &error);
    QCOMPARE(error.fault(), Fault::BadName);
    PeerAddress::fromString(u"peer://c.org:0/e:f?g=h#", &error);
    QCOMPARE(error.fault(), Fault::BadPort);
    PeerAddress::fromString(u"peer://c.org/e:f?g=h#", &error);
    QCOMPARE(error.fault(), Fault::BadService);
    PeerAddress::fromString(u"peer://c.org/e?g=h#", &error);
    QCOMPARE(error.fault(), Fault::UnknownParameter);
    PeerAddress::fromString(u"peer://c.org/e", &error);
    QVERIFY(!error);
    QVERIFY(error == PeerAddressError());
}

void tst_MalformedAddress::messagesAreSentencesWithoutTheToken()
{
    PeerAddressError error;
    PeerAddress::fromString(u"peer://example.org?bad=1#hunter2", &error);
    QVERIFY(!error.message().contains(u"hunter2"_s));
    PeerAddress::fromString(u"peer://example.org#hunter2%20", &error);
    QVERIFY(!error.message().contains(u"hunter2"_s));
    QString text;
    QDebug(&text) << error;
    QCOMPARE(text,
             u"PeerAddressError(PeerAddressError::Fault::BadToken, column 20, A token is 1 to 256 "
             "visible characters of ASCII.) "_s);
}

QTEST_APPLESS_MAIN(tst_MalformedAddress)

#include "tst_malformedaddress.moc"
