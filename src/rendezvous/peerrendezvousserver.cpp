// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "rendezvous/peerrendezvousserver_p.h"

#include "rendezvous/certificatetools.h"
#include "signaling/serveruri.h"

#include <QtCore/qcryptographichash.h>
#include <QtCore/qfile.h>

using namespace Qt::StringLiterals;
using namespace peer::rendezvous;

namespace {

bool writeFile(const QString &fileName, const QByteArray &contents, QFile::Permissions permissions)
{
    QFile file(fileName);
    return file.open(QIODevice::WriteOnly | QIODevice::NewOnly) && file.setPermissions(permissions)
        && file.write(contents) == contents.size() && file.flush();
}

} // namespace

/*!
    \class PeerRendezvousServer
    \inmodule PeerConnection
    \brief The PeerRendezvousServer class is a rendezvous: peers find each other through it.

    It is what the program \c peer-rendezvous runs. An application or a test embeds it:

    \code
    PeerRendezvousServer rendezvous;
    if (!rendezvous.listen(QHostAddress::AnyIPv4))
        qFatal("%s", qPrintable(rendezvous.errorString()));
    PeerListener listener(rendezvous.peerUrl(u"alice"_s));
    \endcode

    It answers on one TCP port to WebSockets of peers, to \c{GET /healthz} and to
    \c{GET /metrics}, and on UDP at the same port number to STUN.

    With setCallPageEnabled() it serves a page for calls from browsers, too.

    It lives in its creator's thread, which needs an event loop, and never blocks but for the names
    file. It may be deleted in any slot of its signals.
*/

/*!
    \enum PeerRendezvousServer::TlsMode

    \value Automatic        Plain on a loopback address, SelfMade elsewhere.
    \value Off              Plain: behind a proxy that ends TLS.
    \value SelfMade         With a key and a certificate that are made for this object. Peers pin
                            them by publicKeyPin(), which peerUrl() holds.
    \value WithCertificate  With what setCertificate() was given.
*/

PeerRendezvousServer::PeerRendezvousServer(QObject *parent)
    : QObject(parent)
    , d_ptr(std::make_unique<PeerRendezvousServerPrivate>(this))
{ }

/*! Closes. */
PeerRendezvousServer::~PeerRendezvousServer()
{
    Q_D(PeerRendezvousServer);
    if (d->running)
        d->stop();
}

/*! Chooses how connections are protected from the next listen() on. */
void PeerRendezvousServer::setTlsMode(TlsMode mode)
{
    Q_D(PeerRendezvousServer);
    d->tlsMode = mode;
}

PeerRendezvousServer::TlsMode PeerRendezvousServer::tlsMode() const
{
    Q_D(const PeerRendezvousServer);
    return d->tlsMode;
}

/*!
    Uses \a chain, the server's certificate first, and \a key from the next listen() on, and sets
    tlsMode to WithCertificate.
*/
void PeerRendezvousServer::setCertificate(const QList<QSslCertificate> &chain, const QSslKey &key)
{
    Q_D(PeerRendezvousServer);
    d->tlsMode = TlsMode::WithCertificate;
    if (chain.isEmpty() || key.isNull())
        d->givenCertificate.reset();
    else
        d->givenCertificate.emplace(chain, key);
}

/*!
    Makes a key and a certificate and writes them as PEM to \a certificateFile and \a keyFile,
    neither of which may exist. With them a server keeps its pin over a restart. Returns whether
    that worked.
*/
bool PeerRendezvousServer::makeCertificate(const QString &certificateFile, const QString &keyFile)
{
    const auto made = makeSelfSignedCertificate();
    return made && writeFile(keyFile, made->key, QFile::ReadOwner | QFile::WriteOwner)
        && writeFile(certificateFile, made->certificate,
                     QFile::ReadOwner | QFile::WriteOwner | QFile::ReadGroup | QFile::ReadOther);
}

/*!
    Keeps in the file \a fileName which key each name belongs to. Without it they are forgotten
    when the server is closed. The file is replaced as a whole, at the latest a second after a
    change.
*/
void PeerRendezvousServer::setNamesFile(const QString &fileName)
{
    Q_D(PeerRendezvousServer);
    d->namesFile = fileName;
}

QString PeerRendezvousServer::namesFile() const
{
    Q_D(const PeerRendezvousServer);
    return d->namesFile;
}

/*!
    Says where this server is for all the world: \a url is \c wss or \c ws with a host, and with a
    port unless it is the usual one. Peers dial tunnels there. Without it, which is right for a
    single server, each of them dials what it has dialled already. Anything else counts as empty.
*/
void PeerRendezvousServer::setPublicUrl(const QUrl &url)
{
    Q_D(PeerRendezvousServer);
    const bool isGood = url.isValid() && !url.host().isEmpty() && url.userInfo().isEmpty()
        && (url.scheme() == "wss"_L1 || url.scheme() == "ws"_L1);
    d->publicUrl = isGood
        ? url.adjusted(QUrl::RemovePath | QUrl::RemoveQuery | QUrl::RemoveFragment)
        : QUrl();
}

QUrl PeerRendezvousServer::publicUrl() const
{
    Q_D(const PeerRendezvousServer);
    return d->publicUrl;
}

/*! Sets what strangers may cost, from the next listen() on. */
void PeerRendezvousServer::setLimits(const Limits &limits)
{
    Q_D(PeerRendezvousServer);
    d->limits = limits;
}

PeerRendezvousServer::Limits PeerRendezvousServer::limits() const
{
    Q_D(const PeerRendezvousServer);
    return d->limits;
}

