// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "phone.h"

#include "errorwords.h"

#include <QtCore/qstandardpaths.h>

using namespace Qt::StringLiterals;

namespace demo {

namespace {

CommandLine withFolders(CommandLine options)
{
    if (options.data.isEmpty())
        options.data = QStandardPaths::writableLocation(QStandardPaths::AppDataLocation);
    if (options.downloads.isEmpty())
        options.downloads = QStandardPaths::writableLocation(QStandardPaths::DownloadLocation);
    return options;
}

} // namespace

Phone::Phone(const CommandLine &options, QObject *parent)
    : QObject(parent)
    , m_options(withFolders(options))
    , m_own(m_options.data, m_options.rendezvous, m_options.name)
    , m_people(m_options.data + "/people.json"_L1, m_files)
{
    connect(&m_own, &OwnAddress::rings, this, &Phone::takeCall);
}

Phone::~Phone() = default;

void Phone::start()
{
    m_own.start();
}

bool Phone::dial(const QString &text)
{
    if (m_call)
        return false;
    PeerAddressError error;
    const PeerAddress address = PeerAddress::fromString(text.trimmed(), &error);
    if (!address.isValid()) {
        const ErrorWords words = wordsFor(PeerConnection::Error::BadAddress);
        setTrouble(words.title, words.advice,
                   tr("Character %1: %2").arg(error.column()).arg(error.message()));
        return false;
    }
    dismissTrouble();
    begin(
        std::make_unique<CallSession>(address, m_own.identity(), m_options, m_own.name(), m_files));
    m_call->dial();
    return true;
}

void Phone::dismissTrouble()
{
    setTrouble({}, {}, {});
}

void Phone::takeCall(PeerConnection *connection)
{
    if (m_call && !m_crossing && isOfWhomWeCall(*connection)) {
        if (m_own.identityId() < connection->peerId())
            keepCrossing(connection);
        else
            answer(connection);
        return;
    }
    if (m_call) {
        connection->reject(PeerConnection::RejectReason::Busy);
        connect(connection, &PeerConnection::closed, connection, &QObject::deleteLater);
        return;
    }
    dismissTrouble();
    begin(std::make_unique<CallSession>(connection, m_own.identity(), m_options, m_own.name(),
                                        m_files));
    if (m_options.answers)
        m_call->accept();
    updateRinging();
}

/// Whether it comes from the one whom we are calling, who has not answered yet. An address without
/// an identity says of somebody only what he is called at his meeting point.
bool Phone::isOfWhomWeCall(const PeerConnection &incoming) const
{
    const bool isUnanswered = !m_call->isIncoming()
        && (m_call->phase() == CallSession::Phase::Dialing
            || m_call->phase() == CallSession::Phase::Ringing);
    if (!isUnanswered || !incoming.isIdentityVerified()
        || incoming.peerId() == m_own.identityId()) {
        return false;
    }
    const PeerAddress &called = m_call->destination();
    if (!called.ids().isEmpty())
        return called.ids().contains(incoming.peerId());
    const PeerAddress own = PeerAddress::fromString(m_own.address());
    return called.name() == incoming.peerName() && called.host() == own.host()
        && called.port() == own.port();
}

/// It does not ring: the other side is about to give it up.
void Phone::keepCrossing(PeerConnection *incoming)
{
    m_crossing = incoming;
    connect(incoming, &PeerConnection::closed, incoming, &QObject::deleteLater);
}

/// In place of our own call to the same person.
void Phone::answer(PeerConnection *incoming)
{
    disconnect(m_call.get(), nullptr, this, nullptr);
    // It hangs up as it goes; and pages still look at it until callChanged().
    m_call.release()->deleteLater();
    begin(std::make_unique<CallSession>(incoming, m_own.identity(), m_options, m_own.name(),
                                        m_files));
    m_call->accept();
}

void Phone::updateRinging()
{
    const bool isRinging = m_call && m_call->isIncoming() && !m_options.answers
        && m_call->phase() == CallSession::Phase::Ringing;
    if (m_isRinging == isRinging)
        return;
    m_isRinging = isRinging;
    Q_EMIT ringingChanged();
}

void Phone::begin(std::unique_ptr<CallSession> call)
{
    m_call = std::move(call);
    m_call->conversation()->setOwnAddress(m_own.address());
    connect(m_call.get(), &CallSession::phaseChanged, this, &Phone::noteTalking);
    connect(m_call.get(), &CallSession::ended, this, &Phone::end);
    // One a call; more would only push others off the list.
    connect(
        m_call->conversation(), &Conversation::addressReceived, this,
        [this](const QString &text) {
            // Only of whoever is proven to be the one at that address, and nobody else's with it:
            // that would take somebody else's place on the list.
            const PeerAddress address = PeerAddress::fromString(text);
            if (m_call->isIncoming() && m_call->isPeerVerified()
                && address.ids() == QStringList{m_call->connection()->peerId()}) {
                m_people.add(text);
            }
        },
        Qt::SingleShotConnection);
    Q_EMIT callChanged();
}

void Phone::noteTalking()
{
    updateRinging();
    if (m_call->phase() == CallSession::Phase::Talking && m_crossing)
        m_crossing->reject(PeerConnection::RejectReason::Busy);
    if (m_call->phase() == CallSession::Phase::Talking && m_call->destination().isValid())
        m_people.add(m_call->destination().toString(PeerAddress::Format::WithToken));
}

void Phone::end()
{
    const PeerConnection &connection = *m_call->connection();
    PeerConnection *crossing = m_crossing;
    m_crossing.clear();
    if (crossing && crossing->state() == PeerConnection::State::Ringing) {
        const bool isFailed = connection.error() != PeerConnection::Error::None;
        if (isFailed && m_call->duration().isEmpty()) {
            // Ours has not come through, but the other side's has.
            crossing->disconnect(crossing);
            answer(crossing);
            return;
        }
        crossing->reject();
    }
    ErrorWords words = wordsFor(connection.error());
    const QString detail = words.title.isEmpty() ? QString() : connection.errorString();
    if (const QStringList files = m_call->conversation()->cutOffFiles(); !files.isEmpty()) {
        if (words.title.isEmpty())
            words.title = tr("The call ended before all files were through");
        const QString cut = tr("Cut off: %1.").arg(files.join(u", "_s));
        words.advice = words.advice.isEmpty() ? cut : words.advice + u' ' + cut;
    }
    setTrouble(words.title, words.advice, detail);
    // In a signal of its own; and pages still look at it until callChanged().
    m_call.release()->deleteLater();
    updateRinging();
    Q_EMIT callChanged();
    Q_EMIT callEnded();
}

void Phone::setTrouble(const QString &title, const QString &advice, const QString &detail)
{
    m_troubleTitle = title;
    m_troubleAdvice = advice;
    m_troubleDetail = detail;
    Q_EMIT troubleChanged();
}

} // namespace demo
