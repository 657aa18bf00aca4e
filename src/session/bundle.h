// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SESSION_BUNDLE_H
#define PEER_SESSION_BUNDLE_H

#include "core/sdp/sessiondescription.h"

#include <string>
#include <vector>

namespace peer {

// BUNDLE (RFC 9143): a session has one transport, and all of its sections share it. A peer may
// describe another transport in each section all the same, until it has our answer: then those of
// the tagged section hold, and the others are gone.

/// The section with the attributes of the transport that the peer's data section is on: the first of
/// its bundle that is not rejected (section 7.2.1), or itself, if it is in none.
const sdp::MediaDescription &taggedSection(const sdp::SessionDescription &description,
                                           const sdp::MediaDescription &data);

/// The sections of a description, of which those that are not in a bundle with the data section
/// count as rejected: they would want a transport of their own.
std::vector<sdp::MediaDescription> bundledSections(const sdp::SessionDescription &description,
                                                   const sdp::MediaDescription &data);

/// Makes the bundle of an answer what is left of the one that was offered, in its order, for the
/// tagged section stays the tagged one unless it is rejected (sections 7.3.1 and 7.3.3).
void limitBundle(sdp::SessionDescription &answer, const std::vector<std::string> &offered);

/// Candidates stand in the tagged section alone (section 7.1.3).
void placeCandidates(sdp::SessionDescription &description, const std::vector<Candidate> &candidates,
                     bool endOfCandidates);

} // namespace peer

#endif // PEER_SESSION_BUNDLE_H
