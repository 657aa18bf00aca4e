// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "session/media/mediasections.h"
#include "trackoptions.h"

#include <QtTest/qtest.h>

using namespace peer;
using peer::test::audioOptions;
using peer::test::videoOptions;
using sdp::Direction;
using sdp::MediaDescription;
using sdp::MediaKind;
using sdp::SessionDescription;

namespace {

MediaDescription transport()
{
    MediaDescription data;
    data.mid = "0";
    data.ice.usernameFragment = "ufrag";
    data.ice.password = "0123456789012345678901";
    data.fingerprints = {{"sha-256", std::vector<std::uint8_t>(32, 7)}};
    data.setup = sdp::Setup::ActPass;
    data.sctpPort = 5000;
    return data;
}

/// By way of the text, as it travels.
SessionDescription carried(const SessionDescription &description)
{
    const auto parsed = SessionDescription::parse(description.toString());
    return parsed ? *parsed : SessionDescription();
}

SessionDescription offerOf(MediaSections &sections)
{
    SessionDescription description;
    sections.writeOffer(transport(), description);
    return carried(description);
}

SessionDescription answerOf(MediaSections &sections)
{
    SessionDescription description;
    sections.writeAnswer(transport(), description);
    return carried(description);
}

std::vector<TrackEvent> eventsOf(MediaSections &sections)
{
    std::vector<TrackEvent> events;
    while (auto event = sections.nextEvent())
        events.push_back(std::move(*event));
    return events;
}

template<typename Event>
std::vector<Event> only(const std::vector<TrackEvent> &events)
{
    std::vector<Event> result;
    for (const TrackEvent &event : events) {
        if (const auto *wanted = std::get_if<Event>(&event))
            result.push_back(*wanted);
    }
    return result;
}

/// Caller and callee, whose descriptions arrive at once.
struct Ends
{
    MediaSections caller;
    MediaSections callee{{audioOptions(300), videoOptions(400)}};

    /// Null if all went well.
    static const char *negotiate(MediaSections &offerer, MediaSections &answerer)
    {
        const SessionDescription offer = offerOf(offerer);
        if (const char *fault = answerer.checkOffer(offer.media))
            return fault;
        answerer.takeOffer(offer.media);
        const SessionDescription answer = answerOf(answerer);
        if (const char *fault = offerer.checkAnswer(answer.media))
            return fault;
        offerer.takeAnswer(answer.media);
        return nullptr;
    }
};

} // namespace

class tst_MediaSections : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void withoutTracksThereIsTheDataSectionAlone();
    void tracksOfBothMeetInOneSection();
    void aTrackMeetsOneSectionOnly();
    void aTrackOfThePeersIsReceived();
    void aKindThatIsNotWantedIsRefused();
    void aTrackIsAddedLater();
    void theAnswererAddsATrackLater();
    void directionsChange();
    void anEndedTrackLeavesItsPlaceToTheNext();
    void aTrackThatNobodyHasHeardOfGoesQuietly();
    void aTrackThatEndsBeforeItsOfferIsTakenBackIsForgotten_data();
    void aTrackThatEndsBeforeItsOfferIsTakenBackIsForgotten();
    void anOfferThatIsTakenBackIsWantedStill();
    void aWishThatComesBehindAnOfferIsKept();
    void numbersKeepTheirMeaning();
    void aLaterSectionTakesNoNumberThatStandsForSomethingElse();
    void allSectionsHaveTheSameTransport();
    void theOrderOfAnothersSectionsIsKept();
    void whatIsUnknownIsRefusedInItsPlace();
    void refusesDescriptionsThatDoNotFit_data();
    void refusesDescriptionsThatDoNotFit();
    void boundsTheTracks();
};

