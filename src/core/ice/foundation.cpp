// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "core/ice/foundation.h"

namespace peer::ice {

namespace {

/// SplitMix64's finalizer: every input bit moves every output bit.
std::uint64_t mix(std::uint64_t value)
{
    value += 0x9e3779b97f4a7c15;
    value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
    value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
    return value ^ (value >> 31);
}

std::uint64_t mixOctets(std::uint64_t state, ByteView octets)
{
    state = mix(state ^ octets.size());
    for (const std::uint8_t octet : octets)
        state = mix(state ^ octet);
    return state;
}

} // namespace

Foundation localFoundation(std::uint64_t seed, CandidateType type, const IpAddress &base,
                           const IpAddress &server, bool isTcp)
{
    const std::uint64_t kind = static_cast<std::uint64_t>(type) + (isTcp ? 16 : 0);
    std::uint64_t state = mix(seed ^ kind);
    state = mixOctets(state, base.octets());
    return Foundation{mixOctets(state, server.octets())};
}

Foundation remoteFoundation(std::string_view signaled)
{
    return Foundation{mixOctets(0, asBytes(signaled))};
}

Foundation arbitraryFoundation(std::uint64_t seed, std::uint64_t count)
{
    return Foundation{mix(mix(seed) ^ count)};
}

Foundation pairFoundation(Foundation local, Foundation remote)
{
    return Foundation{mix(static_cast<std::uint64_t>(local)) + static_cast<std::uint64_t>(remote)};
}

std::string foundationText(Foundation foundation)
{
    constexpr std::string_view digits = "0123456789abcdefghijklmnopqrstuvwxyz";
    auto value = static_cast<std::uint64_t>(foundation);
    std::string text;
    do {
        text.push_back(digits[value % digits.size()]);
        value /= digits.size();
    } while (value > 0);
    return text;
}

} // namespace peer::ice
