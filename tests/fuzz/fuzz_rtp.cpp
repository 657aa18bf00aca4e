// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

// The input is what an authenticated peer may send as media: datagrams, each behind its length in
// two octets.

#include "fuzz/expect.h"
#include "session/rtp/rtcppacket.h"
#include "session/rtp/rtppacket.h"
#include "session/rtp/rtprouter.h"

#include <algorithm>

using namespace peer;

namespace {

constexpr std::uint16_t MidExtension = 4;

bool isWithin(ByteView part, ByteView whole)
{
    return part.empty()
        || (part.data() >= whole.data()
            && part.data() + part.size() <= whole.data() + whole.size());
}

void feed(rtp::Router &router, ByteView packet)
{
    if (rtp::isRtcp(packet)) {
        std::size_t subjects = 0;
        rtp::forEachSubject(packet, [&](const rtp::RtcpSubject &) { ++subjects; });
        PEER_FUZZ_EXPECT(subjects <= packet.size() / 4);
        PEER_FUZZ_EXPECT(rtp::isWellFormedRtcp(packet) || router.routeRtcp(packet).none());
        router.routeRtcp(packet);
        return;
    }
    if (const auto header = rtp::parseHeader(packet)) {
        PEER_FUZZ_EXPECT(isWithin(header->payload, packet) && isWithin(header->extensions, packet));
        for (std::uint16_t id = 0; id < 256; ++id) {
            if (const auto extension = header->extension(id))
                PEER_FUZZ_EXPECT(isWithin(*extension, header->extensions));
        }
    }
    const auto section = router.routeRtp(packet);
    PEER_FUZZ_EXPECT(!section || *section == 1 || *section == 2);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    rtp::Router router;
    router.setMidExtension(MidExtension);
    router.setSection(1, {"0", {111, 0}, {}});
    router.setSection(2, {"1", {96, 97, 0}, {1, 2}});
    router.noteSent(1, 10);
    router.noteSent(2, 20);
    ByteView input(data, size);
    while (input.size() >= 2) {
        const std::size_t length = std::min<std::size_t>(readUint16(input.data()),
                                                         input.size() - 2);
        feed(router, input.subspan(2, length));
        input = input.subspan(2 + length);
    }
    return 0;
}
