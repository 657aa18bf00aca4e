// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

// The input is the ticket of a tunnel as text. Whatever is one joins the same tunnel when it has been
// written and read again; and no text is a token that a server has not minted.

#include "rendezvous/tunneltokens.h"
#include "signaling/tunneljoin.h"
#include "signaling/tunnelticket.h"

#include "fuzz/expect.h"
#include "fuzz/input.h"

#include <QtCore/qurl.h>

using namespace peer;
using namespace std::chrono_literals;
using rendezvous::CallSide;
using rendezvous::TunnelJoin;

namespace {

void checkTicket(const TunnelTicket &ticket)
{
    PEER_FUZZ_EXPECT(!ticket.url.hasFragment());
    PEER_FUZZ_EXPECT(rendezvous::isValidToken(ticket.token.toUtf8()));
    PEER_FUZZ_EXPECT(ticket.pin.isEmpty() || ticket.pin.size() == 32);
    PEER_FUZZ_EXPECT(ticket.pin.isEmpty() || ticket.url.scheme() == u"wss");

    // As text, for that is how it travels.
    const auto again = TunnelTicket::fromUrl(
        QUrl(QString::fromLatin1(ticket.toUrl().toEncoded()), QUrl::StrictMode));
    PEER_FUZZ_EXPECT(again);
    PEER_FUZZ_EXPECT(again->url == ticket.url);
    PEER_FUZZ_EXPECT(again->token == ticket.token);
    PEER_FUZZ_EXPECT(again->pin == ticket.pin);

    const TunnelJoin join{ticket.token, CallSide::Callee};
    PEER_FUZZ_EXPECT(rendezvous::parseTunnelJoin(toJson(join)) == join);
}

void checkTokens(const QString &text)
{
    static fuzz::Counting random;
    static rendezvous::TunnelTokens tokens(random, 1h);
    static const QString token = tokens.mint(TimePoint(1h));
    PEER_FUZZ_EXPECT(!tokens.check(TimePoint(1h), text));
    // Nor is one that was minted and then changed somewhere.
    QString changed = token;
    for (qsizetype i = 0; i < std::min(text.size(), changed.size()); ++i)
        changed[i] = text[i];
    PEER_FUZZ_EXPECT(changed == token || !tokens.check(TimePoint(1h), changed));
    PEER_FUZZ_EXPECT(tokens.check(TimePoint(2h), token));
    PEER_FUZZ_EXPECT(!tokens.check(TimePoint(2h + 1s), token));
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    const QString text = QString::fromUtf8(reinterpret_cast<const char *>(data),
                                           static_cast<qsizetype>(size));
    for (const auto mode : {QUrl::TolerantMode, QUrl::StrictMode}) {
        if (const auto ticket = TunnelTicket::fromUrl(QUrl(text, mode)))
            checkTicket(*ticket);
    }
    checkTokens(text);
    return 0;
}
