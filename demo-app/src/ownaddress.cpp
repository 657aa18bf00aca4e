// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "ownaddress.h"

#include "errorwords.h"

#include <QtCore/qdir.h>
#include <QtCore/qsettings.h>
#include <QtGui/qclipboard.h>
#include <QtGui/qguiapplication.h>

using namespace Qt::StringLiterals;

namespace demo {

namespace {

constexpr auto NameKey = "name"_L1;
constexpr qsizetype MaxName = 64; // PeerAddress

QString settingsFile(const QString &folder)
{
    return folder + "/settings.ini"_L1;
}

/// The name of last time, or else the user's.
QString rememberedName(const QString &folder)
{
    const QSettings settings(settingsFile(folder), QSettings::IniFormat);
    const QString last = OwnAddress::nameFrom(settings.value(NameKey).toString());
    if (!last.isEmpty())
        return last;
    const QString user = OwnAddress::nameFrom(qEnvironmentVariable("USER"));
    return user.isEmpty() ? u"me"_s : user;
}

} // namespace

OwnAddress::OwnAddress(const QString &folder, const QString &rendezvous, const QString &name,
                       QObject *parent)
    : QObject(parent)
    , m_folder(folder)
    , m_rendezvous(rendezvous)
    , m_name(nameFrom(name))
{
    QDir().mkpath(folder);
    if (m_name.isEmpty())
        m_name = rememberedName(folder);
    m_identity = PeerIdentity::loadOrCreate(folder + "/identity.key"_L1, &m_trouble);
    if (m_identity.isNull())
        m_state = State::Failed;
}

OwnAddress::~OwnAddress() = default;

QString OwnAddress::nameFrom(const QString &text)
{
    QString name;
    for (const QChar character : text.normalized(QString::NormalizationForm_KD)) {
        const bool isUnreserved = (character >= u'a' && character <= u'z')
            || (character >= u'A' && character <= u'Z') || (character >= u'0' && character <= u'9')
            || u"-._~"_s.contains(character);
        if (isUnreserved)
            name += character;
        else if (character.isSpace() && !name.isEmpty() && !name.endsWith(u'-'))
            name += u'-';
    }
    while (name.endsWith(u'-'))
        name.chop(1);
    return name.left(MaxName);
}

PeerAddress OwnAddress::givenAddress()
{
    PeerAddressError error;
    const auto address = PeerAddress::fromString(u"peer://%1@%2"_s.arg(m_name, m_rendezvous),
                                                 &error);
    if (!address.isValid())
        set(State::Failed,
            tr("The rendezvous %1 is no good: %2").arg(m_rendezvous, error.message()));
    return address;
}

void OwnAddress::startServer()
{
    if (!m_server) {
        m_server = std::make_unique<HomeServer>(m_folder);
        connect(m_server.get(), &HomeServer::done, this, &OwnAddress::takeServer);
    }
    m_server->listen();
}

void OwnAddress::takeServer()
{
    if (m_listener)
        return; // asked for twice
    if (m_server->isListening())
        listenAt(m_server->addressOf(m_name));
    else
        set(State::Failed, m_server->errorString());
}

void OwnAddress::start()
{
    if (m_identity.isNull())
        return;
    m_listener.reset();
    m_address.clear();
    set(State::Starting, {});
    if (m_rendezvous.isEmpty())
        startServer();
    else if (const PeerAddress address = givenAddress(); address.isValid())
        listenAt(address);
}

void OwnAddress::listenAt(const PeerAddress &address)
{
    m_listener = std::make_unique<PeerListener>(address.toUrl(PeerAddress::Format::WithToken),
                                                m_identity);
    PeerListener *listener = m_listener.get();
    connect(listener, &PeerListener::stateChanged, this, &OwnAddress::takeState);
    connect(listener, &PeerListener::addressChanged, this, &OwnAddress::takeState);
    connect(listener, &PeerListener::errorOccurred, this, &OwnAddress::takeState);
    connect(listener, &PeerListener::incomingConnection, this, &OwnAddress::rings);
}

void OwnAddress::retry()
{
    start();
}

void OwnAddress::setName(const QString &name)
{
    const QString clean = nameFrom(name);
    if (clean.isEmpty() || clean == m_name) {
        Q_EMIT nameChanged(); // what was typed gives way to what holds
        return;
    }
    m_name = clean;
    QSettings(settingsFile(m_folder), QSettings::IniFormat).setValue(NameKey, clean);
    Q_EMIT nameChanged();
    // Not in one of its own signals: this may be called from a binding of one.
    QMetaObject::invokeMethod(this, &OwnAddress::start, Qt::QueuedConnection);
}

void OwnAddress::copy() const
{
    QGuiApplication::clipboard()->setText(m_address);
}

void OwnAddress::set(State state, const QString &trouble)
{
    m_state = state;
    m_trouble = trouble;
    Q_EMIT changed();
}

void OwnAddress::takeState()
{
    const PeerListener &listener = *m_listener;
    m_address = listener.address().toString(QUrl::FullyEncoded);
    switch (listener.state()) {
    case PeerListener::State::Idle:
    case PeerListener::State::Registering:
        set(State::Starting, {});
        return;
    case PeerListener::State::Listening:
        set(State::Ready, {});
        return;
    case PeerListener::State::Interrupted:
        set(State::Interrupted, tr("The meeting point does not answer; trying again."));
        return;
    case PeerListener::State::Closed:
        const ErrorWords words = wordsFor(listener.error());
        set(State::Failed, words.title + u". "_s + words.advice);
        return;
    }
}

} // namespace demo
