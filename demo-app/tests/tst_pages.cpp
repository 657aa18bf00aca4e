// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "filetransfer.h"
#include "phones.h"
#include "theme.h"

#include <PeerConnection/PeerChannel>

#include <QtCore/qdir.h>
#include <QtCore/qmimedata.h>
#include <QtGui/qaccessible.h>
#include <QtGui/qclipboard.h>
#include <QtGui/qevent.h>
#include <QtGui/qguiapplication.h>
#include <QtQml/qqmlapplicationengine.h>
#include <QtQml/qqmlextensionplugin.h>
#include <QtQuick/qquickitem.h>
#include <QtQuick/qquickwindow.h>
#include <QtTest/qtest.h>

Q_IMPORT_QML_PLUGIN(DemoPlugin)

using namespace demo;
using namespace Qt::StringLiterals;

namespace {

/// The program's window for one of the phones.
class Window
{
public:
    explicit Window(Phone &phone)
    {
        m_engine.addImportPath(u":/qt/qml"_s);
        m_engine.addImportPath(QStringLiteral(PEERCONNECTION_QML_IMPORT_PATH));
        m_engine.setInitialProperties({{u"phone"_s, QVariant::fromValue(&phone)}});
        m_engine.load(QUrl(u"qrc:/qt/qml/Demo/qml/Main.qml"_s));
        if (!m_engine.rootObjects().isEmpty())
            m_window = qobject_cast<QQuickWindow *>(m_engine.rootObjects().constFirst());
    }

    QQuickWindow *operator->() const { return m_window; }
    QQuickWindow *get() const { return m_window; }

    bool show(QSize size)
    {
        if (!m_window)
            return false;
        m_window->resize(size);
        m_window->requestActivate();
        return QTest::qWaitForWindowActive(m_window)
            && QTest::qWaitFor([this, size] { return m_window->size() == size; });
    }
    QQuickItem *item(const QString &name) const { return m_window->findChild<QQuickItem *>(name); }
    void press(Qt::Key key) const { QTest::keyClick(m_window, key); }
    void type(const QString &text) const
    {
        for (const QChar character : text)
            QTest::keyClick(m_window, character.toLatin1());
    }

private:
    QQmlApplicationEngine m_engine;
    QQuickWindow *m_window = nullptr;
};

bool canBeSeen(const QQuickItem *item)
{
    return item->isVisible() && item->width() > 0 && item->height() > 0;
}

void collect(QQuickItem *item, QList<QQuickItem *> *found, bool (*wanted)(QQuickItem *))
{
    if (!item->isVisible())
        return;
    if (wanted(item))
        found->append(item);
    for (QQuickItem *child : item->childItems())
        collect(child, found, wanted);
}

QList<QQuickItem *> focusable(const Window &window)
{
    QList<QQuickItem *> found;
    collect(window->contentItem(), &found, [](QQuickItem *item) {
        return item->activeFocusOnTab() && item->isEnabled() && canBeSeen(item);
    });
    return found;
}

QString describe(const QQuickItem *item)
{
    return QLatin1StringView(item->metaObject()->className()) + u" '"_s + item->objectName()
        + u'\'';
}

QString accessibleName(QQuickItem *item)
{
    QAccessibleInterface *interface = QAccessible::queryAccessibleInterface(item);
    return interface ? interface->text(QAccessible::Name) : QString();
}

bool isChecked(QQuickItem *item)
{
    QAccessibleInterface *interface = QAccessible::queryAccessibleInterface(item);
    return interface && interface->state().checked;
}

QAccessible::Role accessibleRole(QQuickItem *item)
{
    QAccessibleInterface *interface = QAccessible::queryAccessibleInterface(item);
    return interface ? interface->role() : QAccessible::NoRole;
}

/// Whoever only hears the page, or only has keys, can do all that can be done.
void checkAccess(const Window &window)
{
    const QList<QQuickItem *> all = focusable(window);
    QVERIFY(!all.isEmpty());
    for (QQuickItem *item : all) {
        QVERIFY2(!accessibleName(item).isEmpty(), qPrintable(describe(item) + u" has no name"_s));
        QVERIFY2(accessibleRole(item) != QAccessible::NoRole
                     && accessibleRole(item) != QAccessible::Client,
                 qPrintable(describe(item) + u" has no role"_s));
    }
    QSet<QQuickItem *> reached;
    for (qsizetype i = 0; i <= 2 * all.size(); ++i) {
        QQuickItem *item = window->activeFocusItem();
        if (item) {
            // A list gives the focus to its current line.
            for (QQuickItem *scope = item; scope; scope = scope->parentItem())
                reached.insert(scope);
            const QRectF area = item->mapRectToScene(item->boundingRect());
            if (all.contains(item)) {
                QVERIFY2(QRectF(QPointF(0, 0), QSizeF(window->size())).contains(area.center()),
                         qPrintable(describe(item) + u" has the focus and is out of sight"_s));
            }
        }
        window.press(Qt::Key_Tab);
    }
    for (QQuickItem *item : all)
        QVERIFY2(reached.contains(item), qPrintable(describe(item) + u" is not reached by Tab"_s));
}

/// Nothing written leaves the window sideways or is cut without a sign of it.
void checkTexts(const Window &window)
{
    QList<QQuickItem *> texts;
    collect(window->contentItem(), &texts, [](QQuickItem *item) {
        return item->inherits("QQuickText") && canBeSeen(item)
            && !item->property("text").toString().isEmpty();
    });
    for (const QQuickItem *text : texts) {
        const QRectF area = text->mapRectToScene(text->boundingRect());
        const QString words = text->property("text").toString();
        QVERIFY2(area.left() >= -1 && area.right() <= window->width() + 1, qPrintable(words));
        const bool isElided = text->property("elide").toInt() != 3; // Text.ElideNone
        QVERIFY2(isElided || text->property("contentWidth").toReal() <= text->width() + 1,
                 qPrintable(words));
    }
}

/// For those who look at the pages: DEMO_SCREENSHOTS names a folder.
void keep(const Window &window, const QString &page)
{
    const QString folder = qEnvironmentVariable("DEMO_SCREENSHOTS");
    const QImage image = window->grabWindow();
    QVERIFY(!image.isNull());
    if (folder.isEmpty())
        return;
    QString tag = QString::fromLatin1(QTest::currentDataTag());
    QVERIFY(image.save(folder + u'/' + page + u'-' + tag.replace(u' ', u'-') + u".png"_s));
}

void click(QQuickItem *item)
{
    QVERIFY(item);
    const QPointF centre = item->mapToScene(item->boundingRect().center());
    QTest::mouseClick(item->window(), Qt::LeftButton, {}, centre.toPoint());
}

} // namespace

