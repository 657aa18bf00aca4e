// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "qml/PeerConnection/singletons.h"

#include <QtCore/qurl.h>
#include <QtQml/qqmlinfo.h>

using namespace Qt::StringLiterals;

namespace peer::qml {

namespace {

QString pathOf(const QString &file)
{
    return file.startsWith("file:"_L1) ? QUrl(file).toLocalFile() : file;
}

} // namespace

PeerIdentity Identities::create() const
{
    return PeerIdentity::create();
}

PeerIdentity Identities::load(const QString &file) const
{
    QString fault;
    PeerIdentity identity = PeerIdentity::load(pathOf(file), &fault);
    if (identity.isNull())
        qmlWarning(this) << fault;
    return identity;
}

PeerIdentity Identities::loadOrCreate(const QString &file) const
{
    QString fault;
    PeerIdentity identity = PeerIdentity::loadOrCreate(pathOf(file), &fault);
    if (identity.isNull())
        qmlWarning(this) << fault;
    return identity;
}

bool Identities::save(const PeerIdentity &identity, const QString &file) const
{
    QString fault;
    const bool isSaved = identity.save(pathOf(file), &fault);
    if (!isSaved)
        qmlWarning(this) << fault;
    return isSaved;
}

PeerAddress Addresses::read(const QString &text) const
{
    return PeerAddress::fromString(text);
}

PeerAddressError Addresses::fault(const QString &text) const
{
    PeerAddressError fault;
    PeerAddress::fromString(text, &fault);
    return fault;
}

} // namespace peer::qml
