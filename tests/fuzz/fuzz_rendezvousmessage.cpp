// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

// The input is one message of the rendezvous protocol, of either side, or the first one of a tunnel.
// Whatever is one is written so that it reads as the same.

#include "signaling/protocolmessages.h"
#include "signaling/tunneljoin.h"

#include "fuzz/expect.h"

#include <variant>

using namespace peer;
using namespace peer::rendezvous;

namespace {

constexpr qsizetype MaxFaultText = 200;

template<typename Message>
void checkRoundTrip(const QByteArray &text,
                    Result<Message, MessageError> (*parse)(const QByteArray &))
{
    const Result<Message, MessageError> message = parse(text);
    if (!message) {
        // One sentence, and nothing of what the stranger wrote.
        PEER_FUZZ_EXPECT(message.error().text.endsWith(u'.'));
        PEER_FUZZ_EXPECT(message.error().text.size() < MaxFaultText);
        return;
    }
    const QByteArray written = toJson(*message);
    const Result<Message, MessageError> again = parse(written);
    PEER_FUZZ_EXPECT(again);
    PEER_FUZZ_EXPECT(*again == *message);
    PEER_FUZZ_EXPECT(toJson(*again) == written);
}

/// What the server does with a signal that it passes on.
void checkTunnels(QJsonObject signal)
{
    if (const auto tunnel = tunnelOf(signal)) {
        setTunnel(signal, tunnel);
        PEER_FUZZ_EXPECT(tunnelOf(signal) == tunnel);
    }
    setTunnel(signal, std::nullopt);
    PEER_FUZZ_EXPECT(!tunnelOf(signal));
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    const QByteArray text(reinterpret_cast<const char *>(data), static_cast<qsizetype>(size));
    checkRoundTrip<ServerMessage>(text, parseServerMessage);
    checkRoundTrip<ClientMessage>(text, parseClientMessage);
    if (const auto message = parseClientMessage(text); message) {
        if (const auto *signal = std::get_if<message::Signal>(&*message))
            checkTunnels(signal->signal);
        if (const auto *call = std::get_if<message::Call>(&*message); call && call->signal)
            checkTunnels(*call->signal);
    }
    if (const auto join = parseTunnelJoin(text))
        PEER_FUZZ_EXPECT(parseTunnelJoin(toJson(*join)) == join);
    return 0;
}
