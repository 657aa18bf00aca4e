// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "secure/dtls/recordfilter.h"

namespace peer::dtls {

namespace {

enum ContentType : std::uint8_t {
    ChangeCipherSpec = 20,
    AlertRecord = 21,
    Handshake = 22,
    ApplicationData = 23,
};

// RFC 5246 section 7.2
constexpr std::uint8_t FatalLevel = 2;
constexpr std::uint8_t CloseNotify = 0;

// RFC 6347 section 4.2.2
constexpr std::size_t HandshakeHeaderSize = 12;
/// The certificate is the one message without a natural bound; OpenSSL's own is 100 KB.
constexpr std::uint32_t MaxHandshakeMessage = 32 * 1024;

std::uint32_t readUint24(const std::uint8_t *at)
{
    return (std::uint32_t{at[0]} << 16) | readUint16(at + 1);
}

/// The messages of RFC 5246 section 7.4 and RFC 6347 that belong into a first handshake; not
/// hello_request (0), which wants another one.
bool isKnownMessage(std::uint8_t type)
{
    switch (type) {
    case 1:  // client_hello
    case 2:  // server_hello
    case 3:  // hello_verify_request
    case 4:  // new_session_ticket
    case 11: // certificate
    case 12: // server_key_exchange
    case 13: // certificate_request
    case 14: // server_hello_done
    case 15: // certificate_verify
    case 16: // client_key_exchange
    case 20: // finished
        return true;
    default:
        return false;
    }
}

} // namespace

ByteView RecordFilter::filter(ByteView datagram)
{
    m_accepted.clear();
    m_alert.reset();
    while (!datagram.empty()) {
        if (datagram.size() < RecordHeaderSize) {
            ++m_droppedRecords;
            break;
        }
        const std::size_t size = RecordHeaderSize + readUint16(datagram.data() + 11);
        if (size > datagram.size()) {
            ++m_droppedRecords;
            break;
        }
        const ByteView record = datagram.first(size);
        if (isAcceptable(record))
            m_accepted.insert(m_accepted.end(), record.begin(), record.end());
        else
            ++m_droppedRecords;
        datagram = datagram.subspan(size);
    }
    return m_accepted;
}

bool RecordFilter::isAcceptable(ByteView record)
{
    const std::uint8_t type = record[0];
    const bool isDtls = record[1] == 0xfe && (record[2] == 0xff || record[2] == 0xfd);
    const std::uint16_t epoch = readUint16(record.data() + 3);
    if (!isDtls || type < ChangeCipherSpec || type > ApplicationData || epoch > 1)
        return false;
    if (epoch == 1)
        return ++m_earlyRecords <= MaxEarlyRecords;

    const ByteView body = record.subspan(RecordHeaderSize);
    switch (ContentType(type)) {
    case ChangeCipherSpec:
        return body.size() == 1 && body[0] == 1;
    case AlertRecord:
        if (body.size() == 2 && (body[0] == FatalLevel || body[1] == CloseNotify))
            m_alert = Alert{body[0] == FatalLevel, body[1]};
        return false;
    case Handshake:
        return isPlainHandshake(body);
    case ApplicationData:
        return false;
    }
    return false;
}

/// One or more handshake messages or fragments of them.
bool RecordFilter::isPlainHandshake(ByteView body) const
{
    if (body.empty())
        return false;
    while (!body.empty()) {
        if (body.size() < HandshakeHeaderSize || !isKnownMessage(body[0]))
            return false;
        const std::uint32_t length = readUint24(body.data() + 1);
        const std::uint32_t fragmentOffset = readUint24(body.data() + 6);
        const std::uint32_t fragmentLength = readUint24(body.data() + 9);
        if (length > MaxHandshakeMessage || fragmentOffset > length
            || fragmentLength > length - fragmentOffset
            || fragmentLength > body.size() - HandshakeHeaderSize
            || (fragmentLength == 0 && length > 0)) {
            return false;
        }
        body = body.subspan(HandshakeHeaderSize + fragmentLength);
    }
    return true;
}

} // namespace peer::dtls
