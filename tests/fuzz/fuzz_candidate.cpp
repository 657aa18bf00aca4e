// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

// The input is one candidate line. Whatever parses is written so that it parses to the same.

#include "core/sdp/sessiondescription.h"

#include "fuzz/expect.h"

using namespace peer::sdp;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    const auto candidate = parseCandidate(peer::asText({data, size}));
    if (!candidate) {
        PEER_FUZZ_EXPECT(!candidate.error().message.empty());
        return 0;
    }
    PEER_FUZZ_EXPECT(size <= Limits::candidateLength);
    PEER_FUZZ_EXPECT(candidate->address.ip.isNull() != candidate->hostName.empty());
    PEER_FUZZ_EXPECT(candidate->address.port != 0);
    PEER_FUZZ_EXPECT(candidate->component >= 1 && candidate->component <= 256);
    const std::string written = candidateToString(*candidate);
    const auto again = parseCandidate(written);
    PEER_FUZZ_EXPECT(again);
    PEER_FUZZ_EXPECT(*again == *candidate);
    PEER_FUZZ_EXPECT(candidateToString(*again) == written);
    return 0;
}
