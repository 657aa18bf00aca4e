// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "doctor.h"

#include <QtCore/qjsondocument.h>

#include <cstdio>

DoctorSession::DoctorSession(const Options &options)
    : Session(options)
{
    m_check.setAddress(options.address);
    m_check.setPlainAllowed(options.allowPlain);
    m_check.setTrustedCertificates(options.authorities);
    m_check.setProxy(options.proxy);
    m_check.setIceServers(options.iceServers);
    connect(&m_check, &PeerNetworkCheck::finished, this, &DoctorSession::tell);
}

void DoctorSession::start()
{
    m_check.start();
}

void DoctorSession::interrupt()
{
    Q_EMIT finished(ExitCode::NotConnected);
}

void DoctorSession::tell()
{
    const PeerNetworkReport report = m_check.report();
    const QByteArray text = m_options.json
        ? QJsonDocument(report.toJson()).toJson(QJsonDocument::Compact)
        : report.toString().toLocal8Bit();
    std::printf("%s\n", text.constData());
    const bool isHopeless = report.rendezvous.isTested && !report.rendezvous.isReachable;
    Q_EMIT finished(isHopeless ? ExitCode::NotConnected : ExitCode::Done);
}
