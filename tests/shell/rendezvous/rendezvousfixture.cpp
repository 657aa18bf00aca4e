// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "rendezvousfixture.h"

#include "secure/identity/encoding.h"

using namespace Qt::StringLiterals;
using peer::RendezvousClient;
using peer::RendezvousConfig;

ClientLog::ClientLog(RendezvousClient *client)
{
    connect(client, &RendezvousClient::serverInfo, this,
            [this](const peer::RendezvousInfo &info) { infos.append(info); });
    connect(client, &RendezvousClient::registered, this,
            [this](const QString &name) { registered.append(name); });
    connect(client, &RendezvousClient::registrationFailed, this,
            [this](const QString &name, RendezvousClient::NameError error, const QString &text) {
                failedNames.append({name, error, text});
            });
    connect(client, &RendezvousClient::incomingCall, this,
            [this](const QString &callId, const QString &callerName, const QString &callerId,
                   const QString &targetName, const QString &service, const QJsonObject &signal) {
                incoming.append({callId, callerName, callerId, targetName, service, signal});
            });
    connect(client, &RendezvousClient::signalReceived, this,
            [this](const QString &callId, const QJsonObject &signal) {
                received.append({callId, signal});
            });
    connect(client, &RendezvousClient::callFailed, this,
            [this](const QString &callId, RendezvousClient::CallError error, const QString &text) {
                failedCalls.append({callId, error, text});
            });
    connect(client, &RendezvousClient::errorOccurred, this,
            [this](RendezvousClient::Error error, const QString &text) {
                faults.append({error, text});
            });
}

TestClient::TestClient(const RendezvousConfig &config)
    : client(std::make_unique<RendezvousClient>(config))
    , log(std::make_unique<ClientLog>(client.get()))
{
    client->open();
}

RendezvousConfig configFor(const PeerRendezvousServer &server)
{
    RendezvousConfig config;
    config.hosts = {{server.url().host(), server.serverPort()}};
    const QString pin = server.publicKeyPin();
    config.tls = pin.isEmpty() ? RendezvousConfig::Tls::Off : RendezvousConfig::Tls::Pinned;
    if (!pin.isEmpty()) {
        const peer::Bytes octets = peer::fromBase32(pin.toStdString()).value();
        config.pin = QByteArray(reinterpret_cast<const char *>(octets.data()),
                                qsizetype(octets.size()));
    }
    config.identity = peer::IdentityKey::generate();
    return config;
}

QString newCallId()
{
    static int number = 0;
    return u"call-%1"_s.arg(++number, 17, 10, QChar(u'0'));
}

QJsonObject signalWith(int number)
{
    return {{"type"_L1, "candidate"_L1}, {"seq"_L1, number}};
}
