// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "api/publicerror.h"

namespace peer {

using Error = PeerConnection::Error;

PeerConnection::Error toPublicError(RendezvousClient::Error error)
{
    switch (error) {
    case RendezvousClient::Error::None:
        return Error::None;
    case RendezvousClient::Error::Unreachable:
    case RendezvousClient::Error::ProxyAuthentication:
        return Error::RendezvousUnreachable;
    case RendezvousClient::Error::CertificateRefused:
    case RendezvousClient::Error::PinMismatch:
        return Error::RendezvousCertificate;
    case RendezvousClient::Error::NotRendezvous:
        return Error::RendezvousProtocol;
    case RendezvousClient::Error::OtherVersion:
        return Error::RendezvousVersion;
    case RendezvousClient::Error::TokenRefused:
    case RendezvousClient::Error::ProofRefused:
    case RendezvousClient::Error::Overloaded:
        return Error::RendezvousRefused;
    }
    return Error::RendezvousProtocol;
}

PeerConnection::Error toPublicError(RendezvousClient::NameError error)
{
    switch (error) {
    case RendezvousClient::NameError::Owned:
    case RendezvousClient::NameError::Replaced:
    case RendezvousClient::NameError::Unproven:
    case RendezvousClient::NameError::Limit:
        return Error::RendezvousRefused;
    case RendezvousClient::NameError::Invalid:
        return Error::BadAddress;
    }
    return Error::RendezvousRefused;
}

PeerConnection::Error toPublicError(RendezvousClient::CallError error)
{
    switch (error) {
    case RendezvousClient::CallError::Offline:
        return Error::PeerOffline;
    case RendezvousClient::CallError::Limit:
    case RendezvousClient::CallError::RateLimited:
    case RendezvousClient::CallError::TooLarge:
    case RendezvousClient::CallError::Refused:
        return Error::RendezvousRefused;
    case RendezvousClient::CallError::Invalid:
        return Error::BadAddress;
    }
    return Error::RendezvousRefused;
}

PeerConnection::Error toPublicError(RendezvousClient::MintError error)
{
    switch (error) {
    case RendezvousClient::MintError::Refused:
        return Error::RendezvousRefused;
    case RendezvousClient::MintError::TooOld:
        return Error::RendezvousVersion;
    }
    return Error::RendezvousRefused;
}

PeerConnection::Error toPublicError(SessionError error)
{
    switch (error) {
    case SessionError::None:
        return Error::None;
    case SessionError::BadDescription:
        return Error::BadDescription;
    case SessionError::IdentityMissing:
    case SessionError::IdentityMismatch:
    case SessionError::FingerprintMismatch:
        return Error::IdentityMismatch;
    case SessionError::NoPath:
        return Error::NoPath;
    case SessionError::HandshakeFailed:
        return Error::HandshakeFailed;
    case SessionError::PathLost:
    case SessionError::ProtocolViolation:
        return Error::ConnectionLost;
    case SessionError::Rejected:
        return Error::PeerRejected;
    case SessionError::Busy:
        return Error::PeerBusy;
    case SessionError::Unanswered:
        return Error::PeerSilent;
    case SessionError::Cancelled:
        return Error::Cancelled;
    case SessionError::PeerFailed:
        return Error::PeerFailed;
    }
    return Error::PeerFailed;
}

} // namespace peer
