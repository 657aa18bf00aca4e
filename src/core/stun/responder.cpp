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

ByteView Responder::answer(ByteView request, const TransportAddress &source,
                           MutableByteView out) const
{
    const Result<Message, ParseError> parsed = Message::parse(request);
    if (!parsed || source.isNull())
        return {};
    if (parsed->messageClass() != Class::Request || parsed->method() != Method::Binding)
        return {};

    MessageWriter writer(out);
    const AttributeTypes unknown = parsed->unknownRequired(NotSupported);
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
    }
    if (!m_software.empty())
        writer.addText(Attribute::Software, m_software);
    if (parsed->hasFingerprint())
        writer.addFingerprint();
    return writer.finish();
}

} // namespace peer::stun
