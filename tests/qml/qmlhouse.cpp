// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "qml/qmlhouse.h"

#include <QtCore/qcoreapplication.h>
#include <QtCore/qcoreevent.h>
#include <QtQml/qqmlcontext.h>
#include <QtQml/qqmlexpression.h>

#include <vector>

using namespace Qt::StringLiterals;

QmlHouse::QmlHouse()
{
    engine.addImportPath(QStringLiteral(PEERCONNECTION_QML_IMPORT_PATH));
    QObject::connect(&engine, &QQmlEngine::warnings, &engine,
                     [this](const QList<QQmlError> &errors) {
                         for (const QQmlError &error : errors)
                             warnings.append(error.toString());
                     });
}

std::unique_ptr<QObject> QmlHouse::make(const QString &text, const QVariantMap &properties)
{
    QQmlComponent component(&engine);
    component.setData(text.toUtf8(), QUrl(u"test.qml"_s));
    std::unique_ptr<QObject> object(component.createWithInitialProperties(properties));
    for (const QQmlError &error : component.errors())
        warnings.append(error.toString());
    return object;
}

QVariant QmlHouse::evaluate(QObject *scope, const QString &expression)
{
    QQmlExpression compiled(qmlContext(scope), scope, expression);
    const QVariant result = compiled.evaluate();
    if (compiled.hasError())
        warnings.append(compiled.error().toString());
    return result;
}

void QmlHouse::collect()
{
    engine.collectGarbage();
    QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
    QCoreApplication::processEvents();
}

std::optional<peer::media::StripContent> stripIn(const QImage &picture)
{
    using namespace peer::media;
    if (picture.isNull())
        return std::nullopt;
    const QImage grey = picture.convertToFormat(QImage::Format_Grayscale8);
    std::vector<std::uint8_t> luma(std::size_t(grey.width()) * std::size_t(grey.height()));
    for (int y = 0; y < grey.height(); ++y) {
        const uchar *line = grey.constScanLine(y);
        for (int x = 0; x < grey.width(); ++x) {
            luma[std::size_t(y) * std::size_t(grey.width()) + std::size_t(x)] = std::uint8_t(
                Black + line[x] * (White - Black) / 255);
        }
    }
    const std::vector<std::uint8_t> chroma(luma.size(), NoColour);
    return TestStrip::read({grey.width(),
                            grey.height(),
                            {luma.data(), grey.width()},
                            {chroma.data(), grey.width()},
                            {chroma.data(), grey.width()}});
}