class PagesTest : public QObject
{
    Q_OBJECT

private:
    std::unique_ptr<Phones> m_phones;

    void rows()
    {
        QTest::addColumn<QSize>("size");
        QTest::addColumn<QPalette>("palette");
        QPalette contrast(Qt::black, Qt::black);
        contrast.setColor(QPalette::WindowText, Qt::yellow);
        contrast.setColor(QPalette::Base, Qt::black);
        QTest::newRow("small light") << QSize(640, 480) << Theme::lightPalette();
        QTest::newRow("small dark") << QSize(640, 480) << Theme::darkPalette();
        QTest::newRow("large light") << QSize(1280, 800) << Theme::lightPalette();
        QTest::newRow("large of high contrast") << QSize(1280, 800) << contrast;
    }

private Q_SLOTS:
    void initTestCase() { QAccessible::setActive(true); }
    void init()
    {
        QTest::failOnWarning(QRegularExpression(u"qrc:"_s));
        m_phones = std::make_unique<Phones>();
        QVERIFY(m_phones->start());
    }
    void cleanup() { m_phones.reset(); }

    void theStartPageCanBeReadAndUsedByAll_data() { rows(); }
    void theStartPageCanBeReadAndUsedByAll()
    {
        QFETCH(const QSize, size);
        QFETCH(const QPalette, palette);
        QGuiApplication::setPalette(palette);
        for (const char *name : {"mum", "carol", "dave"})
            m_phones->bob->people()->add(
                u"peer://%1@rendezvous.example"_s.arg(QLatin1StringView(name)));
        Window window(*m_phones->bob);
        QVERIFY(window.show(size));
        keep(window, u"start"_s);
        checkAccess(window);
        checkTexts(window);
    }

    void whatWentWrongIsOnTheStartPage_data() { rows(); }
    void whatWentWrongIsOnTheStartPage()
    {
        QFETCH(const QSize, size);
        QFETCH(const QPalette, palette);
        QGuiApplication::setPalette(palette);
        Window window(*m_phones->bob);
        QVERIFY(window.show(size));
        window.type(u"peer://nobody here"_s);
        window.press(Qt::Key_Return);
        QVERIFY(!m_phones->bob->troubleTitle().isEmpty());
        keep(window, u"trouble"_s);
        checkAccess(window);
        checkTexts(window);
    }

