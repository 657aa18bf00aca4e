// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "options.h"

#include <QtCore/qcommandlineparser.h>
#include <QtCore/qfile.h>

#include <algorithm>

using namespace Qt::StringLiterals;

namespace {

/// As in the protocol: visible ASCII.
constexpr qsizetype MaxTokenSize = 256;
constexpr qsizetype MaxSecretSize = 1024;

constexpr const char *laterOptions[] = {"bus"};
/// May be given more than once.
constexpr const char *repeatableOptions[] = {"turn"};

const QString description = uR"(The place where peers find each other.

Prints "listening on ADDRESS:PORT" when it is ready, and ends cleanly on SIGTERM and SIGINT. It
takes WebSockets on TCP, answers to STUN on UDP and TCP at the same port, and to GET /healthz and
GET /metrics. To browsers it serves a page for calls.

Without --tls-cert it speaks plainly on a loopback address (peers say tls=off) and with a key of its
own making elsewhere (peers say tls=PIN; the pin is printed and another one each time). To keep a
self-made key, give --tls-cert and --tls-key files that do not exist: they are made.)"_s;

void addOptions(QCommandLineParser &parser)
{
    parser.setApplicationDescription(description);
    parser.addOptions({
        {u"listen"_s, u"Address and port, TCP and UDP; \"*\" is all addresses. Default: *:443."_s,
         u"ADDRESS:PORT"_s},
        {u"tls-cert"_s, u"Certificate, and the chain to its authority, as PEM."_s, u"FILE"_s},
        {u"tls-key"_s, u"The certificate's key as PEM, unencrypted."_s, u"FILE"_s},
        {u"names"_s, u"Keep there which key each name belongs to. Default: in memory only."_s,
         u"FILE"_s},
        {u"tokens"_s, u"Let only those in who have one of these access tokens, one a line."_s,
         u"FILE"_s},
        {u"public-url"_s,
         u"Where peers find this server, as wss://HOST[:PORT]. Default: where they dialled."_s,
         u"URL"_s},
        {u"turn"_s, u"Tell peers of this TURN server, such as turn:HOST:3478; may be repeated."_s,
         u"URI"_s},
        {u"turn-secret"_s,
         u"Holds the secret that this server shares with the TURN servers (coturn's "
         "static-auth-secret), for the credentials of peers."_s,
         u"FILE"_s},
        {u"no-tunnel"_s,
         u"Carry no datagrams: calls take direct paths and relays, and nothing else."_s},
        {u"no-page"_s, u"Serve no page for calls from browsers at \"/\"."_s},
        {u"json"_s, u"Print events as JSON, one object a line."_s},
    });
    for (const char *name : laterOptions) {
        QCommandLineOption option(QString::fromLatin1(name), {}, u"VALUE"_s);
        option.setFlags(QCommandLineOption::HiddenFromHelp);
        parser.addOption(option);
    }
    parser.addHelpOption();
    parser.addVersionOption();
}

bool readListen(const QString &text, Options &options)
{
    const qsizetype colon = text.lastIndexOf(u':');
    if (colon < 0)
        return false;
    QString address = text.left(colon);
    const bool isBracketed = address.startsWith(u'[') && address.endsWith(u']');
    if (isBracketed)
        address = address.sliced(1, address.size() - 2);
    else if (address.contains(u':'))
        return false;

    if (address == u'*')
        options.address = QHostAddress::Any;
    else if (address == "localhost"_L1)
        options.address = QHostAddress::LocalHost;
    else
        options.address = QHostAddress(address);
    const bool isFamilyRight = isBracketed
        == (options.address.protocol() == QAbstractSocket::IPv6Protocol);

    const QString port = text.sliced(colon + 1);
    const bool isNumber = !port.isEmpty()
        && std::all_of(port.begin(), port.end(), [](QChar c) { return c >= u'0' && c <= u'9'; });
    bool isPort = false;
    options.port = port.toUShort(&isPort);
    return !options.address.isNull() && isFamilyRight && isNumber && isPort;
}

