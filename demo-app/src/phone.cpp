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
    if (m_call->phase() == CallSession::Phase::Talking && m_call->destination().isValid())
        m_people.add(m_call->destination().toString(PeerAddress::Format::WithToken));
}

void Phone::end()
{
    const PeerConnection &connection = *m_call->connection();
    const ErrorWords words = wordsFor(connection.error());
    setTrouble(words.title, words.advice,
               words.title.isEmpty() ? QString() : connection.errorString());
    // In a signal of its own; and pages still look at it until callChanged().
    m_call.release()->deleteLater();
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