    void theAddressIsCopied()
    {
        Window window(*m_phones->alice);
        QVERIFY(window.show({960, 640}));
        click(window.item(u"copyButton"_s));
        QCOMPARE(QGuiApplication::clipboard()->text(), m_phones->alice->own()->address());
    }

    void ringingCanBeReadAndUsedByAll_data() { rows(); }
    void ringingCanBeReadAndUsedByAll()
    {
        QFETCH(const QSize, size);
        Window hers(*m_phones->alice);
        Window his(*m_phones->bob);
        QVERIFY(m_phones->ring());
        QVERIFY(hers.show(size));
        keep(hers, u"ringing"_s);
        QCOMPARE(hers.item(u"peerName"_s)->property("text").toString(), u"bob"_s);
        QCOMPARE(hers.item(u"kind"_s)->property("text").toString(), u"Video call"_s);
        QVERIFY(hers.item(u"peerIdentity"_s)->isVisible());
        checkAccess(hers);
        checkTexts(hers);
        QVERIFY(his.show(size));
        keep(his, u"dialing"_s);
        QVERIFY(!his.item(u"acceptButton"_s)->isVisible());
        checkAccess(his);
        checkTexts(his);
    }

    void aWindowThatIsPutAwayComesBackWhenItRings()
    {
        Window window(*m_phones->alice);
        QVERIFY(window.show({960, 640}));
        window->showMinimized();
        QTRY_COMPARE(window->visibility(), QWindow::Minimized);
        QVERIFY(m_phones->ring());
        QTRY_VERIFY(window->visibility() != QWindow::Minimized);
    }

    void whoIsTypingWhenItRingsAcceptsNothing()
    {
        Window window(*m_phones->alice);
        QVERIFY(window.show({640, 480}));
        QVERIFY(m_phones->ring());
        QTRY_VERIFY(window.item(u"acceptButton"_s));
        window.type(u"hello there"_s);
        window.press(Qt::Key_Space);
        window.press(Qt::Key_Return);
        window.press(Qt::Key_Enter);
        window.press(Qt::Key_Escape);
        QCoreApplication::processEvents();
        QCOMPARE(m_phones->alice->call()->phase(), CallSession::Phase::Ringing);
        QVERIFY(!m_phones->alice->call()->media()->connection());
    }