void tst_MediaSections::withoutTracksThereIsTheDataSectionAlone()
{
    Ends ends;
    QVERIFY(!ends.caller.isOfferNeeded());
    const SessionDescription offer = offerOf(ends.caller);
    QCOMPARE(offer.media.size(), 1U);
    QCOMPARE(offer.media[0], transport());
    QCOMPARE(offer.bundle, std::vector<std::string>{"0"});
    QCOMPARE(Ends::negotiate(ends.caller, ends.callee), nullptr);
    QVERIFY(eventsOf(ends.caller).empty());
}

void tst_MediaSections::tracksOfBothMeetInOneSection()
{
    Ends ends;
    const TrackId ours = ends.caller.add(audioOptions(1));
    const TrackId theirs = ends.callee.add(audioOptions(2));
    QVERIFY(ends.caller.isOfferNeeded());
    QCOMPARE(Ends::negotiate(ends.caller, ends.callee), nullptr);
    QVERIFY(!ends.caller.isOfferNeeded());
    QVERIFY(!ends.callee.isOfferNeeded());
    QCOMPARE(ends.caller.sectionOf(ours), 1U);
    QCOMPARE(ends.callee.sectionOf(theirs), 1U);
    const auto changes = only<event::TrackChanged>(eventsOf(ends.caller));
    QCOMPARE(changes.size(), 1U);
    QCOMPARE(changes[0].track, ours);
    QCOMPARE(changes[0].terms.direction, Direction::SendReceive);
    QCOMPARE(changes[0].terms.mid, std::string("1"));
    QCOMPARE(changes[0].terms.sources, audioOptions(2).sources);
    QCOMPARE(changes[0].terms.formats.size(), 1U);
    QCOMPARE(only<event::TrackOffered>(eventsOf(ends.callee)).size(), 0U);
}

void tst_MediaSections::aTrackMeetsOneSectionOnly()
{
    Ends ends;
    for (const std::uint32_t ssrc : {1U, 2U, 3U})
        ends.caller.add(audioOptions(ssrc));
    const TrackId own = ends.callee.add(audioOptions(4));
    QCOMPARE(Ends::negotiate(ends.caller, ends.callee), nullptr);
    const auto events = eventsOf(ends.callee);
    QCOMPARE(only<event::TrackOffered>(events).size(), 2U);
    QCOMPARE(only<event::TrackChanged>(events).size(), 3U);
    QCOMPARE(ends.callee.sectionOf(own), std::optional<std::size_t>(1));
    for (std::size_t section = 2; section < 4; ++section)
        QVERIFY(ends.callee.trackOf(section) != own);
    QVERIFY(ends.callee.trackOf(2) != ends.callee.trackOf(3));
}

void tst_MediaSections::aTrackOfThePeersIsReceived()
{
    Ends ends;
    const TrackId ours = ends.caller.add(videoOptions(1));
    QCOMPARE(Ends::negotiate(ends.caller, ends.callee), nullptr);
    const auto events = eventsOf(ends.callee);
    const auto offered = only<event::TrackOffered>(events);
    QCOMPARE(offered.size(), 1U);
    QCOMPARE(offered[0].options.kind, MediaKind::Video);
    QCOMPARE(offered[0].options.direction, Direction::ReceiveOnly);
    QCOMPARE(offered[0].options.formats, videoOptions(400).formats);
    const auto changes = only<event::TrackChanged>(events);
    QCOMPARE(changes.size(), 1U);
    QCOMPARE(changes[0].track, offered[0].track);
    QCOMPARE(changes[0].terms.direction, Direction::ReceiveOnly);
    QCOMPARE(changes[0].terms.sources, videoOptions(1).sources);
    QCOMPARE(changes[0].terms.retransmissionGroups, videoOptions(1).retransmissionGroups);
    QCOMPARE(ends.caller.terms(ours)->direction, Direction::SendOnly);
    QVERIFY(ends.caller.terms(ours)->sources.empty());
}

