// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include <QtCore/qstringlist.h>
#include <QtGui/qguiapplication.h>
#include <QtQml/qqmlapplicationengine.h>

#include <cstdio>

/// Loads the files that it is told, and says what each of them is.
int main(int argc, char **argv)
{
    const QGuiApplication application(argc, argv);
    const QStringList files = QCoreApplication::arguments().mid(1);
    for (const QString &name : files) {
        QQmlApplicationEngine engine;
        engine.addImportPath(QStringLiteral(PEERCONNECTION_QML_IMPORT_PATH));
        engine.load(name);
        if (engine.rootObjects().isEmpty())
            return 1;
        std::puts(engine.rootObjects().constFirst()->metaObject()->className());
    }
    return 0;
}