    void aCallIsAcceptedByKeys()
    {
        Window window(*m_phones->alice);
        QVERIFY(m_phones->ring());
        QVERIFY(window.show({640, 480}));
        while (window->activeFocusItem() != window.item(u"acceptButton"_s))
            window.press(Qt::Key_Tab);
        window.press(Qt::Key_Space);
        QTRY_COMPARE_WITH_TIMEOUT(m_phones->bob->call()->phase(), CallSession::Phase::Talking,
                                  20'000);
    }

    void aCallIsDeclinedByKeys()
    {
        Window window(*m_phones->alice);
        QVERIFY(m_phones->ring());
        QVERIFY(window.show({640, 480}));
        QTRY_VERIFY(window.item(u"declineButton"_s));
        while (window->activeFocusItem() != window.item(u"declineButton"_s))
            window.press(Qt::Key_Tab);
        window.press(Qt::Key_Return);
        QTRY_VERIFY(!m_phones->bob->call());
    }

    void theCallCanBeReadAndUsedByAll_data() { rows(); }
    void theCallCanBeReadAndUsedByAll()
    {
        QFETCH(const QSize, size);
        Window window(*m_phones->bob);
        QVERIFY(window.show(size));
        QVERIFY(m_phones->talk());
        QTRY_VERIFY(window.item(u"hangUpButton"_s));
        QTRY_VERIFY(window.item(u"path"_s)->isVisible());
        keep(window, u"call"_s);
        checkAccess(window);
        checkTexts(window);
    }

    void theChatCanBeReadAndUsedByAll_data() { rows(); }
    void theChatCanBeReadAndUsedByAll()
    {
        QFETCH(const QSize, size);
        Window window(*m_phones->bob);
        QVERIFY(window.show(size));
        QVERIFY(m_phones->talk());
        QTRY_VERIFY(window.item(u"chatButton"_s));
        click(window.item(u"chatButton"_s));
        QTRY_VERIFY(window.item(u"chatField"_s)->hasActiveFocus());
        window.type(u"hello Alice"_s);
        window.press(Qt::Key_Return);
        m_phones->alice->call()->conversation()->say(
            u"hello Bob, here is something longer that needs more than a line to be said"_s);
        m_phones->alice->call()->conversation()->send(
            {QUrl::fromLocalFile(QCoreApplication::applicationFilePath())});
        Conversation &his = *m_phones->bob->call()->conversation();
        QTRY_COMPARE(his.rowCount(), 3);
        his.send({QUrl::fromLocalFile(u"/dev/zero"_s)});
        QTRY_COMPARE(
            his.data(his.index(3), Conversation::TransferRole).value<FileTransfer *>()->isRunning(),
            false);
        QTRY_COMPARE(window.item(u"lines"_s)->property("count").toInt(), 4);
        keep(window, u"chat"_s);
        checkAccess(window);
        checkTexts(window);
        window.item(u"chatField"_s)->forceActiveFocus();
        window.press(Qt::Key_Escape);
        QTRY_VERIFY(!window.item(u"chatField"_s)->isVisible());
    }

    void aDroppedFileIsSent()
    {
        Window window(*m_phones->bob);
        QVERIFY(window.show({960, 640}));
        QVERIFY(m_phones->talk());
        QTRY_VERIFY(window.item(u"chatButton"_s));
        QMimeData dropped;
        dropped.setUrls({QUrl::fromLocalFile(QCoreApplication::applicationFilePath())});
        QDragEnterEvent enter({480, 320}, Qt::CopyAction, &dropped, Qt::LeftButton, {});
        QCoreApplication::sendEvent(window.get(), &enter);
        QVERIFY(enter.isAccepted());
        QDropEvent drop({480, 320}, Qt::CopyAction, &dropped, Qt::LeftButton, {});
        QCoreApplication::sendEvent(window.get(), &drop);
        QVERIFY(drop.isAccepted());
        Conversation &hers = *m_phones->alice->call()->conversation();
        QTRY_COMPARE(hers.rowCount(), 1);
        QTRY_COMPARE_WITH_TIMEOUT(
            hers.data(hers.index(0), Conversation::TransferRole).value<FileTransfer *>()->state(),
            FileTransfer::State::Done, 30'000);
        QTRY_VERIFY(window.item(u"chatField"_s)->isVisible());
    }

    void muteAndCameraAreTheMedias()
    {
        Window window(*m_phones->bob);
        QVERIFY(window.show({960, 640}));
        QVERIFY(m_phones->talk());
        QTRY_VERIFY(window.item(u"muteButton"_s));
        PeerMediaCall *media = m_phones->bob->call()->media();
        const QString name = accessibleName(window.item(u"muteButton"_s));
        click(window.item(u"muteButton"_s));
        QVERIFY(media->isMuted());
        // "Mute, checked", and not the contrary of what is.
        QCOMPARE(accessibleName(window.item(u"muteButton"_s)), name);
        QVERIFY(isChecked(window.item(u"muteButton"_s)));
        click(window.item(u"muteButton"_s));
        QVERIFY(!media->isMuted());
        click(window.item(u"cameraButton"_s));
        QVERIFY(media->isCameraOff());
    }

    void devicesAreChosenByKeys()
    {
        Window window(*m_phones->bob);
        QVERIFY(window.show({640, 480}));
        QVERIFY(m_phones->talk());
        QTRY_VERIFY(window.item(u"devicesButton"_s));
        window.item(u"devicesButton"_s)->forceActiveFocus();
        window.press(Qt::Key_Return);
        QTRY_VERIFY(window.item(u"devicesDone"_s) && window.item(u"devicesDone"_s)->isVisible());
        checkTexts(window);
        window.press(Qt::Key_Escape);
        QTRY_VERIFY(!window.item(u"devicesDone"_s)->isVisible());
    }

    void theWindowsCanFillTheScreen()
    {
        Window window(*m_phones->bob);
        QVERIFY(window.show({960, 640}));
        QVERIFY(m_phones->talk());
        QTRY_VERIFY(window.item(u"fullScreenButton"_s));
        click(window.item(u"fullScreenButton"_s));
        QTRY_COMPARE(window->visibility(), QWindow::FullScreen);
        window.press(Qt::Key_Escape);
        QTRY_VERIFY(window->visibility() != QWindow::FullScreen);
    }

    void hangingUpLeadsBackToTheStart()
    {
        Window window(*m_phones->bob);
        QVERIFY(window.show({960, 640}));
        QVERIFY(m_phones->talk());
        QTRY_VERIFY(window.item(u"hangUpButton"_s));
        click(window.item(u"hangUpButton"_s));
        QTRY_VERIFY(window.item(u"destination"_s));
        QVERIFY(m_phones->bob->troubleTitle().isEmpty());
    }
};

QTEST_MAIN(PagesTest)
#include "tst_pages.moc"
