// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include <PeerConnection/PeerConnection>
#include <PeerConnection/PeerRtpFormat>
#include <PeerConnection/PeerTrack>

#include <QtTest/qtest.h>

#include <functional>

using namespace Qt::StringLiterals;

using Kind = PeerTrack::Kind;
using Change = std::function<void(PeerTrack::Options &)>;

Q_DECLARE_METATYPE(Change)

/// What a track is made of.
class TrackOptionsTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void refusesOptionsThatContradictThemselves_data();
    void refusesOptionsThatContradictThemselves();
    void refusesOptionsThatContradictAnotherTrack();
    void refusesDefaultFormatsThatContradictAnotherTrack();
    void completesWhatIsLeftOut();
    void keepsWhatIsGiven();
    void takesPayloadTypesOnBothSidesOfThoseOfRtcp();
    void readsWhatIsRepeated_data();
    void readsWhatIsRepeated();
    void readsWhatIsRedundant_data();
    void readsWhatIsRedundant();
};

void TrackOptionsTest::refusesOptionsThatContradictThemselves_data()
{
    QTest::addColumn<Change>("change");
    QTest::addColumn<QString>("warning");
    using Options = PeerTrack::Options;
    const auto row = [](const char *name, const QString &warning, const Change &change) {
        QTest::newRow(name) << change << warning;
    };
    const QString invalid = u"the format with payload type %1 is not valid"_s;
    row("a payload type of eight bits", invalid.arg(200),
        [](Options &options) { options.formats = {PeerRtpFormat::vp8(200)}; });
    for (const quint8 type : {quint8(64), quint8(95)}) {
        row(qPrintable(u"the payload type %1, which looks like RTCP"_s.arg(type)),
            invalid.arg(type),
            [type](Options &options) { options.formats = {PeerRtpFormat::vp8(type)}; });
    }
    row("no encoding name", invalid.arg(96),
        [](Options &options) { options.formats[0].encodingName.clear(); });
    row("an encoding name with a slash", invalid.arg(96),
        [](Options &options) { options.formats[0].encodingName = u"VP8/1"_s; });
    row("no clock rate", invalid.arg(96),
        [](Options &options) { options.formats[0].clockRate = 0; });
    row("parameters of two lines", invalid.arg(96),
        [](Options &options) { options.formats[0].parameters = u"a=1\r\na=evil"_s; });
    row("feedback of two lines", invalid.arg(96),
        [](Options &options) { options.formats[0].feedback = {u"nack\na=evil"_s}; });
    row("one payload type for two formats", u"payload type 96 stands for two formats"_s,
        [](Options &options) { options.formats.append(PeerRtpFormat::opus(96)); });
    row("retransmissions alone", u"there are only formats that repeat others"_s,
        [](Options &options) { options.formats.removeFirst(); });
    row("an extension with a space", u"a header extension is no URI"_s,
        [](Options &options) { options.extensions = {u"urn:a b"_s}; });
    row("too many extensions", u"there are too many formats, extensions or sources"_s,
        [](Options &options) {
            for (int i = 0; i < 15; ++i)
                options.extensions.append(u"urn:%1"_s.arg(i));
        });
    row("a stream of two words", u"the stream's name is not one word"_s,
        [](Options &options) { options.streamId = u"my stream"_s; });
    row("no SSRC", u"an SSRC is 0 or there twice"_s,
        [](Options &options) { options.sources = {PeerRtpSource()}; });
    row("one SSRC twice", u"an SSRC is 0 or there twice"_s, [](Options &options) {
        options.sources.resize(1);
        options.sources[0].ssrc = 7;
        options.sources[0].retransmissionSsrc = 7;
    });
    row("a CNAME of two words", u"a CNAME is not one word"_s, [](Options &options) {
        options.sources.resize(1);
        options.sources[0].ssrc = 7;
        options.sources[0].cname = u"a b"_s;
    });
}

void TrackOptionsTest::refusesOptionsThatContradictThemselves()
{
    QFETCH(const Change, change);
    QFETCH(const QString, warning);
    PeerTrack::Options options;
    options.formats = PeerTrack::defaultFormats(Kind::Video);
    change(options);
    PeerConnection connection;
    QTest::ignoreMessage(QtWarningMsg, qPrintable(u"PeerConnection::addTrack: "_s + warning));
    QVERIFY(!connection.addTrack(Kind::Video, options));
    // What a track of the peer's sends from has nothing to do with these sources.
    const bool isOfSources = !options.sources.isEmpty();
    if (!isOfSources)
        QTest::ignoreMessage(QtWarningMsg,
                             qPrintable(u"PeerConnection::setAcceptedTracks: "_s + warning));
    QCOMPARE(connection.setAcceptedTracks(Kind::Video, options), isOfSources);
    QVERIFY(connection.tracks().isEmpty());
}

void TrackOptionsTest::refusesOptionsThatContradictAnotherTrack()
{
    PeerConnection connection;
    const PeerTrack *audio = connection.addTrack(Kind::Audio);
    PeerTrack::Options options;
    options.formats = {PeerRtpFormat::vp8(111)};
    QTest::ignoreMessage(QtWarningMsg,
                         "PeerConnection::addTrack: payload type 111 stands for something else in "
                         "another track");
    QVERIFY(!connection.addTrack(Kind::Video, options));
    options.formats = {PeerRtpFormat::vp8(96)};
    options.sources = audio->sources();
    QTest::ignoreMessage(QtWarningMsg, "PeerConnection::addTrack: another track has the same SSRC");
    QVERIFY(!connection.addTrack(Kind::Video, options));
    QVERIFY(connection.setAcceptedTracks(Kind::Video, options)); // these do not matter there
    options.sources.clear();
    QVERIFY(connection.addTrack(Kind::Video, options));
}

