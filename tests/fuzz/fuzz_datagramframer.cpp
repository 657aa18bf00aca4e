// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

// The input is a stream from a peer. Cut in pieces or not, it must give the same datagrams, none
// empty or longer than the bound, and nothing more once it is broken.

#include "core/base/datagramframer.h"
#include "fuzz/expect.h"

#include <algorithm>
#include <vector>

using namespace peer;

namespace {

std::vector<Bytes> cut(ByteView stream, std::size_t step, bool &isBroken)
{
    DatagramFramer framer;
    std::vector<Bytes> datagrams;
    while (!stream.empty()) {
        const ByteView piece = stream.first(std::min(step, stream.size()));
        stream = stream.subspan(piece.size());
        framer.push(piece);
        while (const auto datagram = framer.next()) {
            PEER_FUZZ_EXPECT(!framer.isBroken());
            PEER_FUZZ_EXPECT(!datagram->empty());
            PEER_FUZZ_EXPECT(datagram->size() <= DatagramFramer::MaxDatagram);
            datagrams.push_back(toBytes(*datagram));
        }
    }
    isBroken = framer.isBroken();
    return datagrams;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    bool isWholeBroken = false, isPiecewiseBroken = false;
    const auto whole = cut({data, size}, size, isWholeBroken);
    PEER_FUZZ_EXPECT(cut({data, size}, 1, isPiecewiseBroken) == whole);
    PEER_FUZZ_EXPECT(isWholeBroken == isPiecewiseBroken);
    return 0;
}
