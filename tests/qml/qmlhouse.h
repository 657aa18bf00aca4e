// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef QMLHOUSE_H
#define QMLHOUSE_H

#include "media/pattern/teststrip.h"
#include "shell/api/meeting.h"

#include <QtCore/qstring.h>
#include <QtCore/qstringlist.h>
#include <QtCore/qvariant.h>
#include <QtGui/qimage.h>
#include <QtQml/qqmlcomponent.h>
#include <QtQml/qqmlengine.h>
#include <QtQuick/qquickwindow.h>

#include <memory>
#include <optional>

/// An engine that finds the modules of this build, and notes what it warns of.
class QmlHouse
{
public:
    QmlHouse();

    /// The object that the text describes; null if it has errors, which are among the warnings
    /// then.
    std::unique_ptr<QObject> make(const QString &text, const QVariantMap &properties = {});
    /// What an expression gives in the scope of an object.
    QVariant evaluate(QObject *scope, const QString &expression);
    /// Collects garbage, and deletes what was found.
    void collect();

    QStringList warnings;
    QQmlEngine engine;
};

/// What the strip of a test picture says that is seen in a window, at full width or in an area of
/// it.
std::optional<peer::media::StripContent> stripIn(const QImage &picture);

#endif // QMLHOUSE_H