void TrackOptionsTest::refusesDefaultFormatsThatContradictAnotherTrack()
{
    PeerConnection connection;
    PeerTrack::Options options;
    options.formats = {PeerRtpFormat::vp8(96)};
    options.formats[0].encodingName = u"H264"_s;
    QVERIFY(connection.addTrack(Kind::Video, options));
    const auto warning =
        u"PeerConnection::%1: payload type 96 stands for something else in another "
        "track"_s;
    QTest::ignoreMessage(QtWarningMsg, qPrintable(warning.arg(u"addTrack"_s)));
    QVERIFY(!connection.addTrack(Kind::Video));
    QTest::ignoreMessage(QtWarningMsg, qPrintable(warning.arg(u"setAcceptedTracks"_s)));
    QVERIFY(!connection.setAcceptedTracks(Kind::Video, {}));
    QVERIFY(connection.addTrack(Kind::Audio));
}

void TrackOptionsTest::completesWhatIsLeftOut()
{
    PeerConnection connection;
    const PeerTrack *audio = connection.addTrack(Kind::Audio);
    const PeerTrack *video = connection.addTrack(Kind::Video);
    QCOMPARE(audio->formats(), PeerTrack::defaultFormats(Kind::Audio));
    QCOMPARE(video->formats(), PeerTrack::defaultFormats(Kind::Video));
    QCOMPARE(audio->sources().at(0).retransmissionSsrc, 0U);
    QVERIFY(video->sources().at(0).retransmissionSsrc != 0);
    QVERIFY(audio->sources().at(0).ssrc != video->sources().at(0).ssrc);
    // One clock, one name: 96 random bits at least (RFC 7022).
    QVERIFY(audio->sources().at(0).cname.size() >= 16);
    QCOMPARE(audio->sources().at(0).cname, video->sources().at(0).cname);
    PeerConnection other;
    QVERIFY(other.addTrack(Kind::Audio)->sources().at(0).cname != audio->sources().at(0).cname);
}

void TrackOptionsTest::keepsWhatIsGiven()
{
    PeerTrack::Options options;
    options.direction = PeerTrack::Direction::SendOnly;
    options.formats = {PeerRtpFormat::opus(100)};
    options.sources.resize(2);
    options.sources[0] = {};
    options.sources[0].ssrc = 1;
    options.sources[0].cname = u"mine"_s;
    options.sources[1].ssrc = 2;
    PeerConnection connection;
    const PeerTrack *track = connection.addTrack(Kind::Audio, options);
    QCOMPARE(track->direction(), PeerTrack::Direction::SendOnly);
    QCOMPARE(track->formats(), options.formats);
    QCOMPARE(track->sources().at(0), options.sources.at(0));
    QCOMPARE(track->sources().at(1).ssrc, 2U);
    QVERIFY(!track->sources().at(1).cname.isEmpty());
}

void TrackOptionsTest::takesPayloadTypesOnBothSidesOfThoseOfRtcp()
{
    for (const quint8 type : {quint8(0), quint8(63), quint8(96), quint8(127)})
        QVERIFY(PeerRtpFormat::vp8(type).isValid());
}

void TrackOptionsTest::readsWhatIsRepeated_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("parameters");
    QTest::addColumn<int>("repeated");
    QTest::newRow("rtx") << u"rtx"_s << u"apt=96"_s << 96;
    QTest::newRow("in capitals") << u"RTX"_s << u"apt=96"_s << 96;
    QTest::newRow("among others") << u"rtx"_s << u"rtx-time=200; apt=97"_s << 97;
    QTest::newRow("another format") << u"VP8"_s << u"apt=96"_s << -1;
    QTest::newRow("no number") << u"rtx"_s << u"apt=x"_s << -1;
    QTest::newRow("no payload type") << u"rtx"_s << u"apt=128"_s << -1;
    QTest::newRow("another parameter") << u"rtx"_s << u"captain=96"_s << -1;
    QTest::newRow("nothing") << u"rtx"_s << u""_s << -1;
}

void TrackOptionsTest::readsWhatIsRepeated()
{
    QFETCH(const QString, name);
    QFETCH(const QString, parameters);
    QFETCH(const int, repeated);
    PeerRtpFormat format;
    format.encodingName = name;
    format.parameters = parameters;
    QCOMPARE(format.repeatedPayloadType(), repeated);
}

void TrackOptionsTest::readsWhatIsRedundant_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("parameters");
    QTest::addColumn<int>("redundant");
    QTest::newRow("once more") << u"red"_s << u"111/111"_s << 111;
    QTest::newRow("in capitals") << u"RED"_s << u"111/111/111"_s << 111;
    QTest::newRow("alone") << u"red"_s << u"111"_s << 111;
    QTest::newRow("another format") << u"opus"_s << u"111/111"_s << -1;
    QTest::newRow("no number") << u"red"_s << u"x/111"_s << -1;
    QTest::newRow("no payload type") << u"red"_s << u"128/128"_s << -1;
    QTest::newRow("nothing") << u"red"_s << u""_s << -1;
}

void TrackOptionsTest::readsWhatIsRedundant()
{
    QFETCH(const QString, name);
    QFETCH(const QString, parameters);
    QFETCH(const int, redundant);
    PeerRtpFormat format;
    format.encodingName = name;
    format.parameters = parameters;
    QCOMPARE(format.redundantPayloadType(), redundant);
    QCOMPARE(PeerRtpFormat::redundancy(63, PeerRtpFormat::opus(100)).redundantPayloadType(), 100);
}

QTEST_GUILESS_MAIN(TrackOptionsTest)

#include "tst_trackoptions.moc"
