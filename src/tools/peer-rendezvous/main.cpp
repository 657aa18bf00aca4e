// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "endsignals.h"
#include "options.h"
#include "report.h"

#include <PeerConnection/PeerRendezvousServer>

#include <QtCore/qcoreapplication.h>
#include <QtCore/qfile.h>
#include <QtNetwork/qsslcertificate.h>
#include <QtNetwork/qsslkey.h>

#include <cstdio>

using namespace Qt::StringLiterals;

namespace {

constexpr int Done = 0;
constexpr int UsageError = 1;
constexpr int CannotListen = 2;

int fail(int code, const QString &sentence)
{
    std::fprintf(stderr, "peer-rendezvous: %s\n", qUtf8Printable(sentence));
    return code;
}

QSslKey readKey(const QString &fileName)
{
    QFile file(fileName);
    if (!file.open(QIODevice::ReadOnly))
        return {};
    const QByteArray pem = file.readAll();
    for (const QSsl::KeyAlgorithm algorithm : {QSsl::Ec, QSsl::Rsa}) {
        const QSslKey key(pem, algorithm, QSsl::Pem);
        if (!key.isNull())
            return key;
    }
    return {};
}

/// Returns a fault as a sentence, or nothing.
QString useCertificate(PeerRendezvousServer &server, const Options &options)
{
    if (options.certificateFile.isEmpty())
        return {};
    const bool isCertificateThere = QFile::exists(options.certificateFile);
    const bool isKeyThere = QFile::exists(options.keyFile);
    if (!isCertificateThere && !isKeyThere
        && !server.makeCertificate(options.certificateFile, options.keyFile)) {
        return u"Cannot make a certificate in %1 and a key in %2."_s.arg(options.certificateFile,
                                                                         options.keyFile);
    }
    const QList<QSslCertificate> chain = QSslCertificate::fromPath(
        options.certificateFile, QSsl::Pem, QSslCertificate::PatternSyntax::FixedString);
    if (chain.isEmpty())
        return u"There is no PEM certificate in %1."_s.arg(options.certificateFile);
    const QSslKey key = readKey(options.keyFile);
    if (key.isNull())
        return u"There is no unencrypted PEM key in %1."_s.arg(options.keyFile);
    server.setCertificate(chain, key);
    return {};
}

/// Likewise.
QString useTurn(PeerRendezvousServer &server, const Options &options)
{
    if (options.turnUris.isEmpty())
        return {};
    QString fault;
    const QByteArray secret = readSecret(options.turnSecretFile, &fault);
    if (fault.isEmpty() && !server.setTurn(options.turnUris, secret)) {
        fault = u"--turn takes URIs of TURN servers, such as turn:turn.example.org:3478 or "
                "turns:turn.example.org:443?transport=tcp, and at most 8 of them."_s;
    }
    return fault;
}

/// Likewise.
QString usePublicUrl(PeerRendezvousServer &server, const Options &options)
{
    if (options.publicUrl.isEmpty())
        return {};
    server.setPublicUrl(QUrl(options.publicUrl, QUrl::StrictMode));
    if (server.publicUrl().isEmpty())
        return u"--public-url takes a URL such as wss://rendezvous.example.org; \"%1\" is none."_s
            .arg(options.publicUrl);
    return {};
}

} // namespace

int main(int argc, char **argv)
{
    QCoreApplication application(argc, argv);
    QCoreApplication::setApplicationName(u"peer-rendezvous"_s);

    const Options options = parseOptions(QCoreApplication::arguments());
    if (!options.fault.isEmpty())
        return fail(UsageError, options.fault + u" See --help."_s);
    if (options.action == Options::Action::ShowText) {
        std::fputs(qUtf8Printable(options.text), stdout);
        return Done;
    }

    PeerRendezvousServer server;
    QString fault;
    for (const auto use : {useCertificate, useTurn, usePublicUrl}) {
        fault = use(server, options);
        if (!fault.isEmpty())
            return fail(UsageError, fault);
    }
    if (!options.tokensFile.isEmpty()) {
        const QList<QByteArray> tokens = readTokens(options.tokensFile, &fault);
        if (!fault.isEmpty())
            return fail(UsageError, fault);
        server.setTokens(tokens);
    }
    if (!options.hasTunnels) {
        PeerRendezvousServer::Limits limits = server.limits();
        limits.tunnels = 0;
        server.setLimits(limits);
    }
    server.setCallPageEnabled(options.hasCallPage);
    server.setNamesFile(options.namesFile);

    Report report(server, options.json);
    if (!quitOnEndSignals())
        return fail(CannotListen, u"The system lacks what is needed to end on a signal."_s);
    if (!server.listen(options.address, options.port))
        return fail(CannotListen, server.errorString());
    report.sayListening();
    const int code = QCoreApplication::exec();
    server.close();
    return code;
}
