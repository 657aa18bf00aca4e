// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

// candidate:FOUNDATION COMPONENT TRANSPORT PRIORITY ADDRESS PORT typ TYPE
//     [raddr ADDRESS] [rport PORT] [tcptype KIND] [ufrag TEXT] [NAME VALUE]…
// RFC 8839 section 5.1, RFC 6544 section 4.5; ufrag as trickling endpoints write it.

#include "core/sdp/grammar.h"
#include "core/sdp/sessiondescription.h"

#include <string>

namespace peer::sdp {

namespace {

using Kind = ParseError::Kind;

ParseError malformed(const char *message)
{
    return {1, message, Kind::Malformed};
}

ParseError unsupported(const char *message)
{
    return {1, message, Kind::Unsupported};
}

/// "udp" or "tcp"; which of the three TCP kinds is told later by tcptype.
std::optional<CandidateProtocol> parseTransport(std::string_view text)
{
    if (equalsIgnoringCase(text, "udp"))
        return CandidateProtocol::Udp;
    // Endpoints older than RFC 6544 write TCP candidates without tcptype; those listen.
    if (equalsIgnoringCase(text, "tcp"))
        return CandidateProtocol::TcpPassive;
    return std::nullopt;
}

std::optional<CandidateType> parseType(std::string_view text)
{
    if (equalsIgnoringCase(text, "host"))
        return CandidateType::Host;
    if (equalsIgnoringCase(text, "srflx"))
        return CandidateType::ServerReflexive;
    if (equalsIgnoringCase(text, "prflx"))
        return CandidateType::PeerReflexive;
    if (equalsIgnoringCase(text, "relay"))
        return CandidateType::Relayed;
    return std::nullopt;
}

std::optional<CandidateProtocol> parseTcpType(std::string_view text)
{
    if (equalsIgnoringCase(text, "active"))
        return CandidateProtocol::TcpActive;
    if (equalsIgnoringCase(text, "passive"))
        return CandidateProtocol::TcpPassive;
    if (equalsIgnoringCase(text, "so"))
        return CandidateProtocol::TcpSimultaneousOpen;
    return std::nullopt;
}

std::string_view typeName(CandidateType type)
{
    switch (type) {
    case CandidateType::Host:
        return "host";
    case CandidateType::ServerReflexive:
        return "srflx";
    case CandidateType::PeerReflexive:
        return "prflx";
    case CandidateType::Relayed:
        return "relay";
    }
    return "host";
}

std::string_view tcpTypeName(CandidateProtocol protocol)
{
    switch (protocol) {
    case CandidateProtocol::Udp:
        break;
    case CandidateProtocol::TcpActive:
        return "active";
    case CandidateProtocol::TcpPassive:
        return "passive";
    case CandidateProtocol::TcpSimultaneousOpen:
        return "so";
    }
    return {};
}

/// The address and port of the candidate itself. Null = taken.
std::optional<ParseError> parseAddress(std::string_view host, std::string_view port,
                                       Candidate &candidate)
{
    const auto number = parseNumber(port, 65535);
    if (!number)
        return malformed("the port is not a number up to 65535");
    candidate.address.port = static_cast<std::uint16_t>(*number);
    if (const auto ip = IpAddress::fromString(host))
        candidate.address.ip = *ip;
    else if (isHostName(host))
        candidate.hostName = host;
    else if (IpAddress::fromString(splitAt(host, '%').head))
        return unsupported("an address with a zone means nothing to others");
    else
        return malformed("neither an address nor a host name");
    if (candidate.address.port == 0)
        return unsupported("port 0 cannot be reached");
    return std::nullopt;
}

/// NAME VALUE pairs behind the type. Null = taken.
std::optional<ParseError> parseExtensions(Words &words, Candidate &candidate)
{
    const bool isTcp = candidate.protocol != CandidateProtocol::Udp;
    TransportAddress related;
    for (std::string_view name = words.next(); !name.empty(); name = words.next()) {
        const std::string_view value = words.next();
        if (name == "raddr") {
            if (value.empty())
                return malformed("raddr without an address");
            related.ip = IpAddress::fromString(value).value_or(IpAddress());
        } else if (name == "rport") {
            const auto port = parseNumber(value, 65535);
            if (!port)
                return malformed("rport is not a number up to 65535");
            related.port = static_cast<std::uint16_t>(*port);
        } else if (name == "tcptype" && isTcp) {
            const auto protocol = parseTcpType(value);
            if (!protocol)
                return unsupported("an unknown tcptype");
            candidate.protocol = *protocol;
        } else if (name == "ufrag") {
            if (!isIceText(value, 4, Limits::usernameFragmentLength))
                return malformed("ufrag is not 4 to 256 ice-chars");
            candidate.usernameFragment = value;
        }
    }
    if (!related.ip.isNull() && !related.ip.isUnspecified())
        candidate.relatedAddress = related;
    return std::nullopt;
}

} // namespace

Result<Candidate, ParseError> parseCandidate(std::string_view line)
{
    if (line.size() > Limits::candidateLength)
        return malformed("longer than 1024 octets");
    while (!line.empty() && (line.back() == '\n' || line.back() == '\r'))
        line.remove_suffix(1);
    if (line.starts_with("a="))
        line.remove_prefix(2);
    constexpr std::string_view prefix = "candidate:";
    if (!line.starts_with(prefix))
        return malformed("does not begin with \"candidate:\"");
    for (const char octet : line) {
        if (isControl(octet))
            return malformed("has a control character");
    }

    Words words(line.substr(prefix.size()));
    Candidate candidate;
    candidate.foundation = words.next();
    if (!isIceText(candidate.foundation, 1, 32))
        return malformed("the foundation is not 1 to 32 ice-chars");
    const auto component = parseNumber(words.next(), 256);
    if (!component || *component == 0)
        return malformed("the component is not a number from 1 to 256");
    candidate.component = static_cast<std::uint16_t>(*component);
    const std::string_view transport = words.next();
    const auto priority = parseNumber(words.next(), 0xffffffff);
    if (!priority)
        return malformed("the priority is not a number of 32 bits");
    candidate.priority = static_cast<std::uint32_t>(*priority);
    const std::string_view host = words.next();
    const auto addressFault = parseAddress(host, words.next(), candidate);
    if (addressFault && addressFault->kind == Kind::Malformed)
        return *addressFault;
    if (!equalsIgnoringCase(words.next(), "typ"))
        return malformed("\"typ\" is missing behind the port");
    const std::string_view typeText = words.next();
    if (!isToken(typeText, 32))
        return malformed("the type is missing");

    const auto protocol = parseTransport(transport);
    if (!protocol)
        return unsupported("an unknown transport");
    candidate.protocol = *protocol;
    const auto type = parseType(typeText);
    if (!type)
        return unsupported("an unknown type");
    candidate.type = *type;
    if (addressFault)
        return *addressFault;
    if (const auto fault = parseExtensions(words, candidate))
        return *fault;
    return candidate;
}

std::string candidateToString(const Candidate &candidate)
{
    const bool isUdp = candidate.protocol == CandidateProtocol::Udp;
    std::string line = "candidate:" + candidate.foundation + ' '
        + std::to_string(candidate.component) + (isUdp ? " udp " : " tcp ")
        + std::to_string(candidate.priority) + ' '
        + (candidate.hostName.empty() ? candidate.address.ip.toString() : candidate.hostName) + ' '
        + std::to_string(candidate.address.port) + " typ ";
    line += typeName(candidate.type);
    const TransportAddress &related = candidate.relatedAddress;
    if (!related.isNull())
        line += " raddr " + related.ip.toString() + " rport " + std::to_string(related.port);
    else if (candidate.type != CandidateType::Host)
        line += candidate.address.ip.isV6() ? " raddr :: rport 9" : " raddr 0.0.0.0 rport 9";
    if (!isUdp) {
        line += " tcptype ";
        line += tcpTypeName(candidate.protocol);
    }
    if (!candidate.usernameFragment.empty())
        line += " ufrag " + candidate.usernameFragment;
    std::erase_if(line, isControl);
    return line;
}

} // namespace peer::sdp
