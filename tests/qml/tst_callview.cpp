// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "media/fakedevices.h"
#include "qml/qmlhouse.h"

#include <PeerConnection/PeerMediaCall>

#include <QtGui/qaccessible.h>
#include <QtGui/qguiapplication.h>
#include <QtMultimedia/qvideoframe.h>
#include <QtMultimedia/qvideosink.h>
#include <QtQuick/qquickitem.h>
#include <QtTest/qtest.h>

#include <gst/gst.h>

using namespace Qt::StringLiterals;

namespace {

constexpr auto View = uR"(
    import QtQuick
    import PeerConnection
    import PeerConnection.Media

    Window {
        width: 640; height: 360; visible: true
        property alias view: view
        property alias call: call
        PeerConnection { id: call }
        CallView {
            id: view
            anchors.fill: parent
            connection: call
            media.source: MediaCall.Source.Test
            media.testId: 12
        }
    }
)";

} // namespace

class tst_CallView : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init();
    void cleanup();

    void itsPicturesAreTheCalls();
    void onesOwnPictureIsSeenAndMoved();
    void picturesHaveNames();
    void theMediaOfALiveCallAreNotCollected();
    void theEndOfTheCallClearsThePictures();
    void viewsChangeTheirCall();
    void aDeletedCallLeavesNoPicture();
    void devicesAreListed();

private:
    PeerMediaCall *media() const { return m_object->findChild<PeerMediaCall *>(); }
    QQuickItem *part(const char *name) const
    {
        auto *view = m_object->property("view").value<QObject *>();
        return view->property(name).value<QQuickItem *>();
    }
    bool call();

    std::unique_ptr<Meeting> m_meeting;
    std::unique_ptr<QmlHouse> m_house;
    std::unique_ptr<QObject> m_object;
    std::unique_ptr<PeerMediaCall> m_answering;
};

void tst_CallView::initTestCase()
{
    gst_init(nullptr, nullptr);
    peer::test::useFakeDevicesAlone();
}

void tst_CallView::init()
{
    m_meeting = std::make_unique<Meeting>();
    m_house = std::make_unique<QmlHouse>();
    m_object = m_house->make(QString::fromUtf16(View));
    QVERIFY2(m_object, qPrintable(m_house->warnings.join(u'\n')));
}

void tst_CallView::cleanup()
{
    QCOMPARE(m_house->warnings, QStringList());
    m_answering.reset();
    m_object.reset();
    m_house.reset();
    m_meeting.reset();
}

/// The view's connection calls somebody who sends a test picture with the number 3.
bool tst_CallView::call()
{
    if (!m_meeting->listen(false))
        return false;
    m_meeting->onIncoming = [this](PeerConnection *connection) {
        m_answering = std::make_unique<PeerMediaCall>();
        m_answering->setSource(PeerMediaCall::Source::Test);
        m_answering->setTestId(3);
        m_answering->setConnection(connection);
        m_house->collect();
        connection->accept();
    };
    m_object->property("call").value<PeerConnection *>()->dial(
        m_meeting->listener->address().toString());
    return eventually([this] {
        return part("remoteVideo")->property("hasPicture").toBool()
            && part("localVideo")->property("hasPicture").toBool();
    });
}

void tst_CallView::itsPicturesAreTheCalls()
{
    QVERIFY(media());
    QCOMPARE(media()->connection(), m_object->property("call").value<PeerConnection *>());
    QCOMPARE(media()->remoteVideoSink(),
             part("remoteVideo")->property("videoSink").value<QVideoSink *>());
    QCOMPARE(media()->localVideoSink(),
             part("localVideo")->property("videoSink").value<QVideoSink *>());
    QVERIFY(!part("localVideo")->isVisible());
    QVERIFY(part("localVideo")->property("mirror").toBool());
    QVERIFY(!part("remoteVideo")->property("mirror").toBool());
}

void tst_CallView::onesOwnPictureIsSeenAndMoved()
{
    QVERIFY(call());
    auto *window = qobject_cast<QQuickWindow *>(m_object.get());
    QQuickItem *own = part("localVideo");
    QVERIFY(own->isVisible());
    // Mirrored: the strip of what is sent can be read in its looking-glass picture.
    const auto isSeenThere = [&] {
        const QImage seen = window->grabWindow().copy(
            own->mapRectToScene(own->boundingRect()).toAlignedRect());
        const auto strip = stripIn(seen.mirrored(true, false));
        return strip && strip->sender == 12;
    };
    QVERIFY(eventually(isSeenThere));
    QVERIFY(own->x() > 320 && own->y() < 180);

    const QPoint from = own->mapToScene({own->width() / 2, own->height() / 2}).toPoint();
    QTest::mousePress(window, Qt::LeftButton, {}, from);
    for (int step = 1; step <= 10; ++step)
        QTest::mouseMove(window, from + (QPoint(60, 320) - from) * step / 10);
    QTest::mouseRelease(window, Qt::LeftButton, {}, QPoint(60, 320));
    QVERIFY(eventually([&] {
        return m_house->evaluate(m_object.get(), u"view.corner === Qt.BottomLeftCorner"_s).toBool();
    }));
    QVERIFY(own->x() < 40 && own->y() > 180);
    // It stays in its corner when the window grows.
    window->resize(800, 600);
    QVERIFY(eventually([&] { return own->y() > 400; }));
    QCOMPARE(own->x() + own->height() + own->y(), 600.0);

    m_house->evaluate(m_object.get(), u"view.showLocal = false"_s);
    QVERIFY(!own->isVisible());
}

