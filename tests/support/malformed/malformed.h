// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_TEST_MALFORMED_H
#define PEER_TEST_MALFORMED_H

#include <QtCore/qbytearray.h>

#include <vector>

/// What no peer may say, and the words by which it is refused: for the parsers, and for those who
/// must be none the worse for having been told it.
namespace peer::test {

/// A description with one fault.
struct MalformedDescription
{
    const char *name;
    QByteArray text;
    int line;          ///< that the error names; 0: the whole
    const char *fault; ///< a part of its words
};
struct MalformedText
{
    const char *name;
    QByteArray text;
    const char *fault; ///< a part of the error's words
};

std::vector<MalformedDescription> malformedDescriptions();
/// Candidate lines (RFC 8839 section 5.1).
std::vector<MalformedText> malformedCandidates();
/// Signals as JSON (session/WIRE-EXTENSIONS.md).
std::vector<MalformedText> malformedSignals();

} // namespace peer::test

#endif // PEER_TEST_MALFORMED_H
