// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

// Model A in QML: loads a file, call.qml or chat.qml, with an address as its property.
//
//     qmlconnection call.qml ADDRESS

#include <QtGui/QGuiApplication>
#include <QtQml/QQmlApplicationEngine>

using namespace Qt::StringLiterals;

int main(int argc, char **argv)
{
    QGuiApplication app(argc, argv);
    const QStringList arguments = app.arguments();
    if (arguments.size() != 3) {
        qCritical("qmlconnection FILE ADDRESS");
        return 1;
    }
    QQmlApplicationEngine engine;
    QObject::connect(
        &engine, &QQmlApplicationEngine::objectCreationFailed, &app,
        [] { QCoreApplication::exit(1); }, Qt::QueuedConnection);
    engine.addImportPath(QStringLiteral(PEERCONNECTION_QML_IMPORT_PATH));
    engine.setInitialProperties({{u"destination"_s, QUrl(arguments.at(2))}});
    engine.load(arguments.at(1));
    return app.exec();
}