/*!
    Serves the page for calls at the path "/" if \a enabled, and the script that makes any page a
    peer at "/peerconnection.js". They are not by default. Everybody gets them, with a token or
    without one; browsers open cameras only for pages that come by TLS or from the same machine.
*/
void PeerRendezvousServer::setCallPageEnabled(bool enabled)
{
    Q_D(PeerRendezvousServer);
    d->isCallPageEnabled = enabled;
}

bool PeerRendezvousServer::isCallPageEnabled() const
{
    Q_D(const PeerRendezvousServer);
    return d->isCallPageEnabled;
}

/*!
    Closes the rendezvous to all who do not have one of \a tokens, or opens it to the public if
    there are none. Holds for connections to come.
*/
void PeerRendezvousServer::setTokens(const QList<QByteArray> &tokens)
{
    Q_D(PeerRendezvousServer);
    d->tokenDigests.clear();
    for (const QByteArray &token : tokens)
        d->tokenDigests.append(QCryptographicHash::hash(token, QCryptographicHash::Sha256));
}

/*!
    Tells peers of the TURN servers \a uris (RFC 7065, at most 8) and gives each of them short-lived
    credentials: the servers share \a secret with this one, as coturn does with
    \c use-auth-secret and \c static-auth-secret. Peers have them renewed in time. No URIs: no TURN.
    Returns false, and changes nothing, if a URI is not valid or the secret is empty.
*/
bool PeerRendezvousServer::setTurn(const QStringList &uris, const QByteArray &secret)
{
    Q_D(PeerRendezvousServer);
    QStringList canonical;
    for (const QString &text : uris) {
        const auto uri = peer::ServerUri::fromString(text);
        if (!uri || uri->kind != peer::ServerUri::Kind::Turn)
            return false;
        canonical.append(uri->toString());
    }
    if (canonical.size() > MaxTurnUris || (!canonical.isEmpty() && secret.isEmpty()))
        return false;
    d->turnUris = canonical;
    d->turnSecret = secret;
    return true;
}

/*!
    Listens on \a address and \a port, TCP and UDP; port 0 lets the system choose. On failure
    returns false, and errorString() tells why.
*/
bool PeerRendezvousServer::listen(const QHostAddress &address, quint16 port)
{
    Q_D(PeerRendezvousServer);
    if (d->running) {
        d->errorString = "The server is listening already."_L1;
        return false;
    }
    d->errorString = d->start(address, port);
    if (!d->errorString.isEmpty()) {
        d->running.reset();
        return false;
    }
    Q_EMIT listeningChanged();
    return true;
}

/*! Drops all connections and frees the port. */
void PeerRendezvousServer::close()
{
    Q_D(PeerRendezvousServer);
    if (!d->running)
        return;
    d->stop();
    Q_EMIT listeningChanged();
}

bool PeerRendezvousServer::isListening() const
{
    Q_D(const PeerRendezvousServer);
    return d->running != nullptr;
}

/*! Why listen() failed, as a sentence; empty if it did not. */
QString PeerRendezvousServer::errorString() const
{
    Q_D(const PeerRendezvousServer);
    return d->errorString;
}

QHostAddress PeerRendezvousServer::serverAddress() const
{
    Q_D(const PeerRendezvousServer);
    return d->running ? d->running->gate.serverAddress() : QHostAddress();
}

quint16 PeerRendezvousServer::serverPort() const
{
    Q_D(const PeerRendezvousServer);
    return d->running ? d->running->gate.serverPort() : 0;
}

/*! The WebSocket's URL as seen from this machine; empty while not listening. */
QUrl PeerRendezvousServer::url() const
{
    Q_D(const PeerRendezvousServer);
    if (!d->running)
        return {};
    QUrl url;
    url.setScheme(d->certificate ? "wss"_L1 : "ws"_L1);
    url.setHost(d->reachableAddress().toString());
    url.setPort(serverPort());
    url.setPath(SocketPath.toString());
    return url;
}

/*!
    The base32 SHA-256 of the server's public key, as the parameter \c tls of a peer address takes
    it; empty without TLS or while not listening.
*/
QString PeerRendezvousServer::publicKeyPin() const
{
    Q_D(const PeerRendezvousServer);
    return d->running && d->certificate ? d->certificate->pin() : QString();
}

/*! The address of the peer \a name at this rendezvous, as seen from this machine. */
QUrl PeerRendezvousServer::peerUrl(const QString &name) const
{
    Q_D(const PeerRendezvousServer);
    if (!d->running || !isValidName(name))
        return {};
    QUrl url;
    url.setScheme("peer"_L1);
    url.setUserName(name);
    url.setHost(d->reachableAddress().toString());
    url.setPort(serverPort());
    if (!d->certificate)
        url.setQuery("tls=off"_L1);
    else if (d->certificate->isSelfSigned())
        url.setQuery("tls="_L1 + d->certificate->pin());
    return url;
}

/*! Whether a peer takes calls to \a name at the moment. */
bool PeerRendezvousServer::isRegistered(const QString &name) const
{
    Q_D(const PeerRendezvousServer);
    return d->running && d->running->switchboard.isOnline(name);
}

int PeerRendezvousServer::connectionCount() const
{
    Q_D(const PeerRendezvousServer);
    return d->running ? d->running->budgets.connectionCount() : 0;
}

/*! What \c{GET /metrics} answers. */
QByteArray PeerRendezvousServer::metrics() const
{
    Q_D(const PeerRendezvousServer);
    return d->metrics();
}

/*!
    \fn void PeerRendezvousServer::peerRegistered(const QString &name, const QString &id)
    The peer with the identity \a id takes calls to \a name from now on.
*/
/*!
    \fn void PeerRendezvousServer::peerUnregistered(const QString &name)
    Nobody takes calls to \a name any more.
*/
/*!
    \fn void PeerRendezvousServer::errorOccurred(const QString &text)
    The names could not be saved; they are tried again with the next change.
*/
