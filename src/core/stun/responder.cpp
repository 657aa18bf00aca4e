// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "core/stun/responder.h"

#include "core/stun/message.h"
#include "core/stun/messagewriter.h"

#include <array>
#include <utility>

namespace peer::stun {

namespace {

/// RFC 8489 section 14.14 allows 763 octets. Ours is shorter, so that an answer stays small.
constexpr std::size_t MaxSoftwareSize = 64;

/// RFC 5780 section 7: to be refused by who cannot answer from or to another address.
constexpr std::array NotSupported = {Attribute::ChangeRequest, Attribute::ResponsePort,
                                     Attribute::Padding};
/// The same for a server with two ports; CHANGE-REQUEST is looked at.
constexpr std::array NotSupportedByTwoPorts = {Attribute::ResponsePort, Attribute::Padding};

bool hasIncompleteCredentials(const Message &request)
{
    return request.integrity() != Integrity::Absent && !request.has(Attribute::Username)
        && !request.has(Attribute::UserHash);
}

} // namespace

Responder::Responder(std::string software)
    : m_software(std::move(software))
{
    if (m_software.size() > MaxSoftwareSize)
        m_software.resize(MaxSoftwareSize);
}

Responder::Answer Responder::answer(ByteView request, const TransportAddress &source,
                                    const TransportAddress &other, MutableByteView out) const
{
    const Result<Message, ParseError> parsed = Message::parse(request);
    if (!parsed || source.isNull())
        return {};
    if (parsed->messageClass() != Class::Request || parsed->method() != Method::Binding)
        return {};

    const std::uint32_t change = parsed->uint32(Attribute::ChangeRequest).value_or(0);
    const bool isChangePossible = !other.isNull() && (change & ~changerequest::Port) == 0;
    AttributeTypes unknown = isChangePossible ? parsed->unknownRequired(NotSupportedByTwoPorts)
                                              : parsed->unknownRequired(NotSupported);
    Answer answer;
    MessageWriter writer(out);
    if (hasIncompleteCredentials(*parsed)) {
        writer.begin(Class::ErrorResponse, Method::Binding, parsed->transactionId());
        writer.addErrorCode(errorcode::BadRequest, "Bad Request");
    } else if (!unknown.isEmpty()) {
        writer.begin(Class::ErrorResponse, Method::Binding, parsed->transactionId());
        writer.addErrorCode(errorcode::UnknownAttribute, "Unknown Attribute");
        writer.addUnknownAttributes(unknown);
    } else {
        writer.begin(Class::SuccessResponse, Method::Binding, parsed->transactionId());
        writer.addAddress(Attribute::XorMappedAddress, source);
        if (!other.isNull())
            writer.addAddress(Attribute::OtherAddress, other);
        answer.leavesByOtherPort = (change & changerequest::Port) != 0;
    }
    if (!m_software.empty())
        writer.addText(Attribute::Software, m_software);
    if (parsed->hasFingerprint())
        writer.addFingerprint();
    answer.octets = writer.finish();
    return answer;
}

} // namespace peer::stun
