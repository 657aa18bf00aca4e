// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "secure/sctp/unorderedfragments.h"

#include <iterator>
#include <utility>

namespace peer::sctp {

namespace {

constexpr std::uint8_t FragmentFlags = FirstFragmentFlag | LastFragmentFlag;
/// With the two flags of the original: 65532 … 65535.
constexpr std::uint16_t DisguisedSequence = 0xfffc;
constexpr std::size_t SequenceAt = 10; ///< in DATA (RFC 9260 section 3.3.1)

} // namespace

UnorderedFragments::UnorderedFragments(std::size_t maxMessage)
    : m_maxMessage(maxMessage)
{ }

void UnorderedFragments::disguise(MutableByteView packet)
{
    std::size_t at = CommonHeaderSize;
    while (const std::size_t size = chunkSize(packet, at)) {
        const MutableByteView chunk = packet.subspan(at, size);
        if (isData(chunk) && (chunk[1] & UnorderedFlag)) {
            const auto sequence = DisguisedSequence | (chunk[1] & FragmentFlags);
            writeUint16(chunk.data() + SequenceAt, static_cast<std::uint16_t>(sequence));
            chunk[1] |= FragmentFlags;
        }
        at += padded(size);
    }
}

UnorderedFragments::Result UnorderedFragments::take(const Fragment &fragment)
{
    if ((fragment.sequence & FragmentFlags) == FragmentFlags) {
        if (fragment.octets.size() > m_maxMessage)
            return {{}, true};
        return {Message{fragment.stream, fragment.protocol, toBytes(fragment.octets)}};
    }
    const auto run = insert(fragment);
    if (run->second.octets.size() > m_maxMessage)
        return {{}, true};
    if (!run->second.hasFirst || !run->second.hasLast)
        return {};
    Message message{run->second.stream, run->second.protocol, std::move(run->second.octets)};
    m_runs.erase(run);
    return {std::move(message)};
}

/// Returns the run that the fragment is in now.
UnorderedFragments::Runs::iterator UnorderedFragments::insert(const Fragment &fragment)
{
    const auto [inserted, isNew] = m_runs.try_emplace(fragment.tsn);
    if (!isNew)
        return inserted; // usrsctp has dropped duplicates
    inserted->second = {fragment.stream,
                        fragment.protocol,
                        (fragment.sequence & FirstFragmentFlag) != 0,
                        (fragment.sequence & LastFragmentFlag) != 0,
                        fragment.tsn + 1,
                        toBytes(fragment.octets)};
    auto run = inserted;
    if (const auto next = std::next(run); next != m_runs.end())
        join(run, next);
    if (run != m_runs.begin()) {
        if (const auto previous = std::prev(run); join(previous, run))
            run = previous;
    }
    return run;
}

/// Appends the later one if it goes on where the earlier one ends, and removes it.
bool UnorderedFragments::join(Runs::iterator earlier, Runs::iterator later)
{
    Run &run = earlier->second;
    const Run &rest = later->second;
    if (run.end != later->first || run.hasLast || rest.hasFirst || run.stream != rest.stream)
        return false;
    run.octets.insert(run.octets.end(), rest.octets.begin(), rest.octets.end());
    run.end = rest.end;
    run.hasLast = rest.hasLast;
    m_runs.erase(later);
    return true;
}

void UnorderedFragments::discard(Tsn arrived)
{
    auto run = m_runs.begin();
    while (run != m_runs.end() && !isAfter(run->first, arrived + 1)) {
        // Those before and behind it are there or never will be, and have not joined it.
        const bool lacksFirst = !run->second.hasFirst;
        const bool lacksNext = !isAfter(run->second.end, arrived);
        run = lacksFirst || lacksNext ? m_runs.erase(run) : std::next(run);
    }
}

} // namespace peer::sctp
