// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "secure/dtls/dtlstransport.h"

#include "secure/dtls/datagrambio.h"
#include "secure/dtls/openssl_p.h"
#include "secure/dtls/recordfilter.h"

#include <openssl/err.h>
#include <openssl/srtp.h>

#include <sys/time.h>

#include <algorithm>
#include <cassert>
#include <deque>
#include <utility>

namespace peer::dtls {

namespace {

using std::chrono::duration_cast;
using std::chrono::microseconds;
using std::chrono::milliseconds;

// RFC 6347 section 4.2.4.1 starts at 1 s and lets who knows better start elsewhere: we know the
// round trip from ICE. It doubles up to 60 s or more; ours stops at 5 s, for a flight is one or
// two datagrams. OpenSSL gives up after 12 retransmissions: after 36 s at the least.
constexpr Duration MinRetransmission = milliseconds(50);
constexpr Duration MaxInitialRetransmission = std::chrono::seconds(3);
constexpr Duration MaxRetransmission = std::chrono::seconds(5);

constexpr std::size_t MinMtu = 300;
constexpr std::size_t MaxMtu = 1500;
static_assert(MaxMtu <= TransmitQueue::SlotSize);

/// RFC 5246 section 6.2.1
constexpr std::size_t MaxPlaintext = 16384;
/// What a record adds at most: header, explicit nonce (RFC 5288), tag. (ChaCha20-Poly1305 has no
/// explicit nonce.)
constexpr std::size_t RecordOverhead = RecordFilter::RecordHeaderSize + 8 + 16;
/// OpenSSL packs the messages of a flight into datagrams, but forgets this much of the last one.
constexpr std::size_t HandshakeReserve = RecordOverhead;
static_assert(MinMtu - HandshakeReserve >= 256); // less than that OpenSSL does not take

/// Payloads that wait for nextData(); there are as many as records in a datagram.
constexpr std::size_t MaxWaitingPayloads = 256;

/// The queue of this thread may hold what others have left, which SSL_get_error() would take for
/// its own; and we leave nothing behind. (A look costs a tenth of a clearing.)
class CleanErrorQueue
{
public:
    CleanErrorQueue() { clear(); }
    ~CleanErrorQueue() { clear(); }
    static void clear()
    {
        if (ERR_peek_error() != 0)
            ERR_clear_error();
    }
    CleanErrorQueue(const CleanErrorQueue &) = delete;
    CleanErrorQueue &operator=(const CleanErrorQueue &) = delete;
};

/// OpenSSL asks with 0 for the first interval of a flight, then with the one that has passed.
unsigned int nextRetransmission(SSL *ssl, unsigned int previousMicroseconds)
{
    const Duration next = previousMicroseconds == 0
        ? HandshakeTerms::of(ssl).initialRetransmission
        : std::min<Duration>(microseconds(previousMicroseconds) * 2, MaxRetransmission);
    return static_cast<unsigned int>(duration_cast<microseconds>(next).count());
}

std::string lastErrorText(const char *otherwise)
{
    const char *reason = ERR_reason_error_string(ERR_peek_last_error());
    return reason ? reason : otherwise;
}

} // namespace

class Transport::Private
{
public:
    explicit Private(const Config &config);

    void start(TimePoint now);
    void receive(TimePoint now, ByteView datagram);
    void advance(TimePoint now);
    bool send(ByteView payload);
    void close();
    Bytes exportKeyingMaterial(std::string_view label, std::size_t size) const;

    enum class State : std::uint8_t { New, Handshaking, Connected, Ended };

    Config config;
    /// Before ssl, which holds a BIO on it.
    DatagramEnds ends;
    HandshakeTerms terms; ///< likewise
    State state = State::New;
    TimePoint deadline = Never;
    std::deque<Event> events;
    std::size_t firstWaitingPayload = 0;
    std::size_t waitingPayloads = 0;
    struct Payload
    {
        Bytes buffer; ///< as large as the largest datagram yet; reused
        std::size_t size = 0;
    };
    std::vector<Payload> payloads;
    RecordFilter filter;
    std::uint64_t fruitlessDatagrams = 0;

private:
    bool prepare();
    void handshake();
    void finishHandshake();
    void readPayloads();
    void handleReadEnd(int result);
    void considerAlert(TimePoint now);
    void updateDeadline(TimePoint now);
    void fail(std::string reason);