void tst_MediaSections::aKindThatIsNotWantedIsRefused()
{
    MediaSections caller;
    MediaSections callee({audioOptions()});
    caller.add(videoOptions());
    const TrackId audio = caller.add(audioOptions());
    QCOMPARE(Ends::negotiate(caller, callee), nullptr);
    QCOMPARE(only<event::TrackEnded>(eventsOf(caller)).size(), 1U);
    QVERIFY(caller.terms(audio));
    QVERIFY(!caller.isOfferNeeded()); // it is not offered again
}

void tst_MediaSections::aTrackIsAddedLater()
{
    Ends ends;
    ends.caller.add(audioOptions());
    QCOMPARE(Ends::negotiate(ends.caller, ends.callee), nullptr);
    eventsOf(ends.callee);
    const TrackId video = ends.caller.add(videoOptions());
    QVERIFY(ends.caller.isOfferNeeded());
    QCOMPARE(Ends::negotiate(ends.caller, ends.callee), nullptr);
    QCOMPARE(ends.caller.sectionOf(video), 2U);
    // Nothing is said of the one that stays as it is.
    QCOMPARE(only<event::TrackChanged>(eventsOf(ends.callee)).size(), 1U);
}

void tst_MediaSections::theAnswererAddsATrackLater()
{
    Ends ends;
    QCOMPARE(Ends::negotiate(ends.caller, ends.callee), nullptr);
    const TrackId video = ends.callee.add(videoOptions());
    QVERIFY(ends.callee.isOfferNeeded());
    const SessionDescription offer = offerOf(ends.callee);
    QCOMPARE(ends.caller.checkOffer(offer.media), nullptr);
    ends.caller.takeOffer(offer.media);
    const SessionDescription answer = answerOf(ends.caller);
    QVERIFY(answer.media[1].isRejected()); // this caller takes none
    ends.callee.takeAnswer(answer.media);
    const auto ended = only<event::TrackEnded>(eventsOf(ends.callee));
    QCOMPARE(ended.size(), 1U);
    QCOMPARE(ended[0].track, video);
}

void tst_MediaSections::directionsChange()
{
    Ends ends;
    const TrackId ours = ends.caller.add(audioOptions(1));
    const TrackId theirs = ends.callee.add(audioOptions(2));
    QCOMPARE(Ends::negotiate(ends.caller, ends.callee), nullptr);
    QVERIFY(ends.caller.setDirection(ours, Direction::SendReceive));
    QVERIFY(!ends.caller.isOfferNeeded()); // as it was
    QVERIFY(ends.caller.setDirection(ours, Direction::ReceiveOnly));
    QVERIFY(ends.caller.isOfferNeeded());
    QCOMPARE(Ends::negotiate(ends.caller, ends.callee), nullptr);
    QCOMPARE(ends.caller.terms(ours)->direction, Direction::ReceiveOnly);
    QCOMPARE(ends.callee.terms(theirs)->direction, Direction::SendOnly);
    QVERIFY(!ends.callee.isOfferNeeded());
    // The other one opens it again.
    QVERIFY(ends.caller.setDirection(ours, Direction::SendReceive));
    QCOMPARE(Ends::negotiate(ends.caller, ends.callee), nullptr);
    QCOMPARE(ends.callee.terms(theirs)->direction, Direction::SendReceive);
    QVERIFY(!ends.caller.setDirection(TrackId(77), Direction::SendOnly));
}

