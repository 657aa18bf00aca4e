// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "qml/qmlhouse.h"

#include <QtCore/qfile.h>
#include <QtGui/qguiapplication.h>
#include <QtQuick/qquickitem.h>
#include <QtTest/qtest.h>

using namespace Qt::StringLiterals;

namespace {

/// A window of examples/chat, used by its keyboard.
class Chat
{
public:
    explicit Chat(const QUrl &address)
    {
        QFile file(QStringLiteral(PEER_CHAT));
        if (file.open(QIODevice::ReadOnly))
            m_window = m_house.make(QString::fromUtf8(file.readAll()),
                                    {{u"destination"_s, address}});
    }

    QQuickWindow *window() const { return qobject_cast<QQuickWindow *>(m_window.get()); }
    QStringList warnings() const { return m_house.warnings; }
    QString textOf(const QString &name) const { return field(name)->property("text").toString(); }
    bool isTalking() const { return m_window->property("isTalking").toBool(); }
    /// What is seen of what was said, from above.
    QStringList lines() const
    {
        QStringList lines;
        collectLines(window()->contentItem(), &lines);
        return lines;
    }

    void type(const QString &name, const QString &text)
    {
        window()->requestActivate();
        QVERIFY(QTest::qWaitForWindowActive(window()));
        QMetaObject::invokeMethod(field(name), "forceActiveFocus");
        for (const QChar letter : text)
            QTest::keyClick(window(), letter.toLatin1());
        QTest::keyClick(window(), Qt::Key_Return);
    }

private:
    QObject *field(const QString &name) const { return m_window->findChild<QObject *>(name); }

    static void collectLines(const QQuickItem *item, QStringList *lines)
    {
        if (const QVariant line = item->property("line"); line.isValid())
            lines->append(line.toString());
        for (const QQuickItem *child : item->childItems())
            collectLines(child, lines);
    }

    QmlHouse m_house;
    std::unique_ptr<QObject> m_window;
};

} // namespace

class tst_ChatExample : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void twoTypeAndRead();
    void anAddressThatIsNoneIsToldInWords();
};

void tst_ChatExample::twoTypeAndRead()
{
    Meeting meeting;
    Chat alice(meeting.newName()), bob(meeting.newName());
    QVERIFY2(alice.window() && bob.window(), qPrintable(alice.warnings().join(u'\n')));
    QVERIFY(eventually([&] { return alice.textOf(u"mine"_s).contains(u"id="_s); }));
    bob.type(u"theirs"_s, alice.textOf(u"mine"_s));
    QVERIFY(eventually([&] { return alice.isTalking() && bob.isTalking(); }));
    bob.type(u"words"_s, u"good morning"_s);
    alice.type(u"words"_s, u"<b>hello</b>"_s);
    QVERIFY(eventually([&] {
        return alice.lines().contains(u"They: good morning"_s)
            && bob.lines().contains(u"They: <b>hello</b>"_s);
    }));
    QVERIFY(bob.lines().contains(u"I: good morning"_s));
    QCOMPARE(bob.textOf(u"words"_s), QString());

    // Whoever talks is busy.
    Chat carol(meeting.newName());
    carol.type(u"theirs"_s, alice.textOf(u"mine"_s));
    QVERIFY(eventually([&] { return !carol.lines().isEmpty(); }));
    QCOMPARE(carol.lines(), QStringList(u"the peer is busy"_s));
    QVERIFY(alice.isTalking());
    QCOMPARE(alice.warnings() + bob.warnings() + carol.warnings(), QStringList());
}

void tst_ChatExample::anAddressThatIsNoneIsToldInWords()
{
    Meeting meeting;
    Chat alice(meeting.newName());
    alice.type(u"theirs"_s, u"peer://"_s);
    QVERIFY(eventually([&] { return !alice.lines().isEmpty(); }));
    QCOMPARE(alice.lines(), QStringList(u"column 8: The host is missing."_s));
    QVERIFY(!alice.isTalking());
}

QTEST_MAIN(tst_ChatExample)
#include "tst_chatexample.moc"
