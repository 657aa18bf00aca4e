// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include <PeerConnection/peeridentity.h>

#include "api/peeridentity_p.h"

#include <QtCore/qdebug.h>
#include <QtCore/qfile.h>
#include <QtCore/qfileinfo.h>
#include <QtCore/qsavefile.h>

#include <utility>

using namespace Qt::StringLiterals;

namespace {

constexpr QFileDevice::Permissions OwnerOnly = QFileDevice::ReadOwner | QFileDevice::WriteOwner;
/// A P-256 key in PEM has about 240 octets.
constexpr qint64 MaxFileSize = 16 * 1024;

void report(QString *errorString, const QString &text)
{
    if (errorString)
        *errorString = text;
}

} // namespace

/*!
    \class PeerIdentity
    \inmodule PeerConnection
    \brief Who somebody is, whichever network or rendezvous leads to them.

    An identity is a P-256 key pair. Its id(), 52 characters, is the hash of the public key; it
    stands as \c id in a listener's address. Who has the address can be sure to reach the owner of
    the key: neither the network nor the rendezvous can sit in between.

    The class is implicitly shared and reentrant. The private key leaves it only into a file.
*/

/*! A null identity. */
PeerIdentity::PeerIdentity() = default;
PeerIdentity::PeerIdentity(const PeerIdentity &other) = default;
PeerIdentity::PeerIdentity(PeerIdentity &&other) noexcept = default;
PeerIdentity &PeerIdentity::operator=(const PeerIdentity &other) = default;
PeerIdentity &PeerIdentity::operator=(PeerIdentity &&other) noexcept = default;
PeerIdentity::~PeerIdentity() = default;

/*! Makes a new key pair. Null only if the system has no randomness to give. */
PeerIdentity PeerIdentity::create()
{
    return PeerIdentityData::fromKey(peer::IdentityKey::generate());
}

/*!
    Reads the private key in \a fileName (PKCS#8 PEM). If that fails, the result is null, and
    \a errorString, if given, says why. Blocks for the time of reading the file.
*/
PeerIdentity PeerIdentity::load(const QString &fileName, QString *errorString)
{
    QFile file(fileName);
    if (!file.open(QIODevice::ReadOnly)) {
        report(errorString,
               u"cannot read the identity file %1: %2"_s.arg(fileName, file.errorString()));
        return {};
    }
    const QByteArray pem = file.read(MaxFileSize);
    PeerIdentity identity = PeerIdentityData::fromKey(
        peer::IdentityKey::fromPem({pem.constData(), std::size_t(pem.size())}));
    if (identity.isNull())
        report(
            errorString,
            u"%1 holds no identity: it should be a P-256 private key in PEM form"_s.arg(fileName));
    return identity;
}

/*!
    Reads \a fileName as load() does; if there is no such file, makes an identity and saves it
    there. An unreadable or damaged file is an error and stays as it is.
*/
PeerIdentity PeerIdentity::loadOrCreate(const QString &fileName, QString *errorString)
{
    if (QFileInfo::exists(fileName))
        return load(fileName, errorString);
    const PeerIdentity identity = create();
    if (identity.isNull()) {
        report(errorString, u"the system gave no randomness for a key"_s);
        return {};
    }
    return identity.save(fileName, errorString) ? identity : PeerIdentity();
}

/*!
    Writes the private key to \a fileName, readable by the owner alone; a file that is there is
    replaced as a whole or not at all. False, with the reason in \a errorString, if it failed.
*/
bool PeerIdentity::save(const QString &fileName, QString *errorString) const
{
    if (isNull()) {
        report(errorString, u"there is no identity to save"_s);
        return false;
    }
    QSaveFile file(fileName);
    const std::string pem = d->key().toPem();
    // The permissions come before the key: at no time can others read it.
    const bool isWritten = file.open(QIODevice::WriteOnly) && file.setPermissions(OwnerOnly)
        && file.write(pem.data(), qint64(pem.size())) == qint64(pem.size()) && file.commit();
    if (!isWritten)
        report(errorString,
               u"cannot write the identity file %1: %2"_s.arg(fileName, file.errorString()));
    return isWritten;
}

/*!
    \property PeerIdentity::isNull
    True if there is no key.
*/
bool PeerIdentity::isNull() const
{
    return !d;
}

/*!
    \property PeerIdentity::id
    52 characters of lower-case base32: the SHA-256 of the public key (SubjectPublicKeyInfo).
    Empty if null.
*/
QString PeerIdentity::id() const
{
    return d ? QString::fromStdString(d->key().id()) : QString();
}

/*! Equal if both are null or have the same public key. */
bool operator==(const PeerIdentity &left, const PeerIdentity &right)
{
    return left.id() == right.id();
}

#ifndef QT_NO_DEBUG_STREAM
QDebug operator<<(QDebug debug, const PeerIdentity &identity)
{
    const QDebugStateSaver saver(debug);
    debug.nospace() << "PeerIdentity(" << identity.id() << ')';
    return debug;
}
#endif
