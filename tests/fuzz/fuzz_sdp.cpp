// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

// The input is a session description of the peer. Whatever parses keeps to the documented bounds,
// and is written so that it parses to the same.

#include "core/sdp/sessiondescription.h"

#include "fuzz/expect.h"

#include <algorithm>

using namespace peer::sdp;

namespace {

void expectWithinLimits(const MediaDescription &media)
{
    PEER_FUZZ_EXPECT(media.mid.size() <= Limits::midLength);
    PEER_FUZZ_EXPECT(media.ice.usernameFragment.size() <= Limits::usernameFragmentLength);
    PEER_FUZZ_EXPECT(media.ice.password.size() <= Limits::passwordLength);
    PEER_FUZZ_EXPECT(media.ice.usernameFragment.empty() == media.ice.password.empty());
    PEER_FUZZ_EXPECT(media.ice.options.size() <= Limits::iceOptions);
    PEER_FUZZ_EXPECT(media.fingerprints.size() <= Limits::fingerprints);
    for (const Fingerprint &fingerprint : media.fingerprints) {
        PEER_FUZZ_EXPECT(!fingerprint.digest.empty()
                         && fingerprint.digest.size() <= Limits::digestLength);
    }
    PEER_FUZZ_EXPECT(media.formats.size() <= 128);
    for (const PayloadFormat &format : media.formats) {
        PEER_FUZZ_EXPECT(format.payloadType <= 127);
        PEER_FUZZ_EXPECT(format.feedback.size() <= Limits::feedback);
        PEER_FUZZ_EXPECT(format.formatParameters.size() <= Limits::valueLength);
    }
    PEER_FUZZ_EXPECT(media.extensions.size() <= Limits::extensions);
    PEER_FUZZ_EXPECT(media.sources.size() <= Limits::sources);
    PEER_FUZZ_EXPECT(media.retransmissionGroups.size() <= Limits::retransmissionGroups);
    PEER_FUZZ_EXPECT(!media.isBundleOnly || media.port == 0);
}

void expectWithinLimits(const SessionDescription &description)
{
    PEER_FUZZ_EXPECT(description.media.size() <= Limits::mediaSections);
    std::size_t candidates = 0;
    for (const MediaDescription &media : description.media) {
        expectWithinLimits(media);
        candidates += media.candidates.size();
        if (!media.mid.empty())
            PEER_FUZZ_EXPECT(description.find(media.mid) == &media);
    }
    PEER_FUZZ_EXPECT(candidates <= Limits::candidates);
    for (const std::string &mid : description.bundle)
        PEER_FUZZ_EXPECT(description.find(mid));
    const MediaDescription *transport = description.transportSection();
    PEER_FUZZ_EXPECT(!transport || !transport->isRejected());
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    const std::string_view text = peer::asText({data, size});
    const auto description = SessionDescription::parse(text);
    if (!description) {
        const auto lines = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
        PEER_FUZZ_EXPECT(description.error().line <= lines + 1);
        PEER_FUZZ_EXPECT(!description.error().message.empty());
        return 0;
    }
    PEER_FUZZ_EXPECT(size <= Limits::textLength);
    expectWithinLimits(*description);
    const std::string written = description->toString();
    // What is folded into many sections may be written at greater length than it was read.
    if (written.size() > Limits::textLength)
        return 0;
    const auto again = SessionDescription::parse(written);
    PEER_FUZZ_EXPECT(again);
    PEER_FUZZ_EXPECT(*again == *description);
    PEER_FUZZ_EXPECT(again->toString() == written);
    return 0;
}