    Ssl m_ssl;
    /// The plain alert that may yet be believed, and OpenSSL's state when it came.
    std::optional<RecordFilter::Alert> m_alert;
    OSSL_HANDSHAKE_STATE m_stateAtAlert = TLS_ST_BEFORE;
    TimePoint m_alertDeadline = Never;
};

Transport::Private::Private(const Config &given)
    : config(given)
{
    assert(config.certificate);
    config.mtu = std::clamp(config.mtu, MinMtu, MaxMtu);
    terms.peerFingerprints = std::move(config.peerFingerprints);
    terms.initialRetransmission = std::clamp(config.initialRetransmission, MinRetransmission,
                                             MaxInitialRetransmission);
}

void Transport::Private::start(TimePoint now)
{
    if (state != State::New)
        return;
    const CleanErrorQueue clean;
    state = State::Handshaking;
    if (!prepare()) {
        fail(lastErrorText("OpenSSL has no memory for a session"));
        return;
    }
    handshake();
    updateDeadline(now);
}

bool Transport::Private::prepare()
{
    m_ssl.reset(SSL_new(config.certificate->m_content->context.get()));
    BIO *bio = m_ssl ? makeDatagramBio(ends) : nullptr;
    if (!bio)
        return false;
    SSL *ssl = m_ssl.get();
    SSL_set_bio(ssl, bio, bio); // takes the one reference for both
    SSL_set_app_data(ssl, &terms);
    DTLS_set_timer_cb(ssl, nextRetransmission);
    if (config.role == Role::Client)
        SSL_set_connect_state(ssl);
    else
        SSL_set_accept_state(ssl);
    const auto fragment = static_cast<long>(std::max<std::size_t>(config.mtu, 512)); // its minimum
    return SSL_set_mtu(ssl, static_cast<long>(config.mtu - HandshakeReserve)) > 0
        && SSL_set_max_send_fragment(ssl, fragment) == 1;
}

void Transport::Private::receive(TimePoint now, ByteView datagram)
{
    if (state != State::Handshaking && state != State::Connected)
        return;
    const CleanErrorQueue clean;
    if (state == State::Handshaking) {
        ends.incoming = filter.filter(datagram);
        considerAlert(now);
        if (!ends.incoming.empty())
            handshake();
    } else {
        ends.incoming = datagram;
    }
    if (state == State::Connected)
        readPayloads();
    ends.incoming = {};
    updateDeadline(now);
}

void Transport::Private::considerAlert(TimePoint now)
{
    if (!filter.alert() || m_alertDeadline != Never)
        return;
    m_alert = filter.alert();
    m_stateAtAlert = SSL_get_state(m_ssl.get());
    m_alertDeadline = now + AlertPatience;
}

void Transport::Private::handshake()
{
    const int result = SSL_do_handshake(m_ssl.get());
    if (result == 1) {
        finishHandshake();
        return;
    }
    switch (SSL_get_error(m_ssl.get(), result)) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
        return;
    default:
        fail(terms.isFingerprintWrong ? "the peer's certificate has another fingerprint"
                                      : lastErrorText("the DTLS handshake failed"));
    }
}

void Transport::Private::finishHandshake()
{
    SSL *ssl = m_ssl.get();
    if (!terms.isPeerVerified) {
        fail("the peer has not shown its certificate");
        return;
    }
    // RFC 7627 section 5.3: without it keys that are exported from the session could be somebody
    // else's too. Every implementation in use has it.
    if (SSL_get_extms_support(ssl) != 1) {
        fail("the peer knows no extended master secret");
        return;
    }
    const SRTP_PROTECTION_PROFILE *profile = SSL_get_selected_srtp_profile(ssl);
    state = State::Connected;
    m_alertDeadline = Never;
    events.push_back(Connected{profile ? profile->name : ""});
}

/// Opens all records of the datagram in ends.incoming, and those that came too early before.
void Transport::Private::readPayloads()
{
    const std::size_t size = std::min(std::max(ends.incoming.size(), MaxMtu), MaxPlaintext);
    bool isFruitless = !ends.incoming.empty();
    for (;;) {
        if (waitingPayloads == payloads.size())
            payloads.emplace_back();
        Payload &payload = payloads[waitingPayloads];
        if (payload.buffer.size() < size)
            payload.buffer.resize(size);
        CleanErrorQueue::clear();
        const int result = SSL_read(m_ssl.get(), payload.buffer.data(),
                                    static_cast<int>(payload.buffer.size()));
        if (result <= 0) {
            fruitlessDatagrams += isFruitless;
            handleReadEnd(result);
            return;
        }
        isFruitless = false;
        if (waitingPayloads < MaxWaitingPayloads) {
            payload.size = static_cast<std::size_t>(result);
            ++waitingPayloads;
        }
    }
}