void tst_CallView::picturesHaveNames()
{
    QAccessibleInterface *own = QAccessible::queryAccessibleInterface(part("localVideo"));
    QVERIFY(own);
    QCOMPARE(own->text(QAccessible::Name), u"Your own picture"_s);
    QVERIFY(call());
    QAccessibleInterface *remote = QAccessible::queryAccessibleInterface(part("remoteVideo"));
    QVERIFY(remote);
    QCOMPARE(remote->role(), QAccessible::Graphic);
    const QString name = m_object->property("call").value<PeerConnection *>()->peerName();
    QVERIFY(!name.isEmpty());
    QCOMPARE(remote->text(QAccessible::Name), u"Picture of %1"_s.arg(name));
}

void tst_CallView::theMediaOfALiveCallAreNotCollected()
{
    QVERIFY(m_meeting->listen(false));
    QPointer<PeerMediaCall> answering;
    const auto maker = m_house->make(u"import QtQml\nimport PeerConnection.Media\n"
                                     "QtObject { property Component media: MediaCall {"
                                     "    source: MediaCall.Source.Test } }"_s);
    QVERIFY(maker);
    m_meeting->onIncoming = [&](PeerConnection *connection) {
        answering =
            m_house->evaluate(maker.get(), u"media.createObject(null)"_s).value<PeerMediaCall *>();
        answering->setConnection(connection);
        connection->accept();
    };
    auto *caller = m_object->property("call").value<PeerConnection *>();
    caller->dial(m_meeting->listener->address().toString());
    QVERIFY(eventually([&] { return answering && answering->isActive(); }));
    m_house->collect();
    QVERIFY(answering);
    caller->close();
    QVERIFY(eventually([&] {
        m_house->collect();
        return !answering;
    }));
}

void tst_CallView::theEndOfTheCallClearsThePictures()
{
    QVERIFY(call());
    m_object->property("call").value<PeerConnection *>()->close();
    QVERIFY(eventually([&] {
        return !part("remoteVideo")->property("hasPicture").toBool()
            && !part("localVideo")->property("hasPicture").toBool();
    }));
}

void tst_CallView::viewsChangeTheirCall()
{
    QVERIFY(call());
    QQuickItem *remote = part("remoteVideo");
    m_house->evaluate(remote, u"media = null"_s);
    QVERIFY(!media()->remoteVideoSink());
    QVERIFY(!remote->property("hasPicture").toBool());
    {
        PeerMediaCall other;
        QVERIFY(remote->setProperty("media", QVariant::fromValue(&other)));
        QCOMPARE(other.remoteVideoSink(), remote->property("videoSink").value<QVideoSink *>());
    }
    QVERIFY(!remote->property("media").value<PeerMediaCall *>());
    QVERIFY(remote->setProperty("media", QVariant::fromValue(media())));
    QVERIFY(eventually([&] { return remote->property("hasPicture").toBool(); }));
}

void tst_CallView::aDeletedCallLeavesNoPicture()
{
    QVERIFY(call());
    QQuickItem *remote = part("remoteVideo");
    auto other = std::make_unique<PeerMediaCall>();
    QVERIFY(remote->setProperty("media", QVariant::fromValue(other.get())));
    QVERIFY(!remote->property("hasPicture").toBool());
    other->remoteVideoSink()->setVideoFrame(
        part("localVideo")->property("videoSink").value<QVideoSink *>()->videoFrame());
    QVERIFY(remote->property("hasPicture").toBool());
    other.reset();
    QVERIFY(!remote->property("hasPicture").toBool());
    QVERIFY(!remote->property("media").value<PeerMediaCall *>());
}

void tst_CallView::devicesAreListed()
{
    peer::test::plugIn("Eye", "Video/Source", "videotestsrc is-live=true");
    const auto list = m_house->make(uR"(
        import QtQml
        import PeerConnection.Media
        QtObject {
            id: root
            property MediaCall media: MediaCall {}
            readonly property int count: media.cameras.length
            readonly property string first: count > 0 ? media.cameras[0].name : ""
            property list<string> names
            property Instantiator each: Instantiator {
                model: root.media.cameras
                QtObject {
                    required property peerMediaDevice modelData
                    Component.onCompleted: root.names.push(modelData.name)
                }
            }
        }
    )"_s);
    QVERIFY2(list, qPrintable(m_house->warnings.join(u'\n')));
    QVERIFY(eventually([&] { return list->property("count") == 1; }));
    QCOMPARE(list->property("first").toString(), u"Eye"_s);
    QCOMPARE(m_house->evaluate(list.get(), u"names[0]"_s).toString(), u"Eye"_s);
    peer::test::pullOut("Eye");
    QVERIFY(eventually([&] { return list->property("count") == 0; }));
}

QTEST_MAIN(tst_CallView)
#include "tst_callview.moc"
