// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "secure/sctp/fragmentsize.h"

#include <QtTest/qtest.h>

#include <algorithm>
#include <cstdint>
#include <vector>

using peer::sctp::FragmentSize;

namespace {

constexpr std::size_t Largest = 1132;
constexpr std::size_t MaxWaiting = 100;

std::size_t piecesOf(std::size_t message, std::size_t size)
{
    return (message + size - 1) / size;
}

} // namespace

class tst_FragmentSize : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void cutsEvenlyIntoAsFewAsPossible_data();
    void cutsEvenlyIntoAsFewAsPossible();
    void growsAtOnce();
    void shrinksWhenNothingWaits();
    void shrinksWhenNothingLargerCanWait();
    void everyMessageKeepsItsNumberOfPieces();
};

void tst_FragmentSize::cutsEvenlyIntoAsFewAsPossible_data()
{
    QTest::addColumn<std::size_t>("message");
    QTest::addColumn<std::size_t>("size");
    QTest::newRow("fits in half a packet") << std::size_t(1) << std::size_t(568);
    QTest::newRow("fits in a packet") << std::size_t(998) << std::size_t(1000);
    QTest::newRow("fills a packet") << Largest << Largest;
    QTest::newRow("one octet more than fits") << Largest + 1 << std::size_t(568);
    QTest::newRow("two halves") << std::size_t(1200) << std::size_t(600);
    QTest::newRow("two halves, padded") << std::size_t(1202) << std::size_t(604);
    QTest::newRow("three") << std::size_t(3000) << std::size_t(1000);
    QTest::newRow("four") << std::size_t(4000) << std::size_t(1000);
    QTest::newRow("four full ones") << 4 * Largest << Largest;
    QTest::newRow("enough for a batch") << 5 * Largest - 500 << Largest;
}

void tst_FragmentSize::cutsEvenlyIntoAsFewAsPossible()
{
    QFETCH(const std::size_t, message);
    FragmentSize fragments(Largest, MaxWaiting);
    QTEST(fragments.add(message, true), "size");
}

void tst_FragmentSize::growsAtOnce()
{
    FragmentSize fragments(Largest, MaxWaiting);
    QCOMPARE(fragments.add(1200, true), std::size_t(600));
    QCOMPARE(fragments.add(100, false), std::size_t(600));
    QCOMPARE(fragments.add(3000, false), std::size_t(1000));
    QCOMPARE(fragments.add(1200, false), std::size_t(1000));
}

void tst_FragmentSize::shrinksWhenNothingWaits()
{
    FragmentSize fragments(Largest, MaxWaiting);
    fragments.add(65536, true);
    QCOMPARE(fragments.add(1200, false), std::size_t(1132));
    QCOMPARE(fragments.add(1200, true), std::size_t(600));
}

void tst_FragmentSize::shrinksWhenNothingLargerCanWait()
{
    FragmentSize fragments(Largest, MaxWaiting);
    fragments.add(65536, true);
    std::size_t messages = 0;
    while (fragments.add(1200, false) != 600)
        QVERIFY(++messages < 3 * MaxWaiting);
    QVERIFY(messages >= MaxWaiting);
}

// The oldest MaxWaiting messages may wait still, and the one that was added.
void tst_FragmentSize::everyMessageKeepsItsNumberOfPieces()
{
    FragmentSize fragments(Largest, MaxWaiting);
    std::vector<std::size_t> messages;
    std::uint32_t random = 1;
    for (int i = 0; i < 5000; ++i) {
        random = random * 1664525 + 1013904223;
        const bool isRareLargeOne = (random >> 16) % 150 == 0;
        messages.push_back(isRareLargeOne ? 5000 + (random >> 20) : 1140 + (random >> 24));
        const std::size_t size = fragments.add(messages.back(), i == 0);
        const std::size_t first = messages.size() - std::min(messages.size(), MaxWaiting);
        for (std::size_t at = first; at < messages.size(); ++at)
            QCOMPARE(piecesOf(messages[at], size), piecesOf(messages[at], Largest));
    }
}

QTEST_APPLESS_MAIN(tst_FragmentSize)

#include "tst_fragmentsize.moc"
