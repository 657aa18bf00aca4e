// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "options.h"

#include <QtCore/qcommandlineparser.h>
#include <QtCore/qcoreapplication.h>

#include <algorithm>
#include <fcntl.h>
#include <iterator>
#include <unistd.h>
#include <utility>

using namespace Qt::StringLiterals;

namespace {

constexpr int UsageError = 1;
constexpr qsizetype IdSize = 52;

bool isId(const QString &text)
{
    return text.size() == IdSize
        && PeerAddress::fromString(u"peer://localhost?id="_s + text).isValid();
}

/// The options of peercat, each declared once.
struct Parser
{
    QCommandLineParser line;
    QCommandLineOption help{{u"h"_s, u"help"_s}, u"Show this help."_s};
    QCommandLineOption version{{u"v"_s, u"version"_s}, u"Show the version."_s};
    QCommandLineOption identity{
        u"identity"_s, u"Who we are: a private key file, made if it does not exist."_s, u"FILE"_s};
    QCommandLineOption allow{
        u"allow"_s, u"listen: take calls of this identity alone; may be repeated."_s, u"ID"_s};
    QCommandLineOption echo{u"echo"_s,
                            u"listen: send back what arrives, to any number of callers."_s};
    QCommandLineOption once{u"once"_s, u"listen: end with the first call, however it ends."_s};
    QCommandLineOption json{u"json"_s, u"Tell events as JSON, one a line, on standard error."_s};
    QCommandLineOption timeout{
        u"timeout"_s, u"connect: give up if there is no connection by then."_s, u"SECONDS"_s};
    QCommandLineOption patience{u"patience"_s,
                                u"Give up that long after all paths were lost; 60 if not given."_s,
                                u"SECONDS"_s};
    QCommandLineOption allowPlain{u"allow-plain"_s,
                                  u"Take tls=off for hosts that are not this machine."_s};
    QCommandLineOption authority{
        u"ca"_s, u"Trust the certificate authorities in this file as well."_s, u"FILE"_s};
    QCommandLineOption proxy{
        u"proxy"_s,
        u"For all TCP connections: http://[USER:PASSWORD@]HOST:PORT, socks5://…, or none. Default: "
        "the system's."_s,
        u"URI"_s};
    QCommandLineOption paths{u"paths"_s, u"Which kinds of path to use, as in the URI."_s,
                             u"all|direct|relay|tunnel"_s};

    QCommandLineOption signalDescriptors{
        u"signal-fd"_s,
        u"No rendezvous: read the peer's signals from one descriptor and write ours to the other, "
        u"a "
        "JSON object a line, {\"type\":\"offer\",\"sdp\":…} and so on, as WebRTC stacks have them."_s,
        u"IN,OUT"_s};
    QCommandLineOption loopback{
        u"loopback"_s,
        u"With --signal-fd: use loopback addresses too, for a peer on this machine."_s};

    QCommandLineOption turn{
        u"turn"_s,
        u"A TURN server of one's own: turn:USER:PASSWORD@HOST[:PORT][?transport=tcp], or turns:…, "
        "percent-encoded where need be; may be repeated."_s,
        u"URI"_s};

