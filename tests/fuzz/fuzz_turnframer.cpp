// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

// The input is a stream from a TURN server. Cut in pieces or not, it must give the same messages,
// none longer than the bound, and nothing more once it is broken.

#include "core/turn/channeldata.h"
#include "core/turn/streamframer.h"
#include "fuzz/expect.h"

#include <algorithm>
#include <vector>

using namespace peer;

namespace {

std::vector<Bytes> cut(ByteView stream, std::size_t step, bool &isBroken)
{
    turn::StreamFramer framer;
    std::vector<Bytes> messages;
    while (!stream.empty()) {
        const ByteView piece = stream.first(std::min(step, stream.size()));
        stream = stream.subspan(piece.size());
        framer.push(piece);
        while (const auto message = framer.next()) {
            PEER_FUZZ_EXPECT(!framer.isBroken());
            PEER_FUZZ_EXPECT(message->size() <= turn::StreamFramer::MaxMessage);
            if (const auto data = turn::ChannelData::parse(*message))
                PEER_FUZZ_EXPECT(data->payload.size() + turn::ChannelDataHeaderSize
                                 == message->size());
            messages.push_back(toBytes(*message));
        }
    }
    isBroken = framer.isBroken();
    return messages;
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