QString faultOf(const QCommandLineParser &parser, Options &options)
{
    if (!parser.positionalArguments().isEmpty())
        return u"There are no arguments but options: \"%1\" is none."_s.arg(
            parser.positionalArguments().first());
    for (const char *later : laterOptions) {
        const QString name = QString::fromLatin1(later);
        if (parser.isSet(name))
            return u"--%1 is not available in this version."_s.arg(name);
    }
    for (const QString &name : parser.optionNames()) {
        const bool isRepeatable = std::any_of(
            std::begin(repeatableOptions), std::end(repeatableOptions),
            [&name](const char *each) { return name == QLatin1StringView(each); });
        if (parser.values(name).size() > 1 && !isRepeatable)
            return u"--%1 may be given once only."_s.arg(name);
    }
    if (parser.isSet(u"listen"_s) && !readListen(parser.value(u"listen"_s), options)) {
        return u"--listen takes an IP address and a port, such as 192.0.2.1:443, [::]:443 or "
               "*:443; \"%1\" is none."_s.arg(parser.value(u"listen"_s));
    }
    if (parser.isSet(u"tls-cert"_s) != parser.isSet(u"tls-key"_s))
        return u"--tls-cert and --tls-key belong together."_s;
    if (parser.isSet(u"turn"_s) != parser.isSet(u"turn-secret"_s))
        return u"--turn and --turn-secret belong together."_s;
    return {};
}

} // namespace

Options parseOptions(const QStringList &arguments)
{
    QCommandLineParser parser;
    addOptions(parser);
    Options options;
    if (!parser.parse(arguments)) {
        options.fault = parser.errorText();
        return options;
    }
    if (parser.isSet(u"help"_s) || parser.isSet(u"help-all"_s)) {
        options.action = Options::Action::ShowText;
        options.text = parser.helpText();
        return options;
    }
    if (parser.isSet(u"version"_s)) {
        options.action = Options::Action::ShowText;
        options.text = u"peer-rendezvous %1\n"_s.arg(QString::fromLatin1(PEER_VERSION));
        return options;
    }
    options.fault = faultOf(parser, options);
    options.certificateFile = parser.value(u"tls-cert"_s);
    options.keyFile = parser.value(u"tls-key"_s);
    options.namesFile = parser.value(u"names"_s);
    options.tokensFile = parser.value(u"tokens"_s);
    options.publicUrl = parser.value(u"public-url"_s);
    options.turnUris = parser.values(u"turn"_s);
    options.turnSecretFile = parser.value(u"turn-secret"_s);
    options.hasCallPage = !parser.isSet(u"no-page"_s);
    options.hasTunnels = !parser.isSet(u"no-tunnel"_s);
    options.json = parser.isSet(u"json"_s);
    return options;
}

QList<QByteArray> readTokens(const QString &fileName, QString *fault)
{
    QFile file(fileName);
    if (!file.open(QIODevice::ReadOnly)) {
        *fault = u"The tokens file %1 cannot be read: %2."_s.arg(fileName, file.errorString());
        return {};
    }
    QList<QByteArray> tokens;
    const QList<QByteArray> lines = file.readAll().split('\n');
    for (qsizetype i = 0; i < lines.size(); ++i) {
        const QByteArray token = lines[i].trimmed();
        if (token.isEmpty() || token.startsWith('#'))
            continue;
        const bool isVisible = std::all_of(token.begin(), token.end(),
                                           [](char c) { return c > ' ' && c < '\x7f'; });
        if (!isVisible || token.size() > MaxTokenSize) {
            *fault = u"Line %1 of the tokens file %2 is no token: at most 256 visible ASCII "
                     "characters."_s.arg(i + 1)
                         .arg(fileName);
            return {};
        }
        tokens.append(token);
    }
    if (tokens.isEmpty())
        *fault = u"The tokens file %1 has no token: nobody could get in."_s.arg(fileName);
    return tokens;
}

QByteArray readSecret(const QString &fileName, QString *fault)
{
    QFile file(fileName);
    if (!file.open(QIODevice::ReadOnly)) {
        *fault = u"The secret file %1 cannot be read: %2."_s.arg(fileName, file.errorString());
        return {};
    }
    const QByteArray secret = file.read(MaxSecretSize + 1).trimmed();
    if (secret.isEmpty() || secret.size() > MaxSecretSize || secret.contains('\n')) {
        *fault = u"The secret file %1 must hold one line of at most %2 bytes."_s.arg(fileName).arg(
            MaxSecretSize);
        return {};
    }
    return secret;
}
