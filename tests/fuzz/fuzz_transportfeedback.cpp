// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

// The input is RTCP or RTP from an authenticated peer, as the gate of a track gets it.

#include "fuzz/expect.h"
#include "media/congestion/peersources.h"
#include "media/congestion/ratecontrol.h"
#include "media/congestion/rtpextensions.h"
#include "media/congestion/transportfeedback.h"

using namespace peer;
using namespace peer::media;

namespace {

void feed(const TransportFeedback &feedback)
{
    PEER_FUZZ_EXPECT(feedback.packetCount > 0);
    PEER_FUZZ_EXPECT(feedback.arrivals.size() <= feedback.packetCount);
    // What was read can be written, and means the same.
    const auto written = writeTransportFeedback(feedback);
    PEER_FUZZ_EXPECT(written);
    PEER_FUZZ_EXPECT(parseTransportFeedback(*written) == feedback);

    SentHistory history;
    RateControl control;
    TimePoint now{std::chrono::hours(1)};
    for (int i = 0; i < 300; ++i) {
        history.send(now, 1000, true);
        control.noteSent(now);
        now += std::chrono::milliseconds(5);
    }
    const auto results = history.take(feedback);
    PEER_FUZZ_EXPECT(results.size() <= 300);
    control.take(now, results);
    control.advance(now + std::chrono::seconds(1));
    PEER_FUZZ_EXPECT(control.target() >= RateControl::Min && control.target() <= RateControl::Max);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    const ByteView packet(data, size);
    Bytes others;
    takeTransportFeedback(packet, feed, others);
    PEER_FUZZ_EXPECT(others.size() <= size);
    PeerSources sources;
    const TimePoint now{std::chrono::hours(1)};
    const Bytes admitted = admittedRtcp(others, sources, now);
    PEER_FUZZ_EXPECT(admitted.size() <= others.size());
    // What passes is whole: it passes again as it is.
    PEER_FUZZ_EXPECT(admittedRtcp(admitted, sources, now) == admitted);

    Bytes extended;
    RtpExtensions extensions{std::uint8_t{1}, "0", std::uint8_t{3}, 0x1234};
    if (addExtensions(packet, extensions, extended)) {
        PEER_FUZZ_EXPECT(glanceAtRtp(packet) && glanceAtRtp(extended));
        PEER_FUZZ_EXPECT(extended.size() >= size + 4);
        // The first with the id counts, so the packet's own would; and what is broken of the
        // packet's own may hide ours.
        const auto own = transportSequenceOf(packet, 3);
        const auto found = transportSequenceOf(extended, 3);
        if (own)
            PEER_FUZZ_EXPECT(found == own);
        else if (!(packet[0] & 0x10))
            PEER_FUZZ_EXPECT(found == 0x1234);
    }
    return 0;
}
