// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "core/stun/attribute.h"

#include <algorithm>

namespace peer::stun {

bool isKnown(Attribute type)
{
    switch (type) {
    case Attribute::MappedAddress:
    case Attribute::Username:
    case Attribute::MessageIntegrity:
    case Attribute::ErrorCode:
    case Attribute::UnknownAttributes:
    case Attribute::Realm:
    case Attribute::Nonce:
    case Attribute::MessageIntegritySha256:
    case Attribute::PasswordAlgorithm:
    case Attribute::UserHash:
    case Attribute::XorMappedAddress:
    case Attribute::PasswordAlgorithms:
    case Attribute::AlternateDomain:
    case Attribute::Software:
    case Attribute::AlternateServer:
    case Attribute::Fingerprint:
    case Attribute::Priority:
    case Attribute::UseCandidate:
    case Attribute::IceControlled:
    case Attribute::IceControlling:
    case Attribute::Nomination:
    case Attribute::NomineeUnfit:
    case Attribute::ChannelNumber:
    case Attribute::Lifetime:
    case Attribute::XorPeerAddress:
    case Attribute::Data:
    case Attribute::XorRelayedAddress:
    case Attribute::RequestedAddressFamily:
    case Attribute::EvenPort:
    case Attribute::RequestedTransport:
    case Attribute::DontFragment:
    case Attribute::ReservationToken:
    case Attribute::AdditionalAddressFamily:
    case Attribute::AddressErrorCode:
    case Attribute::Icmp:
    case Attribute::ChangeRequest:
    case Attribute::Padding:
    case Attribute::ResponsePort:
    case Attribute::CacheTimeout:
    case Attribute::ResponseOrigin:
    case Attribute::OtherAddress:
        return true;
    }
    return false;
}

bool isXorAddress(Attribute type)
{
    return type == Attribute::XorMappedAddress || type == Attribute::XorPeerAddress
        || type == Attribute::XorRelayedAddress;
}

void AttributeTypes::insert(Attribute type)
{
    if (m_size < Capacity && !contains(type))
        m_types[m_size++] = type;
}

bool AttributeTypes::contains(Attribute type) const
{
    return std::find(begin(), end(), type) != end();
}

} // namespace peer::stun
