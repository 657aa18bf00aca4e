// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "session/bundle.h"

#include <algorithm>

namespace peer {

namespace {

bool contains(const std::vector<std::string> &bundle, const std::string &mid)
{
    return std::find(bundle.begin(), bundle.end(), mid) != bundle.end();
}

} // namespace

const sdp::MediaDescription &taggedSection(const sdp::SessionDescription &description,
                                           const sdp::MediaDescription &data)
{
    const sdp::MediaDescription *tagged = contains(description.bundle, data.mid)
        ? description.transportSection()
        : nullptr;
    return tagged ? *tagged : data;
}

std::vector<sdp::MediaDescription> bundledSections(const sdp::SessionDescription &description,
                                                   const sdp::MediaDescription &data)
{
    const bool isBundled = contains(description.bundle, data.mid);
    std::vector<sdp::MediaDescription> sections = description.media;
    for (sdp::MediaDescription &section : sections) {
        if (section.mid == data.mid || (isBundled && contains(description.bundle, section.mid)))
            continue;
        section.port = 0;
        section.isBundleOnly = false;
    }
    return sections;
}

void limitBundle(sdp::SessionDescription &answer, const std::vector<std::string> &offered)
{
    std::vector<std::string> bundle;
    for (const std::string &mid : offered) {
        if (contains(answer.bundle, mid))
            bundle.push_back(mid);
    }
    answer.bundle = std::move(bundle);
}

void placeCandidates(sdp::SessionDescription &description, const std::vector<Candidate> &candidates,
                     bool endOfCandidates)
{
    const sdp::MediaDescription *tagged = description.transportSection();
    for (sdp::MediaDescription &section : description.media) {
        const bool isTagged = &section == tagged;
        section.candidates = isTagged ? candidates : std::vector<Candidate>();
        section.endOfCandidates = isTagged && endOfCandidates;
    }
}

} // namespace peer
