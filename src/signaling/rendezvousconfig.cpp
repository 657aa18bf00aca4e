// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "signaling/rendezvousconfig.h"

#include <QtCore/qcryptographichash.h>
#include <QtCore/qdatastream.h>

namespace peer {

QString RendezvousHost::toString() const
{
    const QString name = host.contains(u':') ? u'[' + host + u']' : host;
    return name.toLower() + u':' + QString::number(port);
}

QByteArray RendezvousConfig::sharingKey() const
{
    QByteArray text;
    QDataStream stream(&text, QIODevice::WriteOnly);
    for (const RendezvousHost &host : hosts)
        stream << host.toString();
    stream << quint8(tls) << (tls == Tls::Pinned ? pin : QByteArray());
    for (const QSslCertificate &authority : extraAuthorities)
        stream << authority.digest(QCryptographicHash::Sha256);
    stream << token << QByteArray::fromStdString(identity ? identity->id() : std::string());
    stream << qint32(proxy.type()) << proxy.hostName() << proxy.port() << proxy.user()
           << proxy.password();
    return QCryptographicHash::hash(text, QCryptographicHash::Sha256);
}

} // namespace peer
