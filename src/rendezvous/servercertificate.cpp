// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "rendezvous/servercertificate.h"

#include "rendezvous/certificatetools.h"
#include "shell/publickeyinfo.h"
#include "signaling/rendezvousproof.h"

#include <QtCore/qcryptographichash.h>
#include <QtNetwork/qhostaddress.h>
#include <QtNetwork/qsslsocket.h>

#include <algorithm>

namespace peer::rendezvous {

using namespace Qt::StringLiterals;

namespace {

bool matchesName(const QString &pattern, const QString &host)
{
    if (!pattern.startsWith("*."_L1))
        return pattern.compare(host, Qt::CaseInsensitive) == 0;
    const qsizetype dot = host.indexOf(u'.');
    return dot > 0 && host.sliced(dot).compare(pattern.sliced(1), Qt::CaseInsensitive) == 0;
}

} // namespace

std::optional<ServerCertificate> ServerCertificate::makeSelfSigned()
{
    const auto made = makeSelfSignedCertificate();
    if (!made)
        return std::nullopt;
    return ServerCertificate(QSslCertificate::fromData(made->certificate, QSsl::Pem),
                             QSslKey(made->key, QSsl::Ec, QSsl::Pem));
}

ServerCertificate::ServerCertificate(const QList<QSslCertificate> &chain, const QSslKey &key)
    : m_chain(chain)
    , m_key(key)
{
    if (!chain.isEmpty()) {
        m_pin = pinText(QCryptographicHash::hash(subjectPublicKeyInfo(chain.first()),
                                                 QCryptographicHash::Sha256));
    }
}

bool ServerCertificate::isUsable() const
{
    return !m_chain.isEmpty() && isKeyOfCertificate(m_key.toPem(), m_chain.first().toPem());
}

QSslConfiguration ServerCertificate::configuration() const
{
    QSslConfiguration configuration = QSslConfiguration::defaultConfiguration();
    configuration.setLocalCertificateChain(m_chain);
    configuration.setPrivateKey(m_key);
    configuration.setPeerVerifyMode(QSslSocket::VerifyNone);
    configuration.setProtocol(QSsl::TlsV1_2OrLater);
    return configuration;
}

bool ServerCertificate::isSelfSigned() const
{
    return !m_chain.isEmpty() && m_chain.first().isSelfSigned();
}

bool ServerCertificate::isFor(QStringView hostAndPort) const
{
    const qsizetype colon = hostAndPort.lastIndexOf(u':');
    QString host = hostAndPort.first(std::max<qsizetype>(0, colon)).toString();
    if (host.startsWith(u'[') && host.endsWith(u']'))
        host = host.sliced(1, host.size() - 2);
    if (m_chain.isEmpty() || host.isEmpty())
        return false;
    const QHostAddress address(host);
    const auto names = m_chain.first().subjectAlternativeNames();
    for (auto it = names.cbegin(); it != names.cend(); ++it) {
        const bool isIt = it.key() == QSsl::IpAddressEntry
            ? !address.isNull() && QHostAddress(it.value()) == address
            : it.key() == QSsl::DnsEntry && address.isNull() && matchesName(it.value(), host);
        if (isIt)
            return true;
    }
    return false;
}

bool ServerCertificate::isMeantBy(const message::Identity &proof) const
{
    return proof.pin == m_pin || isFor(proof.host);
}

} // namespace peer::rendezvous
