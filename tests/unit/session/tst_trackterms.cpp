// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "session/media/trackterms.h"
#include "trackoptions.h"

#include <QtTest/qtest.h>

using namespace peer;
using peer::test::audioOptions;
using peer::test::videoOptions;
using sdp::Direction;
using sdp::PayloadFormat;
using Formats = std::vector<PayloadFormat>;

class tst_TrackTerms : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void directionsMeet_data();
    void directionsMeet();
    void formatsTakeTheNumbersOfTheOther();
    void formatsKeepOurPreference();
    void formatsThatDifferAreLeftOut_data();
    void formatsThatDifferAreLeftOut();
    void retransmissionFollowsWhatItRepeats();
    void redundantSoundIsAgreedOnByWhatItHolds();
    void retransmissionAloneIsOfNoUse();
    void extensionsTakeTheNumbersOfTheOther();
};

void tst_TrackTerms::directionsMeet_data()
{
    QTest::addColumn<Direction>("ours");
    QTest::addColumn<Direction>("theirs");
    QTest::addColumn<Direction>("agreed");
    const auto both = Direction::SendReceive;
    const auto send = Direction::SendOnly;
    const auto receive = Direction::ReceiveOnly;
    const auto none = Direction::Inactive;
    QTest::newRow("both both") << both << both << both;
    QTest::newRow("both, they send") << both << send << receive;
    QTest::newRow("both, they receive") << both << receive << send;
    QTest::newRow("both, they nothing") << both << none << none;
    QTest::newRow("we send, they receive") << send << receive << send;
    QTest::newRow("we send, they send") << send << send << none;
    QTest::newRow("we send, they both") << send << both << send;
    QTest::newRow("we receive, they both") << receive << both << receive;
    QTest::newRow("we receive, they receive") << receive << receive << none;
    QTest::newRow("we nothing") << none << both << none;
}

void tst_TrackTerms::directionsMeet()
{
    QFETCH(const Direction, ours);
    QFETCH(const Direction, theirs);
    QFETCH(const Direction, agreed);
    QCOMPARE(common(ours, reversed(theirs)), agreed);
}

void tst_TrackTerms::formatsTakeTheNumbersOfTheOther()
{
    const Formats theirs{{109, "OPUS", 48000, 2, "stereo=1", {"nack", "transport-cc"}}};
    const Formats agreed = commonFormats(audioOptions().formats, theirs);
    QCOMPARE(agreed, (Formats{{109, "OPUS", 48000, 2, "stereo=1", {"transport-cc"}}}));
}

void tst_TrackTerms::formatsKeepOurPreference()
{
    const Formats ours{{1, "a", 8000, 0, {}, {}}, {2, "b", 8000, 0, {}, {}}};
    const Formats theirs{{5, "b", 8000, 1, {}, {}}, {6, "a", 8000, 1, {}, {}}};
    const Formats agreed = commonFormats(ours, theirs);
    QCOMPARE(agreed.size(), 2U);
    QCOMPARE(agreed[0].payloadType, 6);
    QCOMPARE(agreed[1].payloadType, 5);
}

void tst_TrackTerms::formatsThatDifferAreLeftOut_data()
{
    QTest::addColumn<Formats>("theirs");
    QTest::newRow("none") << Formats{};
    QTest::newRow("another name") << Formats{{111, "opus2", 48000, 2, {}, {}}};
    QTest::newRow("another clock rate") << Formats{{111, "opus", 16000, 2, {}, {}}};
    QTest::newRow("other channels") << Formats{{111, "opus", 48000, 1, {}, {}}};
}

void tst_TrackTerms::formatsThatDifferAreLeftOut()
{
    QFETCH(const Formats, theirs);
    QVERIFY(commonFormats(audioOptions().formats, theirs).empty());
}

void tst_TrackTerms::retransmissionFollowsWhatItRepeats()
{
    const Formats theirs{
        {120, "H264", 90000, 0, {}, {}},      {121, "rtx", 90000, 0, "apt=120", {}},
        {100, "VP8", 90000, 0, {}, {"nack"}}, {101, "rtx", 90000, 0, "apt=100", {}},
        {102, "rtx", 90000, 0, "apt=77", {}}, {103, "rtx", 90000, 0, "rtx-time=5", {}}};
    const Formats agreed = commonFormats(videoOptions().formats, theirs);
    QCOMPARE(
        agreed,
        (Formats{{100, "VP8", 90000, 0, {}, {"nack"}}, {101, "rtx", 90000, 0, "apt=100", {}}}));
}

void tst_TrackTerms::redundantSoundIsAgreedOnByWhatItHolds()
{
    const Formats ours{{111, "opus", 48000, 2, {}, {}}, {63, "red", 48000, 2, "111/111", {}}};
    const Formats theirs{{0, "PCMU", 8000, 0, {}, {}},     {60, "red", 48000, 2, {}, {}},
                         {61, "red", 48000, 2, "0/0", {}}, {62, "red", 48000, 2, "63/63", {}},
                         {109, "opus", 48000, 2, {}, {}},  {110, "RED", 48000, 2, "109/109", {}}};
    QCOMPARE(commonFormats(ours, theirs),
             (Formats{{109, "opus", 48000, 2, {}, {}}, {110, "RED", 48000, 2, "109/109", {}}}));
}

void tst_TrackTerms::retransmissionAloneIsOfNoUse()
{
    sdp::MediaDescription theirs;
    theirs.kind = sdp::MediaKind::Video;
    theirs.formats = {{101, "rtx", 90000, 0, "apt=101", {}}};
    QVERIFY(termsOf(videoOptions(), theirs).formats.empty());
}

void tst_TrackTerms::extensionsTakeTheNumbersOfTheOther()
{
    using Extensions = std::vector<sdp::HeaderExtension>;
    const Extensions ours{{4, test::MidUri, Direction::SendReceive},
                          {5, "urn:other", Direction::SendReceive}};
    const Extensions theirs{{1, "urn:unknown", Direction::SendReceive},
                            {9, test::MidUri, Direction::SendOnly}};
    QCOMPARE(commonExtensions(ours, theirs),
             (Extensions{{9, test::MidUri, Direction::ReceiveOnly}}));
}

QTEST_APPLESS_MAIN(tst_TrackTerms)

#include "tst_trackterms.moc"
