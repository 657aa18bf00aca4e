// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

// libnice as an ICE peer of its own, with the lines of icepeer.cpp: interop_libnice
// controlling|controlled. Qt's event loop is GLib's here.

#include <nice/agent.h>

#include "jsonlines.h"

#include <QtCore/qcoreapplication.h>

#include <memory>

using namespace Qt::StringLiterals;

namespace {

constexpr guint Component = NICE_COMPONENT_TYPE_RTP; // the only one

struct Unref
{
    void operator()(NiceAgent *agent) const { g_object_unref(agent); }
};
struct FreeCandidate
{
    void operator()(NiceCandidate *candidate) const { nice_candidate_free(candidate); }
};
struct FreeText
{
    void operator()(gchar *text) const { g_free(text); }
};
using Text = std::unique_ptr<gchar, FreeText>;

/// Candidate lines of its own have "a=" in front.
QString withoutPrefix(const gchar *line)
{
    return QString::fromUtf8(line).remove("a="_L1);
}

class LibnicePeer
{
public:
    explicit LibnicePeer(bool isControlling)
        : m_agent(nice_agent_new_full(g_main_context_default(), NICE_COMPATIBILITY_RFC5245,
                                      NiceAgentOption(NICE_AGENT_OPTION_REGULAR_NOMINATION
                                                      | NICE_AGENT_OPTION_ICE_TRICKLE
                                                      | NICE_AGENT_OPTION_CONSENT_FRESHNESS)))
        , m_lines([this](const QByteArray &, const QJsonObject &object) { take(object); })
    {
        NiceAgent *const agent = m_agent.get();
        g_object_set(agent, "controlling-mode", gboolean(isControlling), "ice-tcp", FALSE, nullptr);
        NiceAddress loopback;
        nice_address_init(&loopback);
        nice_address_set_from_string(&loopback, "127.0.0.1");
        nice_agent_add_local_address(agent, &loopback);
        m_stream = nice_agent_add_stream(agent, 1);
        nice_agent_attach_recv(agent, m_stream, Component, g_main_context_default(), received,
                               this);
        g_signal_connect(agent, "new-candidate-full", G_CALLBACK(gathered), this);
        g_signal_connect(agent, "candidate-gathering-done", G_CALLBACK(gatheredAll), this);
        g_signal_connect(agent, "component-state-changed", G_CALLBACK(stateChanged), this);
        g_signal_connect(agent, "new-selected-pair-full", G_CALLBACK(routeChanged), this);
    }

private:
    static void gathered(NiceAgent *, NiceCandidate *candidate, gpointer self)
    {
        static_cast<LibnicePeer *>(self)->tellCandidate(candidate);
    }

    static void gatheredAll(NiceAgent *, guint, gpointer) { JsonLines::tell({{u"end"_s, true}}); }

    static void stateChanged(NiceAgent *, guint, guint, guint state, gpointer)
    {
        const QString name = QString::fromLatin1(
            nice_component_state_to_string(NiceComponentState(state)));
        JsonLines::tell({{u"event"_s, u"state"_s}, {u"state"_s, name}});
    }

    static void routeChanged(NiceAgent *, guint, guint, NiceCandidate *local, NiceCandidate *remote,
                             gpointer)
    {
        const auto name = [](const NiceCandidate *candidate) {
            return QString::fromLatin1(nice_candidate_type_to_string(candidate->type));
        };
        JsonLines::tell(
            {{u"event"_s, u"route"_s}, {u"local"_s, name(local)}, {u"remote"_s, name(remote)}});
    }

    static void received(NiceAgent *, guint, guint, guint size, gchar *octets, gpointer)
    {
        JsonLines::tell(
            {{u"event"_s, u"message"_s}, {u"text"_s, QString::fromUtf8(octets, qsizetype(size))}});
    }

