// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "qml/qmlhouse.h"

#include <PeerConnection/PeerMediaCall>

#include <QtCore/qfile.h>
#include <QtCore/qregularexpression.h>
#include <QtGui/qguiapplication.h>
#include <QtTest/qtest.h>

using namespace Qt::StringLiterals;

namespace {

constexpr int Alice = 3;
constexpr int Bob = 12;

/// The blocks of QML in README.md: the caller, then the callee.
QStringList readmeBlocks()
{
    QFile file(QStringLiteral(PEER_README));
    if (!file.open(QIODevice::ReadOnly))
        return {};
    const QString text = QString::fromUtf8(file.readAll());
    static const QRegularExpression block(u"^```qml\n(.*?)^```$"_s,
                                          QRegularExpression::MultilineOption
                                              | QRegularExpression::DotMatchesEverythingOption);
    QStringList blocks;
    for (auto match = block.globalMatch(text); match.hasNext();)
        blocks.append(match.next().captured(1));
    return blocks;
}

/// The addresses of the README are nobody's; everything else of it stays.
QString withAddress(QString block, const QUrl &address)
{
    const QString example = u"\"peer://alice@rendezvous.example.org\""_s;
    return block.count(example) == 1
        ? block.replace(example, u'"' + address.toString(QUrl::FullyEncoded) + u'"')
        : QString();
}

PeerMediaCall *mediaOf(QObject *window, int testId)
{
    auto *media = window->findChild<PeerMediaCall *>();
    if (media) {
        media->setSource(PeerMediaCall::Source::Test); // no camera of whoever runs this
        media->setTestId(testId);
    }
    return media;
}

} // namespace

class tst_ReadmeCall : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void tenLinesAreEnough();
    void theTwoSidesSeeEachOther();
};

void tst_ReadmeCall::tenLinesAreEnough()
{
    const QStringList blocks = readmeBlocks();
    QCOMPARE_GE(blocks.size(), 2);
    QCOMPARE_LE(blocks.at(0).count(u'\n'), 10);
    QCOMPARE_LE(blocks.at(1).count(u'\n'), 14);
}

void tst_ReadmeCall::theTwoSidesSeeEachOther()
{
    const QStringList blocks = readmeBlocks();
    QCOMPARE_GE(blocks.size(), 2);
    PeerRendezvousServer server;
    QVERIFY(server.listen());
    const QUrl address = server.peerUrl(u"alice"_s);

    QmlHouse house;
    const auto callee = house.make(withAddress(blocks.at(1), address));
    QVERIFY2(callee, qPrintable(house.warnings.join(u'\n')));
    PeerMediaCall *answering = mediaOf(callee.get(), Alice);
    QVERIFY(answering);
    QVERIFY(eventually([&] { return server.isRegistered(u"alice"_s); }));

    const auto caller = house.make(withAddress(blocks.at(0), address));
    QVERIFY2(caller, qPrintable(house.warnings.join(u'\n')));
    PeerMediaCall *calling = mediaOf(caller.get(), Bob);
    QVERIFY(calling);
    auto *call = caller->findChild<PeerConnection *>();
    QVERIFY(call);
    QVERIFY2(eventually([&] { return call->state() == PeerConnection::State::Connected; }),
             qPrintable(call->errorString()));

    const auto hasDecoded = [](PeerMediaCall *media, int sender) {
        return media->statistics().testSender == sender && media->statistics().testFrames >= 10;
    };
    QVERIFY(eventually([&] { return hasDecoded(calling, Alice) && hasDecoded(answering, Bob); }));

    // And it is seen, in the pixels of both windows.
    const auto sees = [](QObject *window, int sender) {
        const auto strip = stripIn(qobject_cast<QQuickWindow *>(window)->grabWindow());
        return strip && strip->sender == sender;
    };
    QVERIFY(eventually([&] { return sees(caller.get(), Alice); }));
    QVERIFY(eventually([&] { return sees(callee.get(), Bob); }));
    QCOMPARE(house.warnings, QStringList());
}

QTEST_MAIN(tst_ReadmeCall)
#include "tst_readmecall.moc"