void tst_MediaSections::anEndedTrackLeavesItsPlaceToTheNext()
{
    Ends ends;
    const TrackId first = ends.caller.add(audioOptions());
    QCOMPARE(Ends::negotiate(ends.caller, ends.callee), nullptr);
    eventsOf(ends.callee);
    QVERIFY(ends.caller.end(first));
    QVERIFY(!ends.caller.end(first));
    QCOMPARE(Ends::negotiate(ends.caller, ends.callee), nullptr);
    QCOMPARE(only<event::TrackEnded>(eventsOf(ends.callee)).size(), 1U);
    QVERIFY(!ends.caller.terms(first));
    QVERIFY(!ends.caller.isOfferNeeded());

    const TrackId second = ends.caller.add(videoOptions());
    QCOMPARE(Ends::negotiate(ends.caller, ends.callee), nullptr);
    QCOMPARE(ends.caller.sectionOf(second), 1U);
    QCOMPARE(ends.caller.terms(second)->mid, std::string("2")); // a mid is not used twice
    QCOMPARE(only<event::TrackOffered>(eventsOf(ends.callee)).size(), 1U);
}

void tst_MediaSections::aTrackThatNobodyHasHeardOfGoesQuietly()
{
    Ends ends;
    const TrackId track = ends.caller.add(audioOptions());
    QVERIFY(ends.caller.end(track));
    QVERIFY(!ends.caller.isOfferNeeded());
    QCOMPARE(offerOf(ends.caller).media.size(), 1U);
}

void tst_MediaSections::aTrackThatEndsBeforeItsOfferIsTakenBackIsForgotten_data()
{
    QTest::addColumn<bool>("byPeer");
    QTest::newRow("by an offer of the peer's") << true;
    QTest::newRow("by a further one of ours") << false;
}

void tst_MediaSections::aTrackThatEndsBeforeItsOfferIsTakenBackIsForgotten()
{
    QFETCH(const bool, byPeer);
    Ends ends;
    QCOMPARE(Ends::negotiate(ends.caller, ends.callee), nullptr);
    const TrackId track = ends.callee.add(audioOptions());
    QCOMPARE(offerOf(ends.callee).media.size(), 2U);
    QVERIFY(ends.callee.end(track));
    QVERIFY(ends.callee.isOfferNeeded()); // as long as that offer may be answered
    MediaSections &offerer = byPeer ? ends.caller : ends.callee;
    QCOMPARE(Ends::negotiate(offerer, byPeer ? ends.callee : ends.caller), nullptr);
    QVERIFY(!ends.callee.isOfferNeeded());
    QCOMPARE(offerOf(ends.callee).media.size(), 1U);
    QVERIFY(eventsOf(ends.callee).empty());
    QVERIFY(!ends.callee.end(track));
}

void tst_MediaSections::anOfferThatIsTakenBackIsWantedStill()
{
    Ends ends;
    MediaSections caller({audioOptions(300), videoOptions(400)});
    QCOMPARE(Ends::negotiate(caller, ends.callee), nullptr);
    const TrackId video = ends.callee.add(videoOptions(1));
    caller.add(audioOptions(2));
    const SessionDescription lost = offerOf(ends.callee);
    QCOMPARE(lost.media.size(), 2U);
    QVERIFY(!ends.callee.isOfferNeeded());
    // The caller's comes first, of another kind, at the same place.
    QCOMPARE(Ends::negotiate(caller, ends.callee), nullptr);
    QVERIFY(ends.callee.isOfferNeeded());
    QVERIFY(ends.callee.checkAnswer(lost.media)); // nothing is offered any more
    QCOMPARE(Ends::negotiate(ends.callee, caller), nullptr);
    QCOMPARE(ends.callee.sectionOf(video), 2U);
    QCOMPARE(ends.callee.terms(video)->direction, Direction::SendOnly);
}

void tst_MediaSections::aWishThatComesBehindAnOfferIsKept()
{
    Ends ends;
    const TrackId track = ends.caller.add(audioOptions());
    const SessionDescription offer = offerOf(ends.caller);
    QVERIFY(ends.caller.setDirection(track, Direction::Inactive));
    ends.callee.takeOffer(offer.media);
    ends.caller.takeAnswer(answerOf(ends.callee).media);
    QVERIFY(ends.caller.isOfferNeeded());
    QCOMPARE(ends.caller.terms(track)->direction, Direction::Inactive);
    QCOMPARE(Ends::negotiate(ends.caller, ends.callee), nullptr);
    QVERIFY(!ends.caller.isOfferNeeded());
}