    void take(const QJsonObject &object)
    {
        const QString command = object.value("command"_L1).toString();
        if (command == "start"_L1)
            start(object);
        else if (command == "restart"_L1)
            restart();
        else if (command == "send"_L1)
            send(object.value("text"_L1).toString().toUtf8());
        else if (object.contains("ufrag"_L1))
            setRemote(object);
        else if (object.contains("candidate"_L1))
            addCandidate(object.value("candidate"_L1).toString().toUtf8());
        else if (object.contains("end"_L1))
            nice_agent_peer_candidate_gathering_done(m_agent.get(), m_stream);
    }

    void start(const QJsonObject &options)
    {
        if (options.contains("host"_L1)) {
            g_object_set(m_agent.get(), "force-relay", TRUE, nullptr);
            nice_agent_set_relay_info(m_agent.get(), m_stream, Component,
                                      options.value("host"_L1).toString().toUtf8().constData(),
                                      guint(options.value("port"_L1).toInt()),
                                      options.value("username"_L1).toString().toUtf8().constData(),
                                      options.value("password"_L1).toString().toUtf8().constData(),
                                      NICE_RELAY_TYPE_TURN_UDP);
        }
        tellParameters();
        if (!nice_agent_gather_candidates(m_agent.get(), m_stream))
            JsonLines::tellError(u"nothing to gather"_s);
    }

    void tellParameters()
    {
        gchar *ufrag = nullptr;
        gchar *pwd = nullptr;
        nice_agent_get_local_credentials(m_agent.get(), m_stream, &ufrag, &pwd);
        const Text ufragText(ufrag);
        const Text pwdText(pwd);
        JsonLines::tell(
            {{u"ufrag"_s, QString::fromUtf8(ufrag)}, {u"pwd"_s, QString::fromUtf8(pwd)}});
    }

    void tellCandidate(NiceCandidate *candidate)
    {
        const Text line(nice_agent_generate_local_candidate_sdp(m_agent.get(), candidate));
        JsonLines::tell({{u"candidate"_s, withoutPrefix(line.get())}});
    }

    void restart()
    {
        nice_agent_restart_stream(m_agent.get(), m_stream);
        m_isAnswerDue = true;
        tellParameters();
        GSList *candidates = nice_agent_get_local_candidates(m_agent.get(), m_stream, Component);
        for (GSList *each = candidates; each; each = each->next)
            tellCandidate(static_cast<NiceCandidate *>(each->data));
        g_slist_free_full(candidates, [](gpointer candidate) {
            nice_candidate_free(static_cast<NiceCandidate *>(candidate));
        });
    }

    void setRemote(const QJsonObject &object)
    {
        const QByteArray ufrag = object.value("ufrag"_L1).toString().toUtf8();
        if (!m_remoteFragment.isEmpty() && m_remoteFragment != ufrag && !m_isAnswerDue)
            restart();
        m_isAnswerDue = false;
        m_remoteFragment = ufrag;
        nice_agent_set_remote_credentials(m_agent.get(), m_stream, ufrag.constData(),
                                          object.value("pwd"_L1).toString().toUtf8().constData());
    }

    void addCandidate(const QByteArray &line)
    {
        const std::unique_ptr<NiceCandidate, FreeCandidate> candidate(
            nice_agent_parse_remote_candidate_sdp(m_agent.get(), m_stream,
                                                  ("a=" + line).constData()));
        if (!candidate)
            return;
        GSList *const list = g_slist_append(nullptr, candidate.get());
        nice_agent_set_remote_candidates(m_agent.get(), m_stream, Component, list);
        g_slist_free(list);
    }

    void send(const QByteArray &text)
    {
        if (nice_agent_send(m_agent.get(), m_stream, Component, guint(text.size()),
                            text.constData())
            < 0)
            JsonLines::tellError(u"not sent"_s);
    }

    const std::unique_ptr<NiceAgent, Unref> m_agent;
    guint m_stream = 0;
    QByteArray m_remoteFragment;
    bool m_isAnswerDue = false;
    JsonLines m_lines;
};

} // namespace

int main(int argc, char **argv)
{
    const QCoreApplication application(argc, argv);
    const LibnicePeer peer(QCoreApplication::arguments().value(1) == "controlling"_L1);
    return QCoreApplication::exec();
}
