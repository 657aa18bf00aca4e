// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

// The input is one signal as JSON. Whatever is one is written so that it reads as the same.

#include "signaling/signaljson.h"

#include "fuzz/expect.h"

using namespace peer;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    const QByteArray text(reinterpret_cast<const char *>(data), static_cast<qsizetype>(size));
    const auto signal = signalFromJson(text);
    if (!signal) {
        PEER_FUZZ_EXPECT(!signal.error().message.isEmpty());
        return 0;
    }
    PEER_FUZZ_EXPECT(text.size() <= SignalLimits::messageLength);
    const auto again = signalFromJson(signalToJson(*signal));
    PEER_FUZZ_EXPECT(again);
    PEER_FUZZ_EXPECT(*again == *signal);
    const QByteArray written = signalToText(*signal);
    const auto fromText = signalFromJson(written);
    PEER_FUZZ_EXPECT(fromText || written.size() > SignalLimits::messageLength);
    if (fromText)
        PEER_FUZZ_EXPECT(*fromText == *signal);
    return 0;
}
