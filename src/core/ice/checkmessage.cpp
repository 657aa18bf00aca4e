// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "core/ice/checkmessage.h"

#include "core/stun/messagewriter.h"

namespace peer::ice {

using stun::Attribute;

namespace {

std::string_view reasonPhrase(int code)
{
    switch (code) {
    case stun::errorcode::RoleConflict:
        return "Role Conflict";
    case stun::errorcode::UnknownAttribute:
        return "Unknown Attribute";
    default:
        // Short on purpose: the answer to an unauthenticated request is no larger than it.
        return {};
    }
}

} // namespace

std::string_view CheckRequest::receiverFragment() const
{
    return username.substr(0, username.find(':'));
}

std::string_view CheckRequest::senderFragment() const
{
    const std::size_t colon = username.find(':');
    return colon == std::string_view::npos ? std::string_view() : username.substr(colon + 1);
}

ByteView writeCheckRequest(MutableByteView out, const CheckRequest &request,
                           const stun::IntegrityKey &key)
{
    stun::MessageWriter writer(out);
    writer.begin(stun::Class::Request, stun::Method::Binding, request.id);
    writer.addText(Attribute::Username, request.username);
    writer.addUint32(Attribute::Priority, request.priority);
    if (request.role)
        writer.addUint64(*request.role == Role::Controlling ? Attribute::IceControlling
                                                            : Attribute::IceControlled,
                         request.tieBreaker);
    switch (request.nomination) {
    case Nomination::None:
        break;
    case Nomination::UseCandidate:
        writer.addFlag(Attribute::UseCandidate);
        break;
    case Nomination::Renominate:
        writer.addUint32(Attribute::Nomination, request.nominationValue);
        break;
    }
    if (request.unfitNominee)
        writer.addUint32(Attribute::NomineeUnfit, *request.unfitNominee);
    writer.addIntegrity(key, stun::Integrity::Sha1);
    writer.addFingerprint();
    return writer.finish();
}

ByteView writeCheckSuccess(MutableByteView out, const stun::TransactionId &id,
                           const TransportAddress &mapped, const stun::IntegrityKey &key)
{
    stun::MessageWriter writer(out);
    writer.begin(stun::Class::SuccessResponse, stun::Method::Binding, id);
    writer.addAddress(Attribute::XorMappedAddress, mapped);
    writer.addIntegrity(key, stun::Integrity::Sha1);
    writer.addFingerprint();
    return writer.finish();
}

ByteView writeCheckError(MutableByteView out, const stun::TransactionId &id, int code,
                         const stun::AttributeTypes &unknown, const stun::IntegrityKey &key)
{
    stun::MessageWriter writer(out);
    writer.begin(stun::Class::ErrorResponse, stun::Method::Binding, id);
    writer.addErrorCode(code, reasonPhrase(code));
    if (!unknown.isEmpty())
        writer.addUnknownAttributes(unknown);
    if (!key.isNull())
        writer.addIntegrity(key, stun::Integrity::Sha1);
    writer.addFingerprint();
    return writer.finish();
}

CheckRequest readCheckRequest(const stun::Message &message)
{
    CheckRequest request;
    request.id = message.transactionId();
    request.username = message.text(Attribute::Username).value_or(std::string_view());
    request.priority = message.uint32(Attribute::Priority).value_or(0);
    if (const auto controlling = message.uint64(Attribute::IceControlling)) {
        request.role = Role::Controlling;
        request.tieBreaker = *controlling;
    } else if (const auto controlled = message.uint64(Attribute::IceControlled)) {
        request.role = Role::Controlled;
        request.tieBreaker = *controlled;
    }
    if (const auto value = message.uint32(Attribute::Nomination)) {
        request.nomination = Nomination::Renominate;
        request.nominationValue = *value;
    } else if (message.has(Attribute::UseCandidate)) {
        request.nomination = Nomination::UseCandidate;
    }
    request.unfitNominee = message.uint32(Attribute::NomineeUnfit);
    return request;
}

} // namespace peer::ice
