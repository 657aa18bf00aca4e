// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

// Our ICE agent alone on real sockets, without the secure session above it, to be wired to another
// ICE implementation: interop_ice controlling|controlled, driven by JSON lines on loopback.
//
// In:
//
//     {"command":"start"}, with {"host":…,"port":…,"username":…,"password":…} by that relay alone
//     {"command":"restart"}
//     {"command":"send","text":…}
//
// In and out, as descriptions and candidate lines would tell them:
//
//     {"ufrag":…,"pwd":…}   {"candidate":…}   {"end":true}
//
// Out: {"event":"state","state":…}, {"event":"message","text":…}, and of each route in use
// {"event":"route","local":TYPE,"remote":TYPE}. libnicepeer.cpp speaks the same.

#include "core/base/random.h"
#include "core/ice/agent.h"
#include "core/sdp/sessiondescription.h"
#include "jsonlines.h"
#include "shell/boottime.h"
#include "shell/deadlinetimer.h"
#include "shell/relayports.h"
#include "shell/systemrandom.h"
#include "shell/udpport.h"

#include <QtCore/qcoreapplication.h>

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>

using namespace Qt::StringLiterals;
using namespace peer;

namespace {

QString nameOf(ice::State state)
{
    switch (state) {
    case ice::State::New:
        return u"new"_s;
    case ice::State::Checking:
        return u"checking"_s;
    case ice::State::Connected:
        return u"connected"_s;
    case ice::State::Completed:
        return u"completed"_s;
    case ice::State::Disconnected:
        return u"disconnected"_s;
    case ice::State::Failed:
        return u"failed"_s;
    }
    return {};
}

/// As candidate lines have it.
QString nameOf(CandidateType type)
{
    switch (type) {
    case CandidateType::Host:
        return u"host"_s;
    case CandidateType::ServerReflexive:
        return u"srflx"_s;
    case CandidateType::PeerReflexive:
        return u"prflx"_s;
    case CandidateType::Relayed:
        return u"relay"_s;
    }
    return {};
}

std::string text(const QJsonObject &object, QLatin1StringView member)
{
    return object.value(member).toString().toStdString();
}

/// An agent with one UDP port on loopback, and a relay.
class IcePeer : public QObject
{
public:
    explicit IcePeer(ice::Role role)
        : m_role(role)
        , m_lines([this](const QByteArray &, const QJsonObject &object) { take(object); })
    {
        connect(&m_timer, &DeadlineTimer::expired, this, [this] {
            m_agent->advance(bootTimeNow());
            drain();
        });
        RelayPorts::Handlers handlers;
        handlers.opened = [this](std::uint32_t id, const Route &route) {
            m_agent->transportOpened(bootTimeNow(), id, route);
            drain();
        };
        handlers.failed = [this](std::uint32_t id) {
            m_agent->transportFailed(bootTimeNow(), id);
            drain();
        };
        handlers.received = [this](std::span<const Datagram> datagrams) { receive(datagrams); };
        handlers.sendFailed = [this](const Route &route) {
            m_agent->noteSendFailed(bootTimeNow(), route);
        };
        m_relayPorts.setHandlers(std::move(handlers));
    }

private:
    void take(const QJsonObject &object)
    {
        const QString command = object.value("command"_L1).toString();
        if (command == "start"_L1)
            start(object);
        else if (!m_agent)
            return JsonLines::tellError(u"not started"_s);
        else if (command == "restart"_L1)
            restart();
        else if (command == "send"_L1)
            send(text(object, "text"_L1));
        else if (object.contains("ufrag"_L1))
            setRemote(object);
        else if (object.contains("candidate"_L1))
            addCandidate(text(object, "candidate"_L1));
        else if (object.contains("end"_L1))
            m_agent->endOfRemoteCandidates(bootTimeNow());
        drain();
    }

    void start(const QJsonObject &options)
    {
        const bool isRelayed = options.contains("host"_L1);
        ice::Config config;
        config.role = m_role;
        config.usesDirect = !isRelayed;
        config.usesTcp = false;
        m_agent.emplace(config, m_random);
        tellParameters();
        m_port = openUdpPort({});
        if (!m_port)
            return JsonLines::tellError(u"no port"_s);
        m_port->setReceiver([this](std::span<const Datagram> datagrams) { receive(datagrams); });
        const TimePoint now = bootTimeNow();
        ice::LocalAddress local;
        local.transport = m_port->id();
        local.address = {IpAddress::fromV4(0x7f000001), m_port->localPort()};
        m_agent->addLocalAddress(now, local);
        if (isRelayed) {
            ice::RelayServer relay;
            const auto ip = IpAddress::fromString(text(options, "host"_L1));
            relay.address = {ip.value_or(IpAddress()),
                             std::uint16_t(options.value("port"_L1).toInt())};
            relay.username = text(options, "username"_L1);
            relay.password = text(options, "password"_L1);
            m_agent->addRelayServer(now, relay);
        }
        m_agent->endOfLocalAddresses(now);
    }

    void tellParameters()
    {
        const ice::Parameters &own = m_agent->localParameters();
        JsonLines::tell({{u"ufrag"_s, QString::fromStdString(own.usernameFragment)},
                         {u"pwd"_s, QString::fromStdString(own.password)}});
    }