void tst_MediaSections::numbersKeepTheirMeaning()
{
    TrackOptions other = audioOptions(5);
    other.formats[0].payloadType = 99;
    other.formats[0].formatParameters = "stereo=1";
    other.extensions[0].id = 9;
    MediaSections caller;
    MediaSections callee({other});
    const TrackId track = caller.add(audioOptions());
    QCOMPARE(Ends::negotiate(caller, callee), nullptr);
    QCOMPARE(caller.terms(track)->formats[0].payloadType, 111);
    QCOMPARE(caller.terms(track)->formats[0].formatParameters, std::string("stereo=1"));
    // In the answerer's own offer as well.
    const SessionDescription offer = offerOf(callee);
    QCOMPARE(offer.media[1].formats[0].payloadType, 111);
    QCOMPARE(offer.media[1].formats[0].formatParameters, std::string("stereo=1"));
    QCOMPARE(offer.media[1].extensions[0].id, 4);
}

void tst_MediaSections::aLaterSectionTakesNoNumberThatStandsForSomethingElse()
{
    Ends ends;
    TrackOptions audio = audioOptions(1);
    audio.formats[0].payloadType = 96; // our VP8's
    audio.extensions[0].id = 1;
    ends.caller.add(audio);
    QCOMPARE(Ends::negotiate(ends.caller, ends.callee), nullptr);
    TrackOptions video = videoOptions(2);
    video.extensions.push_back({1, "urn:other", Direction::SendReceive});
    const TrackId first = ends.callee.add(video);
    const TrackId second = ends.callee.add(videoOptions(4));
    ends.caller.setForPeersTracks({videoOptions(6)});
    QCOMPARE(Ends::negotiate(ends.callee, ends.caller), nullptr);
    for (const TrackId track : {first, second}) {
        const TrackTerms *terms = ends.callee.terms(track);
        QVERIFY(terms);
        QCOMPARE(terms->formats.size(), 2U);
        QCOMPARE(terms->formats[0].encodingName, "VP8");
        QCOMPARE(terms->formats[0].payloadType, 98);
        QCOMPARE(terms->formats[1].payloadType, 97);
        QCOMPARE(terms->formats[1].formatParameters, "apt=98");
        QCOMPARE(terms->extensions[0].uri, test::MidUri);
        QCOMPARE(terms->extensions[0].id, 1);
    }
    // The names stay as they are in what follows.
    ends.callee.setDirection(first, Direction::SendOnly);
    const SessionDescription offer = offerOf(ends.callee);
    QCOMPARE(offer.media[2].formats[0].payloadType, 98);
    QCOMPARE(offer.media[2].formats[1].formatParameters, "apt=98");
}

void tst_MediaSections::allSectionsHaveTheSameTransport()
{
    Ends ends;
    ends.caller.add(audioOptions());
    ends.caller.add(videoOptions());
    const SessionDescription offer = offerOf(ends.caller);
    QCOMPARE(offer.bundle, (std::vector<std::string>{"0", "1", "2"}));
    ends.callee.setForPeersTracks({videoOptions(400)});
    ends.callee.takeOffer(offer.media);
    const SessionDescription answer = answerOf(ends.callee);
    QVERIFY(answer.media[1].isRejected());
    for (const SessionDescription &description : {offer, answer}) {
        for (const MediaDescription &media : description.media) {
            QCOMPARE(media.ice, transport().ice);
            QCOMPARE(media.fingerprints, transport().fingerprints);
        }
    }
}

