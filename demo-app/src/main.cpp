// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "commandline.h"
#include "measurement.h"
#include "phone.h"
#include "ringtone.h"
#include "theme.h"

#include <QtCore/qdir.h>
#include <QtCore/qfileinfo.h>
#include <QtGui/qguiapplication.h>
#include <QtQml/qqmlapplicationengine.h>
#include <QtQml/qqmlextensionplugin.h>
#include <QtQuick/qquickwindow.h>

#include <cstdio>
#include <memory>

Q_IMPORT_QML_PLUGIN(DemoPlugin)

using namespace Qt::StringLiterals;

namespace {

/// The exit status where a call was to be measured, and was none.
constexpr int NoCall = 2;

void say(FILE *stream, const QString &text)
{
    std::fprintf(stream, "%s\n", qPrintable(text));
    std::fflush(stream);
}

/// Scripts wait for this line.
void sayAddress(demo::Phone &phone)
{
    demo::OwnAddress *own = phone.own();
    QObject::connect(own, &demo::OwnAddress::changed, own, [own, last = QString()]() mutable {
        const bool isReady = own->state() == demo::OwnAddress::State::Ready;
        const QString line = isReady ? u"listening: "_s + own->address() : own->trouble();
        if (!line.isEmpty() && line != last)
            say(isReady ? stdout : stderr, line);
        last = line;
    });
}

/// Tells how calls end, for whoever has no window to read it in.
void sayTrouble(demo::Phone &phone)
{
    QObject::connect(&phone, &demo::Phone::troubleChanged, &phone, [&phone] {
        if (!phone.troubleTitle().isEmpty()) {
            say(stderr,
                phone.troubleTitle() + u". "_s + phone.troubleAdvice() + u" ("_s
                    + phone.troubleDetail() + u')');
        }
    });
}

/// Likewise for devices and films that fail in a call.
void sayNotices(demo::Phone &phone)
{
    QObject::connect(&phone, &demo::Phone::callChanged, &phone, [&phone] {
        demo::CallSession *call = phone.call();
        if (!call)
            return;
        QObject::connect(call, &demo::CallSession::noticeChanged, call, [call] {
            if (!call->notice().isEmpty())
                say(stderr, call->notice());
        });
    });
}

/// Dials once there is an address to be called back at, or none to be had.
void dialWhenReady(demo::Phone &phone, const QString &destination)
{
    auto *once = new QObject(&phone);
    QObject::connect(phone.own(), &demo::OwnAddress::changed, once, [&phone, once, destination] {
        if (phone.own()->state() == demo::OwnAddress::State::Starting)
            return;
        once->deleteLater();
        QObject::disconnect(phone.own(), nullptr, once, nullptr);
        phone.dial(destination);
    });
}

void sendWhenOpen(demo::Phone &phone, const QString &file)
{
    QObject::connect(&phone, &demo::Phone::callChanged, &phone, [&phone, file] {
        if (!phone.call())
            return;
        demo::Conversation *conversation = phone.call()->conversation();
        QObject::connect(
            conversation, &demo::Conversation::openChanged, conversation, [conversation, file] {
                if (conversation->isOpen() && conversation->rowCount() == 0)
                    conversation->send({QUrl::fromLocalFile(QFileInfo(file).absoluteFilePath())});
            });
    });
}

} // namespace

int main(int argc, char **argv)
{
    QStringList arguments;
    for (int i = 0; i < argc; ++i)
        arguments.append(QString::fromLocal8Bit(argv[i]));
    // All options are ours: on X11 Qt would take --name for a window's. Its own go by environment.
    int first = 1;
    QGuiApplication app(first, argv);
    QGuiApplication::setApplicationName(u"peerconnection-demo"_s);
    QGuiApplication::setApplicationDisplayName(u"Peer call"_s);
    demo::CommandLine options;
    QString message;
    if (!demo::CommandLine::parse(arguments, &options, &message)) {
        const bool isHelp = message.startsWith("Usage:"_L1);
        say(isHelp ? stdout : stderr, message);
        return isHelp ? 0 : 1;
    }
    if (options.scheme == demo::CommandLine::Scheme::Light)
        QGuiApplication::setPalette(demo::Theme::lightPalette());
    else if (options.scheme == demo::CommandLine::Scheme::Dark)
        QGuiApplication::setPalette(demo::Theme::darkPalette());

    demo::Phone phone(options);
    sayAddress(phone);
    sayTrouble(phone);
    sayNotices(phone);
    if (!options.dial.isEmpty())
        dialWhenReady(phone, options.dial);
    if (!options.sendFile.isEmpty())
        sendWhenOpen(phone, options.sendFile);

    std::unique_ptr<demo::RingTone> ringTone;
    if (!options.isSilent) {
        ringTone = std::make_unique<demo::RingTone>();
        QObject::connect(&phone, &demo::Phone::ringingChanged, ringTone.get(),
                         [&phone, tone = ringTone.get()] { tone->setRinging(phone.isRinging()); });
    }

    QQmlApplicationEngine engine;
    engine.addImportPath(u":/qt/qml"_s);
    engine.addImportPath(QStringLiteral(PEERCONNECTION_QML_IMPORT_PATH));
    engine.setInitialProperties({{u"phone"_s, QVariant::fromValue(&phone)}});
    engine.load(QUrl(u"qrc:/qt/qml/Demo/qml/Main.qml"_s));
    if (engine.rootObjects().isEmpty())
        return 1;
    auto *window = qobject_cast<QQuickWindow *>(engine.rootObjects().constFirst());
    if (!options.size.isEmpty())
        window->resize(options.size);

    std::unique_ptr<demo::Measurement> measurement;
    if (options.seconds > 0) {
        measurement = std::make_unique<demo::Measurement>(&phone, window, options);
        QObject::connect(measurement.get(), &demo::Measurement::done, &app, [&measurement] {
            say(stdout, measurement->figures().toText());
            QCoreApplication::exit(measurement->isGood() ? 0 : NoCall);
        });
    }
    phone.start();
    const int status = QGuiApplication::exec();
    // The window may have been closed before.
    return measurement && !measurement->isFinished() ? NoCall : status;
}