    static void tellCandidate(const Candidate &candidate)
    {
        const QString line = QString::fromStdString(sdp::candidateToString(candidate));
        JsonLines::tell({{u"candidate"_s, line}});
    }

    /// Candidates are told once more, as the offer or the answer has them.
    void restart()
    {
        m_agent->restart(bootTimeNow());
        m_isAnswerDue = true; // unless it is one itself: setRemote()
        tellParameters();
    }

    /// Other parameters than before are a restart of the peer's (RFC 8839 section 4.4.1.1.1), or the
    /// answer to ours.
    void setRemote(const QJsonObject &object)
    {
        ice::Parameters remote;
        remote.usernameFragment = text(object, "ufrag"_L1);
        remote.password = text(object, "pwd"_L1);
        if (!m_remoteFragment.empty() && m_remoteFragment != remote.usernameFragment
            && !m_isAnswerDue) {
            restart();
        }
        m_isAnswerDue = false;
        m_remoteFragment = remote.usernameFragment;
        m_agent->setRemoteParameters(bootTimeNow(), remote);
    }

    void addCandidate(const std::string &line)
    {
        if (const auto candidate = sdp::parseCandidate(line))
            m_agent->addRemoteCandidate(bootTimeNow(), candidate.value());
    }

    void send(const std::string &message)
    {
        const auto route = m_agent->route();
        if (!route)
            return JsonLines::tellError(u"no route"_s);
        m_agent->noteDataSent(bootTimeNow());
        const auto *octets = reinterpret_cast<const std::uint8_t *>(message.data());
        const Transmit transmit{*route, {octets, message.size()}};
        if (const auto wrapped = m_agent->wrap(bootTimeNow(), transmit))
            transmitNow(*wrapped);
    }

    void receive(std::span<const Datagram> datagrams)
    {
        const TimePoint now = bootTimeNow();
        for (const Datagram &outer : datagrams) {
            const auto inner = m_agent->unwrap(now, outer);
            if (!inner || inner->payload.empty())
                continue;
            // RFC 7983: STUN begins with 0 to 3; messages here are text.
            if (inner->payload.front() <= 3)
                m_agent->receive(now, *inner);
            else if (m_agent->isKnown(inner->route))
                tellMessage(inner->payload);
        }
        drain();
    }

    static void tellMessage(ByteView payload)
    {
        const QByteArray octets(reinterpret_cast<const char *>(payload.data()),
                                qsizetype(payload.size()));
        JsonLines::tell({{u"event"_s, u"message"_s}, {u"text"_s, QString::fromUtf8(octets)}});
    }

    void transmitNow(const Transmit &transmit)
    {
        if (!m_relayPorts.send(transmit))
            m_port->send(transmit.route, transmit.payload);
    }

    void drain()
    {
        if (!m_agent)
            return;
        while (auto request = m_agent->nextRequest()) {
            if (const auto *open = std::get_if<ice::request::OpenPort>(&*request))
                m_relayPorts.open(*open);
            else if (const auto *close = std::get_if<ice::request::Close>(&*request))
                m_relayPorts.close(close->id);
        }
        while (const auto transmit = m_agent->nextTransmit())
            transmitNow(*transmit);
        m_relayPorts.flush();
        m_port->flush();
        while (const auto event = m_agent->nextEvent())
            tellEvent(*event);
        m_timer.setDeadline(m_agent->nextDeadline());
    }

    void tellEvent(const ice::Event &event)
    {
        if (const auto *gathered = std::get_if<ice::CandidateGathered>(&event)) {
            tellCandidate(gathered->candidate);
        } else if (std::holds_alternative<ice::GatheringComplete>(event)) {
            JsonLines::tell({{u"end"_s, true}});
        } else if (const auto *changed = std::get_if<ice::StateChanged>(&event)) {
            JsonLines::tell({{u"event"_s, u"state"_s}, {u"state"_s, nameOf(changed->state)}});
        } else if (m_agent->route()) {
            tellRoute();
        }
    }

    void tellRoute()
    {
        for (const ice::PairInfo &pair : m_agent->validPairs()) {
            if (pair.route == m_agent->route()) {
                JsonLines::tell({{u"event"_s, u"route"_s},
                                 {u"local"_s, nameOf(pair.localType)},
                                 {u"remote"_s, nameOf(pair.remoteType)}});
            }
        }
    }

    const ice::Role m_role;
    SystemRandom m_random;
    std::unique_ptr<UdpPort> m_port;
    RelayPorts m_relayPorts;
    DeadlineTimer m_timer;
    std::optional<ice::Agent> m_agent;
    std::string m_remoteFragment;
    bool m_isAnswerDue = false;
    JsonLines m_lines;
};

} // namespace

int main(int argc, char **argv)
{
    const QCoreApplication application(argc, argv);
    const QString role = QCoreApplication::arguments().value(1);
    const IcePeer peer(role == "controlling"_L1 ? ice::Role::Controlling : ice::Role::Controlled);
    return QCoreApplication::exec();
}