void tst_MediaSections::theOrderOfAnothersSectionsIsKept()
{
    Ends other; // whose first section is audio, as in a browser's offer
    other.caller.add(audioOptions());
    SessionDescription offer = offerOf(other.caller);
    std::swap(offer.media[0], offer.media[1]);
    QCOMPARE(other.callee.checkOffer(offer.media), nullptr);
    other.callee.takeOffer(offer.media);
    const SessionDescription answer = answerOf(other.callee);
    QCOMPARE(answer.media.size(), 2U);
    QCOMPARE(answer.media[0].kind, MediaKind::Audio);
    QCOMPARE(answer.media[0].mid, std::string("1"));
    QCOMPARE(answer.media[1].kind, MediaKind::Application);
    QCOMPARE(answer.media[1].mid, std::string("0"));
}

void tst_MediaSections::whatIsUnknownIsRefusedInItsPlace()
{
    Ends ends;
    SessionDescription offer = offerOf(ends.caller);
    MediaDescription text;
    text.kind = MediaKind::Other;
    text.otherName = "text";
    text.otherFormats = "98";
    text.protocol = "RTP/AVP";
    text.mid = "t";
    MediaDescription moreData = transport();
    moreData.mid = "d";
    offer.media.insert(offer.media.begin(), text);
    offer.media.push_back(moreData);
    ends.callee.takeOffer(offer.media);
    const SessionDescription answer = answerOf(ends.callee);
    QCOMPARE(answer.media.size(), 3U);
    QVERIFY(answer.media[0].isRejected());
    QCOMPARE(answer.media[0].otherName, std::string("text"));
    QVERIFY(!answer.media[1].isRejected());
    QVERIFY(answer.media[2].isRejected());
    QCOMPARE(answer.bundle, std::vector<std::string>{"0"});
}

void tst_MediaSections::refusesDescriptionsThatDoNotFit_data()
{
    QTest::addColumn<bool>("isOffer");
    QTest::addColumn<int>("change");
    QTest::newRow("an offer with fewer sections") << true << 0;
    QTest::newRow("an offer with its sections in another order") << true << 1;
    QTest::newRow("an offer with a section of another kind") << true << 2;
    QTest::newRow("an offer with too many sections") << true << 3;
    QTest::newRow("an answer with fewer sections") << false << 0;
    QTest::newRow("an answer with its sections in another order") << false << 1;
    QTest::newRow("an answer with a section of another kind") << false << 2;
    QTest::newRow("an answer with more sections") << false << 3;
}

void tst_MediaSections::refusesDescriptionsThatDoNotFit()
{
    QFETCH(const bool, isOffer);
    QFETCH(const int, change);
    Ends ends;
    ends.caller.add(audioOptions());
    QCOMPARE(Ends::negotiate(ends.caller, ends.callee), nullptr);
    std::vector<MediaDescription> sections = offerOf(ends.caller).media;
    if (!isOffer) {
        ends.callee.takeOffer(sections);
        sections = answerOf(ends.callee).media;
    }
    if (change == 0)
        sections.pop_back();
    else if (change == 1)
        std::swap(sections[0], sections[1]);
    else if (change == 2)
        sections[1].kind = MediaKind::Video;
    else
        sections.resize(MediaSections::MaxSections + 1, sections[1]);
    QVERIFY(isOffer ? ends.callee.checkOffer(sections) : ends.caller.checkAnswer(sections));
    QVERIFY(MediaSections().checkAnswer(sections));
}

void tst_MediaSections::boundsTheTracks()
{
    MediaSections sections;
    for (std::size_t i = 1; i < MediaSections::MaxSections; ++i)
        QVERIFY(sections.add(audioOptions()) != TrackId::None);
    QCOMPARE(sections.add(audioOptions()), TrackId::None);
    QCOMPARE(offerOf(sections).media.size(), MediaSections::MaxSections);
    TrackOptions nothing = audioOptions();
    nothing.formats.clear();
    QCOMPARE(MediaSections().add(nothing), TrackId::None);
}

QTEST_APPLESS_MAIN(tst_MediaSections)

#include "tst_mediasections.moc"
