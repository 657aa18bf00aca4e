// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "traffic.h"

#include <algorithm>
#include <stdexcept>

namespace peer::sim {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t LargestMessage = 256 * 1024;
/// Even, and beyond what the sessions give to channels in band here.
constexpr std::uint16_t FirstNegotiatedStream = 100;

std::size_t randomSize(SeededRandom &random)
{
    const double kind = random.between(0.0, 1.0);
    if (kind < 0.08)
        return 0;
    if (kind < 0.6)
        return 1 + random.below(100);
    if (kind < 0.92)
        return random.below(4000);
    if (kind < 0.99)
        return random.below(60000);
    return random.chance(0.3) ? LargestMessage : random.below(LargestMessage + 1);
}

std::vector<PlannedMessage> planMessages(SeededRandom &random)
{
    std::vector<PlannedMessage> messages(random.chance(0.15) ? 0 : random.below(40));
    const bool isHasty = random.chance(0.4);
    for (PlannedMessage &message : messages) {
        message.kind = random.chance(0.3) ? MessageKind::Text : MessageKind::Binary;
        message.payload.resize(randomSize(random));
        random.fill(message.payload);
        if (!isHasty && random.chance(0.5))
            message.gap = random.between(Duration(0ms), Duration(400ms));
    }
    return messages;
}

} // namespace

std::vector<PlannedChannel> planTraffic(SeededRandom random)
{
    std::vector<PlannedChannel> channels(1 + random.below(4));
    std::uint16_t number = 0;
    for (PlannedChannel &channel : channels) {
        ChannelOptions &options = channel.options;
        options.label = std::to_string(number);
        options.protocol = random.chance(0.3) ? "simulation" : "";
        options.ordered = random.chance(0.6);
        if (random.chance(0.2))
            options.maxRetransmits = static_cast<std::uint16_t>(random.below(4));
        else if (random.chance(0.2))
            options.maxLifetime = std::chrono::milliseconds(random.below(2000));
        if (random.chance(0.2))
            options.negotiatedId = static_cast<std::uint16_t>(FirstNegotiatedStream + number);
        channel.opener = random.chance(0.5) ? End::Caller : End::Callee;
        // Negotiated ones must be there when the first message comes.
        if (!options.negotiatedId && random.chance(0.3))
            channel.openAfter = random.between(Duration(0ms), Duration(15s));
        if (random.chance(0.3))
            channel.closer = random.chance(0.5) ? End::Caller : End::Callee;
        for (std::vector<PlannedMessage> &messages : channel.messages)
            messages = planMessages(random);
        ++number;
    }
    return channels;
}

Hearing::Hearing(const PlannedChannel &channel, End listener)
    : m_channel(&channel)
    , m_expected(&channel.from(other(listener)))
    , m_heard(m_expected->size())
{ }

/// Whether the message of that index may come now.
bool Hearing::isDue(std::size_t index) const
{
    const bool isStrict = m_channel->options.ordered && m_channel->isReliable();
    return !m_heard[index] && (!isStrict || index == m_first);
}

void Hearing::take(MessageKind kind, ByteView payload)
{
    for (std::size_t i = m_first; i < m_heard.size(); ++i) {
        const PlannedMessage &message = (*m_expected)[i];
        if (!isDue(i) || message.kind != kind
            || !std::equal(message.payload.begin(), message.payload.end(), payload.begin(),
                           payload.end()))
            continue;
        m_heard[i] = true;
        ++m_count;
        if (m_channel->options.ordered)
            m_first = i + 1;
        while (m_first < m_heard.size() && m_heard[m_first])
            ++m_first;
        return;
    }
    throw std::runtime_error("a message of " + std::to_string(payload.size())
                             + " octets that was not due on channel " + describe());
}

std::string Hearing::describe() const
{
    const ChannelOptions &options = m_channel->options;
    std::string text = options.label + (options.ordered ? ", ordered" : ", unordered");
    if (options.maxRetransmits)
        text += ", " + std::to_string(*options.maxRetransmits) + " retransmissions";
    if (options.maxLifetime)
        text += ", " + std::to_string(options.maxLifetime->count()) + " ms";
    if (options.negotiatedId)
        text += ", negotiated " + std::to_string(*options.negotiatedId);
    return text + ": heard " + std::to_string(m_count) + " of " + std::to_string(m_heard.size());
}

} // namespace peer::sim