void Transport::Private::handleReadEnd(int result)
{
    switch (SSL_get_error(m_ssl.get(), result)) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
        return;
    case SSL_ERROR_ZERO_RETURN:
        SSL_shutdown(m_ssl.get()); // RFC 5246 section 7.2.1: answered, then closed
        state = State::Ended;
        events.push_back(Closed{});
        return;
    default:
        fail(lastErrorText("the DTLS session failed"));
    }
}

void Transport::Private::advance(TimePoint now)
{
    if (state != State::Handshaking && state != State::Connected)
        return;
    const CleanErrorQueue clean;
    if (now >= m_alertDeadline) {
        m_alertDeadline = Never;
        // Whoever sent it: the peer has not said anything of use since.
        if (state == State::Handshaking && SSL_get_state(m_ssl.get()) == m_stateAtAlert) {
            fail(m_alert->isFatal ? std::string("the peer refuses: ")
                         + SSL_alert_desc_string_long(m_alert->description)
                                  : "the peer closes");
            return;
        }
    }
    if (now >= deadline && DTLSv1_handle_timeout(m_ssl.get()) < 0) {
        fail("the peer does not answer");
        return;
    }
    updateDeadline(now);
}

void Transport::Private::updateDeadline(TimePoint now)
{
    deadline = Never;
    if (state != State::Handshaking && state != State::Connected)
        return;
    timeval left{};
    if (DTLSv1_get_timeout(m_ssl.get(), &left) == 1) {
        const Duration wait = std::chrono::seconds(left.tv_sec) + microseconds(left.tv_usec);
        // Where the two clocks disagree about who is first, not a busy loop.
        deadline = now + std::max<Duration>(wait, milliseconds(1));
    }
    deadline = std::min(deadline, m_alertDeadline);
}

bool Transport::Private::send(ByteView payload)
{
    if (state != State::Connected || payload.empty() || ends.outgoing.isFull()
        || payload.size() > config.mtu - RecordOverhead) {
        return false;
    }
    const CleanErrorQueue clean;
    return SSL_write(m_ssl.get(), payload.data(), static_cast<int>(payload.size())) > 0;
}

Bytes Transport::Private::exportKeyingMaterial(std::string_view label, std::size_t size) const
{
    const CleanErrorQueue clean;
    Bytes material(size);
    if (state != State::Connected
        || SSL_export_keying_material(m_ssl.get(), material.data(), size, label.data(),
                                      label.size(), nullptr, 0, 0)
            != 1) {
        return {};
    }
    return material;
}

void Transport::Private::close()
{
    if (state == State::Connected) {
        const CleanErrorQueue clean;
        ends.copies = 2; // the second is a replay to a peer that has the first
        SSL_shutdown(m_ssl.get());
    }
    state = State::Ended;
    deadline = Never;
}

void Transport::Private::fail(std::string reason)
{
    state = State::Ended;
    deadline = Never;
    events.push_back(Failed{terms.isFingerprintWrong, std::move(reason)});
}

Transport::Transport(const Config &config)
    : d(std::make_unique<Private>(config))
{ }

Transport::~Transport() = default;

void Transport::start(TimePoint now)
{
    d->start(now);
}

void Transport::receive(TimePoint now, ByteView datagram)
{
    d->receive(now, datagram);
}

void Transport::advance(TimePoint now)
{
    d->advance(now);
}

bool Transport::send(ByteView payload)
{
    return d->send(payload);
}

void Transport::close()
{
    d->close();
}

std::optional<ByteView> Transport::nextData()
{
    if (d->firstWaitingPayload == d->waitingPayloads) {
        d->firstWaitingPayload = d->waitingPayloads = 0;
        return std::nullopt;
    }
    const Private::Payload &payload = d->payloads[d->firstWaitingPayload++];
    return ByteView(payload.buffer).first(payload.size);
}

std::optional<ByteView> Transport::nextTransmit()
{
    if (d->ends.outgoing.isEmpty())
        return std::nullopt;
    return d->ends.outgoing.pop().payload;
}

std::optional<Event> Transport::nextEvent()
{
    if (d->events.empty())
        return std::nullopt;
    Event event = std::move(d->events.front());
    d->events.pop_front();
    return event;
}

TimePoint Transport::nextDeadline() const
{
    return d->deadline;
}

bool Transport::isConnected() const
{
    return d->state == Private::State::Connected;
}

Bytes Transport::exportKeyingMaterial(std::string_view label, std::size_t size) const
{
    return d->exportKeyingMaterial(label, size);
}

std::size_t Transport::maxPayload() const
{
    return d->config.mtu - RecordOverhead;
}

Transport::Statistics Transport::statistics() const
{
    return {d->filter.droppedRecords() + d->fruitlessDatagrams};
}

} // namespace peer::dtls