    Parser()
    {
        line.setApplicationDescription(
            u"netcat for peers: connects standard input and output of two programs.\n\n"
            "  peercat listen  PEER-URI [--identity FILE] [--allow ID]... [--echo] [--once]\n"
            "  peercat connect PEER-URI [--identity FILE] [--timeout SECONDS]\n"
            "  peercat listen|connect --signal-fd IN,OUT [--loopback]\n"
            "  peercat doctor [PEER-URI]\n\n"
            "PEER-URI is peer://NAME@HOST[:PORT], where HOST is a rendezvous server.\n"
            "doctor tells what the network lets through and what kind of path to expect.\n"
            "Exit codes: 0 done, 1 usage, 2 could not connect, 3 connection lost,\n"
            "4 identity mismatch or refused."_s);
        line.addOptions({help, version, identity, allow, echo, once, json, timeout, patience,
                         allowPlain, authority, paths, proxy, turn, signalDescriptors, loopback});
        line.addPositionalArgument(u"listen|connect|doctor"_s, u"Which side to be, or none."_s);
        line.addPositionalArgument(u"PEER-URI"_s, u"Whom to call, or what to be called."_s);
    }
};

constexpr unsigned bit(Options::Mode mode)
{
    return 1U << unsigned(mode);
}

QString takeMode(const Parser &parser, Options &options)
{
    using Mode = Options::Mode;
    const QStringList positional = parser.line.positionalArguments();
    static const std::pair<QString, Mode> modes[] = {
        {u"listen"_s, Mode::Listen}, {u"connect"_s, Mode::Connect}, {u"doctor"_s, Mode::Doctor}};
    const QString word = positional.value(0);
    const auto found = std::find_if(std::begin(modes), std::end(modes),
                                    [&](const auto &mode) { return mode.first == word; });
    if (found == std::end(modes)) {
        return word.isEmpty() ? u"expected 'listen', 'connect' or 'doctor'; see --help"_s
                              : u"'%1' is neither 'listen' nor 'connect' nor 'doctor'"_s.arg(word);
    }
    options.mode = found->second;
    const bool hasSignals = parser.line.isSet(parser.signalDescriptors);
    const bool isAddressOptional = (options.mode == Mode::Doctor || hasSignals)
        && positional.size() == 1;
    if (positional.size() != 2 && !isAddressOptional)
        return u"expected one PEER-URI after '%1'; see --help"_s.arg(word);
    if (positional.size() == 2 && hasSignals)
        return u"with --signal-fd there is no PEER-URI, for nobody but the two ends is asked"_s;
    if (parser.line.isSet(parser.loopback) && !hasSignals)
        return u"--loopback has no meaning without --signal-fd"_s;

    for (const auto &[option, allowedModes] :
         {std::pair(&parser.allow, bit(Mode::Listen)), std::pair(&parser.echo, bit(Mode::Listen)),
          std::pair(&parser.once, bit(Mode::Listen)),
          std::pair(&parser.timeout, bit(Mode::Connect)),
          std::pair(&parser.patience, bit(Mode::Listen) | bit(Mode::Connect)),
          std::pair(&parser.identity, bit(Mode::Listen) | bit(Mode::Connect)),
          std::pair(&parser.signalDescriptors, bit(Mode::Listen) | bit(Mode::Connect)),
          std::pair(&parser.paths, bit(Mode::Listen) | bit(Mode::Connect))}) {
        if (parser.line.isSet(*option) && (allowedModes & bit(options.mode)) == 0)
            return u"--%1 has no meaning with '%2'"_s.arg(option->names().constFirst(), word);
    }
    return {};
}

QString takeAddress(const Parser &parser, Options &options)
{
    if (parser.line.positionalArguments().size() < 2)
        return {};
    PeerAddressError fault;
    options.address = PeerAddress::fromString(parser.line.positionalArguments().at(1), &fault);
    if (!options.address.isValid())
        return u"the address is not valid, column %1: %2"_s.arg(fault.column())
            .arg(fault.message());
    return {};
}

QString takePaths(const Parser &parser, Options &options)
{
    if (!parser.line.isSet(parser.paths))
        return {};
    const QString paths = parser.line.value(parser.paths);
    static const std::pair<QString, PeerAddress::Paths> names[] = {
        {u"all"_s, PeerAddress::Paths::All},
        {u"direct"_s, PeerAddress::Paths::Direct},
        {u"relay"_s, PeerAddress::Paths::Relay},
        {u"tunnel"_s, PeerAddress::Paths::Tunnel},
    };
    for (const auto &[name, value] : names) {
        if (paths == name) {
            options.address.setPaths(value);
            options.paths = value;
            return {};
        }
    }
    return u"--paths: '%1' is none of all, direct, relay, tunnel"_s.arg(paths);
}

QString takeSignalDescriptors(const Parser &parser, Options &options)
{
    options.withLoopback = parser.line.isSet(parser.loopback);
    if (!parser.line.isSet(parser.signalDescriptors))
        return {};
    const QStringList parts = parser.line.value(parser.signalDescriptors).split(u',');
    bool isIn = false;
    bool isOut = false;
    const Options::SignalDescriptors descriptors{parts.value(0).toInt(&isIn),
                                                 parts.value(1).toInt(&isOut)};
    // Those of the standard streams have their work.
    if (parts.size() != 2 || !isIn || !isOut || descriptors.in <= STDERR_FILENO
        || descriptors.out <= STDERR_FILENO)
        return u"--signal-fd takes two numbers above 2, as in 3,4"_s;
    for (const int descriptor : {descriptors.in, descriptors.out}) {
        if (::fcntl(descriptor, F_GETFD) < 0)
            return u"--signal-fd: descriptor %1 is not open"_s.arg(descriptor);
    }
    options.signalDescriptors = descriptors;
    return {};
}

QString takeKeys(const Parser &parser, Options &options)
{
    if (parser.line.isSet(parser.identity)) {
        QString fault;
        options.identity = PeerIdentity::loadOrCreate(parser.line.value(parser.identity), &fault);
        if (options.identity.isNull())
            return fault;
    }
    options.allowedIds = parser.line.values(parser.allow);
    for (const QString &id : std::as_const(options.allowedIds)) {
        if (!isId(id))
            return u"--allow: '%1' is no identity, which has 52 characters of a-z and 2-7"_s.arg(
                id);
    }
    if (parser.line.isSet(parser.authority)) {
        const QString file = parser.line.value(parser.authority);
        options.authorities = QSslCertificate::fromPath(file, QSsl::Pem);
        if (options.authorities.isEmpty())
            return u"--ca: %1 holds no certificate in PEM form"_s.arg(file);
    }
    return {};
}

QString takeProxy(const Parser &parser, Options &options)
{
    if (!parser.line.isSet(parser.proxy))
        return {};
    const QString text = parser.line.value(parser.proxy);
    if (text == u"none"_s) {
        options.proxy = QNetworkProxy(QNetworkProxy::NoProxy);
        return {};
    }
    const QUrl url(text, QUrl::StrictMode);
    const bool isHttp = url.scheme() == u"http"_s;
    const bool isSocks = url.scheme() == u"socks5"_s;
    const bool isBare = (url.path().isEmpty() || url.path() == u"/"_s) && !url.hasQuery()
        && !url.hasFragment();
    if (!url.isValid() || (!isHttp && !isSocks) || url.host().isEmpty() || url.port() <= 0
        || !isBare) {
        // Without the URI, which may hold a password.
        return u"--proxy takes http://[USER:PASSWORD@]HOST:PORT, the same with socks5, or none"_s;
    }
    options.proxy = QNetworkProxy(isHttp ? QNetworkProxy::HttpProxy : QNetworkProxy::Socks5Proxy,
                                  url.host(), quint16(url.port()), url.userName(QUrl::FullyDecoded),
                                  url.password(QUrl::FullyDecoded));
    return {};
}

/// Without the URI in the message, which may hold a password.
QString takeTurn(const Parser &parser, Options &options)
{
    for (const QString &text : parser.line.values(parser.turn)) {
        const qsizetype scheme = text.indexOf(u':') + 1;
        const qsizetype at = text.lastIndexOf(u'@');
        const QString user = at > scheme ? text.sliced(scheme, at - scheme) : QString();
        const auto decoded = [](const QString &part) {
            return QUrl::fromPercentEncoding(part.toUtf8());
        };
        PeerIceServer server;
        server.urls = {text.first(scheme) + text.sliced(at + 1)};
        server.username = decoded(user.section(u':', 0, 0));
        server.credential = decoded(user.section(u':', 1));
        if (!text.startsWith("turn"_L1) || user.isEmpty() || !server.isValid())
            return u"--turn takes turn:USER:PASSWORD@HOST[:PORT][?transport=udp|tcp], or the same "
                   "with turns"_s;
        options.iceServers.append(server);
    }
    return {};
}

QString takeSeconds(const Parser &parser, const QCommandLineOption &option, double least,
                    std::optional<std::chrono::milliseconds> &time)
{
    if (!parser.line.isSet(option))
        return {};
    bool isNumber = false;
    const double seconds = parser.line.value(option).toDouble(&isNumber);
    if (!isNumber || !(seconds > 0) || seconds < least || seconds > 86400) {
        return u"--%1: '%2' is no number of seconds between %3 and 86400"_s.arg(
            option.names().constFirst(), parser.line.value(option), QString::number(least));
    }
    time = std::chrono::milliseconds(qint64(seconds * 1000));
    return {};
}

QString takeTimes(const Parser &parser, Options &options)
{
    const QString fault = takeSeconds(parser, parser.timeout, 0, options.timeout);
    return fault.isEmpty() ? takeSeconds(parser, parser.patience, 1, options.patience) : fault;
}

} // namespace

std::optional<Options> Options::parse(const QStringList &arguments, Message &message)
{
    Parser parser;
    const bool isParsed = parser.line.parse(arguments);
    if (parser.line.isSet(parser.help)) {
        message = {parser.line.helpText(), 0};
        return std::nullopt;
    }
    if (parser.line.isSet(parser.version)) {
        message = {u"peercat %1\n"_s.arg(QCoreApplication::applicationVersion()), 0};
        return std::nullopt;
    }
    Options options;
    options.echo = parser.line.isSet(parser.echo);
    options.once = parser.line.isSet(parser.once);
    options.json = parser.line.isSet(parser.json);
    options.allowPlain = parser.line.isSet(parser.allowPlain);
    QString fault = isParsed ? QString() : parser.line.errorText();
    for (const auto take : {takeMode, takeSignalDescriptors, takeAddress, takePaths, takeTimes,
                            takeKeys, takeProxy, takeTurn}) {
        if (fault.isEmpty())
            fault = take(parser, options);
    }
    if (!fault.isEmpty()) {
        message = {u"peercat: %1\n"_s.arg(fault), UsageError};
        return std::nullopt;
    }
    return options;
}
