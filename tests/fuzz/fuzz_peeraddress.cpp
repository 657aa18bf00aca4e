// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

// The input is an address as a user types it, in UTF-8; behind an octet 0xFE in UTF-16, which can
// hold halves of characters. Its canonical form reads as the same address, as text and as a URL.
// The same text is also read as the URI of a STUN or TURN server.

#include "signaling/serveruri.h"

#include <PeerConnection/peeraddress.h>

#include "fuzz/expect.h"

#include <algorithm>
#include <cstring>

namespace {

QString inputText(const std::uint8_t *data, std::size_t size)
{
    if (size == 0 || data[0] != 0xFE)
        return QString::fromUtf8(reinterpret_cast<const char *>(data),
                                 static_cast<qsizetype>(size));
    QString text(static_cast<qsizetype>((size - 1) / 2), Qt::Uninitialized);
    std::memcpy(text.data(), data + 1, static_cast<std::size_t>(text.size()) * 2);
    return text;
}

void expectRoundTrips(const PeerAddress &address)
{
    const QString canonical = address.toString(PeerAddress::Format::WithToken);
    PEER_FUZZ_EXPECT(canonical.startsWith(address.toString()));
    PEER_FUZZ_EXPECT(std::all_of(canonical.begin(), canonical.end(),
                                 [](QChar c) { return c > u' ' && c < u'\x7f'; }));
    PEER_FUZZ_EXPECT(address.isValid());
    PeerAddressError error;
    const PeerAddress again = PeerAddress::fromString(canonical, &error);
    PEER_FUZZ_EXPECT(!error);
    PEER_FUZZ_EXPECT(again == address);
    PEER_FUZZ_EXPECT(again.toString(PeerAddress::Format::WithToken) == canonical);
    const QUrl url = address.toUrl(PeerAddress::Format::WithToken);
    PEER_FUZZ_EXPECT(url.isValid());
    PEER_FUZZ_EXPECT(PeerAddress::fromUrl(url) == address);
}

void readAddress(const QString &text)
{
    PeerAddressError error;
    const PeerAddress address = PeerAddress::fromString(text, &error);
    if (error) {
        PEER_FUZZ_EXPECT(address == PeerAddress());
        PEER_FUZZ_EXPECT(error.column() <= text.size() + 1);
        PEER_FUZZ_EXPECT(error.column() >= 1 || error.fault() == PeerAddressError::Fault::TooLong);
        PEER_FUZZ_EXPECT(!error.message().isEmpty());
    } else {
        expectRoundTrips(address);
    }
    const PeerAddress fromUrl = PeerAddress::fromUrl(QUrl(text), &error);
    if (!error)
        expectRoundTrips(fromUrl);
}

void readServerUri(const QString &text)
{
    const auto uri = peer::ServerUri::fromString(text);
    if (!uri)
        return;
    PEER_FUZZ_EXPECT(!uri->host.isEmpty() && uri->port != 0);
    const QString canonical = uri->toString();
    if (canonical.size() <= 512)
        PEER_FUZZ_EXPECT(peer::ServerUri::fromString(canonical) == uri);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    const QString text = inputText(data, size);
    readAddress(text);
    readServerUri(text);
    return 0;
}
