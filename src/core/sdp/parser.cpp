// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "core/sdp/grammar.h"
#include "core/sdp/section.h"

#include <algorithm>
#include <limits>

namespace peer::sdp {

namespace {

/// Reads a description line by line. Stops at the first error.
class Parser
{
public:
    Result<SessionDescription, ParseError> parse(std::string_view text);

private:
    bool parseLine(std::string_view line);
    bool parseOrigin(std::string_view value);
    bool beginSection(std::string_view value);
    bool endSection();
    bool parseAttribute(std::string_view line);
    bool parseSessionAttribute(std::string_view name, std::string_view value);
    bool parseGroup(std::string_view value);
    bool parseIdentity(std::string_view value);
    bool parseCandidateAttribute(std::string_view line);
    bool checkWhole();

    /// Notes the error of the present line and returns false.
    bool fail(std::string_view subject, std::string_view fault);
    bool failAt(std::size_t line, std::string_view subject, std::string_view fault);

    SessionDescription m_description;
    Section m_session;
    Section m_section; ///< valid while m_isInMedia
    bool m_isInMedia = false;
    bool m_hasOrigin = false;
    std::size_t m_line = 0;
    std::size_t m_groupLine = 0;
    std::size_t m_candidates = 0;
    ParseError m_error;
};

bool Parser::fail(std::string_view subject, std::string_view fault)
{
    return failAt(m_line, subject, fault);
}

bool Parser::failAt(std::size_t line, std::string_view subject, std::string_view fault)
{
    m_error.line = line;
    m_error.message = subject;
    m_error.message += subject.empty() ? "" : ": ";
    m_error.message += fault;
    return false;
}

Result<SessionDescription, ParseError> Parser::parse(std::string_view text)
{
    if (text.size() > Limits::textLength)
        return ParseError{0, "description: longer than 64 KiB"};
    m_session.isSessionLevel = true;
    while (!text.empty()) {
        ++m_line;
        const Split parts = splitAt(text, '\n');
        std::string_view line = parts.head;
        if (line.ends_with('\r'))
            line.remove_suffix(1);
        if (!parseLine(line))
            return m_error;
        text = parts.tail;
    }
    if (m_line == 0)
        return ParseError{0, "description: empty"};
    if (!endSection() || !checkWhole())
        return m_error;
    return std::move(m_description);
}

bool Parser::parseLine(std::string_view line)
{
    if (line.find('\0') != std::string_view::npos || line.find('\r') != std::string_view::npos)
        return fail({}, "has a NUL or a lone CR");
    if (m_line == 1)
        return line == "v=0" || fail({}, "a description begins with \"v=0\"");
    if (line.empty())
        return true; // forbidden, harmless, and left by editors at the end of a pasted description
    const bool isTyped = line.size() >= 2 && line[0] >= 'a' && line[0] <= 'z' && line[1] == '=';
    if (!isTyped)
        return fail({}, "not of the form \"type=value\"");
    const std::string_view value = line.substr(2);
    switch (line[0]) {
    case 'v':
        return fail("v=", "stands twice");
    case 'o':
        return parseOrigin(value);
    case 'm':
        return beginSection(value);
    case 'a':
        return parseAttribute(value);
    default:
        return true;
    }
}

/// USER ID VERSION IN IP4|IP6 ADDRESS (RFC 8866 section 5.2); of use are the two numbers.
bool Parser::parseOrigin(std::string_view value)
{
    if (m_hasOrigin)
        return fail("o=", "stands twice");
    if (m_isInMedia)
        return fail("o=", "stands behind an m= line");
    constexpr std::uint64_t largest = std::numeric_limits<std::uint64_t>::max();
    Words words(value);
    const std::string_view user = words.next();
    const auto id = parseNumber(words.next(), largest);
    const auto version = parseNumber(words.next(), largest);
    if (user.empty() || !id || !version)
        return fail("o=", "needs a user name and two numbers of at most 64 bits");
    m_description.sessionId = *id;
    m_description.sessionVersion = *version;
    m_hasOrigin = true;
    return true;
}

bool Parser::beginSection(std::string_view value)
{
    if (!m_hasOrigin)
        return fail("m=", "stands before the o= line");
    if (!endSection())
        return false;
    if (m_description.media.size() == Limits::mediaSections)
        return fail("m=", "more than 32 sections");
    m_section = Section();
    m_section.line = m_line;
    m_isInMedia = true;
    const Fault fault = parseMediaLine(value, m_section);
    return !fault || fail("m=", fault);
}

bool Parser::endSection()
{
    if (!m_isInMedia)
        return true;
    if (const Fault fault = finishSection(m_session, m_section))
        return failAt(m_section.line, "section", fault);
    if (!m_section.media.mid.empty() && m_description.find(m_section.media.mid))
        return failAt(m_section.line, "section", "has the a=mid of another");
    m_description.media.push_back(std::move(m_section.media));
    m_isInMedia = false;
    return true;
}

bool Parser::parseAttribute(std::string_view line)
{
    const Split parts = splitAt(line, ':');
    if (parts.head == "candidate")
        return !m_isInMedia || parseCandidateAttribute(line);
    if (!m_isInMedia && (parts.head == "group" || parts.head == "peer-identity"))
        return parseSessionAttribute(parts.head, parts.tail);
    Section &section = m_isInMedia ? m_section : m_session;
    const std::string_view value = Words(parts.tail).rest();
    Fault fault = nullptr;
    auto result = applyTransportAttribute(parts.head, value, section, fault);
    if (result == AttributeResult::Unknown)
        result = applyRtpAttribute(parts.head, value, section, fault);
    if (result == AttributeResult::Refused)
        return fail("a=" + std::string(parts.head), fault);
    return true;
}

bool Parser::parseSessionAttribute(std::string_view name, std::string_view value)
{
    return name == "group" ? parseGroup(value) : parseIdentity(value);
}

/// SEMANTICS MID… (RFC 5888 section 5). A second bundle (RFC 9143 section 7) is passed over:
/// its sections then count as not bundled.
bool Parser::parseGroup(std::string_view value)
{
    Words words(value);
    if (words.next() != "BUNDLE" || m_groupLine != 0)
        return true;
    m_groupLine = m_line;
    std::vector<std::string> &bundle = m_description.bundle;
    for (std::string_view mid = words.next(); !mid.empty(); mid = words.next()) {
        if (std::find(bundle.begin(), bundle.end(), mid) != bundle.end())
            return fail("a=group", "names a section twice");
        if (bundle.size() == Limits::mediaSections)
            return fail("a=group", "names more than 32 sections");
        bundle.emplace_back(mid);
    }
    return true;
}

bool Parser::parseIdentity(std::string_view value)
{
    if (m_description.identity)
        return fail("a=peer-identity", "stands twice");
    Words words(value);
    const std::string_view key = words.next();
    const std::string_view signature = words.next();
    const bool isWhole = isBase64Url(key, Limits::identityLength)
        && isBase64Url(signature, Limits::identityLength) && words.rest().empty();
    if (!isWhole)
        return fail("a=peer-identity", "not two base64url values of at most 512 characters");
    m_description.identity = IdentityAttribute{std::string(key), std::string(signature)};
    return true;
}

bool Parser::parseCandidateAttribute(std::string_view line)
{
    auto candidate = parseCandidate(line);
    if (!candidate) {
        return candidate.error().kind == ParseError::Kind::Unsupported
            || fail("a=candidate", candidate.error().message);
    }
    if (++m_candidates > Limits::candidates)
        return fail("a=candidate", "more than 256 in all sections");
    m_section.media.candidates.push_back(std::move(*candidate));
    return true;
}

bool Parser::checkWhole()
{
    if (!m_hasOrigin)
        return failAt(0, "description", "has no o= line");
    m_description.extmapAllowMixed = m_session.media.extmapAllowMixed;
    for (const std::string &mid : m_description.bundle) {
        if (!m_description.find(mid))
            return failAt(m_groupLine, "a=group", "names a section that is not there");
    }
    return true;
}

} // namespace

Result<SessionDescription, ParseError> SessionDescription::parse(std::string_view text)
{
    return Parser().parse(text);
}

} // namespace peer::sdp
