// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_QML_SINGLETONS_H
#define PEER_QML_SINGLETONS_H

#include <PeerConnection/peeraddress.h>
#include <PeerConnection/peeridentity.h>

#include <QtCore/qobject.h>
#include <QtCore/qstring.h>
#include <QtQml/qqml.h>

namespace peer::qml {

/// `PeerIdentities`, the singleton by which QML makes and keeps identities:
///
///     PeerListener { identity: PeerIdentities.loadOrCreate(StandardPaths… + "/alice.key") }
///
/// A file is a path or a `file:` URL. On failure the identity is null, and a warning tells why.
class Identities : public QObject
{
    Q_OBJECT
    QML_NAMED_ELEMENT(PeerIdentities)
    QML_SINGLETON

public:
    using QObject::QObject;

    Q_INVOKABLE PeerIdentity create() const;
    Q_INVOKABLE PeerIdentity load(const QString &file) const;
    Q_INVOKABLE PeerIdentity loadOrCreate(const QString &file) const;
    Q_INVOKABLE bool save(const PeerIdentity &identity, const QString &file) const;
};

/// `PeerAddresses`, the singleton that reads addresses as users type them, by the strict rules of
/// PeerAddress::fromString().
class Addresses : public QObject
{
    Q_OBJECT
    QML_NAMED_ELEMENT(PeerAddresses)
    QML_SINGLETON

public:
    using QObject::QObject;

    /// Not valid if the text is not.
    Q_INVOKABLE PeerAddress read(const QString &text) const;
    /// What is wrong with the text, and where; its message is empty if nothing is.
    Q_INVOKABLE PeerAddressError fault(const QString &text) const;
};

} // namespace peer::qml

#endif // PEER_QML_SINGLETONS_H
