// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_STUN_MESSAGEWRITER_H
#define PEER_STUN_MESSAGEWRITER_H

#include "core/stun/message.h"

namespace peer::stun {

/// Writes one STUN message (RFC 8489) into octets of its caller, who keeps them alive; allocates
/// nothing.
///
/// How to drive it: begin(); add… in the order wanted; then, each if wanted and in this order,
/// addIntegrity() with Sha1, addIntegrity() with Sha256, addFingerprint(); finish(). What does not
/// fit is remembered, and finish() then gives nothing.
class MessageWriter
{
public:
    explicit MessageWriter(MutableByteView out)
        : m_out(out)
    { }

    void begin(Class messageClass, Method method, const TransactionId &transactionId);

    void addUint32(Attribute type, std::uint32_t value);
    void addUint64(Attribute type, std::uint64_t value);
    /// An attribute without a value, such as USE-CANDIDATE.
    void addFlag(Attribute type);
    void addText(Attribute type, std::string_view value);
    void addBytes(Attribute type, ByteView value);
    /// Plain or obfuscated, as the type wants it (isXorAddress()). The address must not be null.
    void addAddress(Attribute type, const TransportAddress &address);
    /// code: 300 to 699. reason: at most 509 octets by RFC 8489 section 14.8.
    void addErrorCode(int code, std::string_view reason);
    void addUnknownAttributes(std::span<const Attribute> types);

    /// MESSAGE-INTEGRITY or MESSAGE-INTEGRITY-SHA256 over all so far.
    void addIntegrity(const IntegrityKey &key, Integrity kind);
    void addFingerprint();

    /// The message; empty when it did not fit, or could not be signed.
    ByteView finish() const;

private:
    /// Room for the value of a new attribute, its padding zeroed; empty on overflow (and then
    /// m_hasFailed) or for a value of no octets.
    MutableByteView append(Attribute type, std::size_t length);

    MutableByteView m_out;
    std::size_t m_size = 0;
    bool m_hasFailed = false;
};

} // namespace peer::stun

#endif // PEER_STUN_MESSAGEWRITER_H
