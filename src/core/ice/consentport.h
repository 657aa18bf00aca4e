// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_ICE_CONSENTPORT_H
#define PEER_ICE_CONSENTPORT_H

#include "core/base/random.h"
#include "core/base/time.h"
#include "core/base/transmitqueue.h"
#include "core/ice/answerbudget.h"
#include "core/ice/checkmessage.h"
#include "core/stun/integrity.h"
#include "core/stun/transaction.h"

#include <chrono>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <variant>

namespace peer::ice {

/// A bare port that sends payload only where a connectivity check has proven that somebody wants it
/// (RFC 8445 section 7, RFC 7675), and else nothing but STUN, at a bounded rate. It knows no
/// candidates, pairs, roles or nomination: which addresses are tested, and which of the proven ones
/// are used, is its owner's business.
///
/// Of an address it knows:
///
///     testing --- success response ---> proven --- 30 s without one ---> lost (for these credentials)
///        |                                 |                                |
///        '--- no response for 7.9 s        '-- openSession(): payload       '-- test() with others
///             or an error: forgotten           goes to and fro                  begins anew
///
/// What is a STUN message with a valid FINGERPRINT (RFC 8489 section 14.7) is never payload, whatever
/// a session carries otherwise.
///
/// How to drive it: as every machine (src/README.md); receive() tells whether a datagram is payload
/// of a session, and then it is the caller's.
class ConsentPort
{
public:
    /// Addresses that are tested, asked, proven or lost.
    static constexpr std::size_t MaxPeers = 64;
    /// RFC 8445 section 14.2: Ta, 50 ms, between requests to addresses that have proven nothing.
    static constexpr Duration Pacing = std::chrono::milliseconds(50);
    /// Answers to checks of whoever is tested or proven: 64 peers may all ask at once, and need 16
    /// answers a second.
    static constexpr AnswerBudget::Limits PeersAnswers{std::chrono::milliseconds(1), int(MaxPeers)};
    /// Answers to checks of others with our password: a peer that asks first is one of them. They
    /// take nothing from those above.
    static constexpr AnswerBudget::Limits StrangersAnswers{std::chrono::milliseconds(5), 16};
    /// Longer payloads are not sent (D2: UDP payloads of 1200 octets at most).
    static constexpr std::size_t MaxPayload = 1200;
    /// RFC 8489 section 14.3: USERNAME has less than 509 octets; RFC 8839 section 5.4: a fragment
    /// has at most 256, a password too.
    static constexpr std::size_t MaxCredential = 250;

    /// A check of the peer's with our password came from there, and was answered.
    struct Tested
    {
        TransportAddress from;
        std::string fragment; ///< the peer's, as it says
    };
    /// Payload may go there.
    struct Proven
    {
        TransportAddress remote;
        TransportAddress reflexive; ///< ours, as it is seen there
        std::optional<Duration> roundTrip;
    };
    enum class Failure : std::uint8_t { Unanswered, Refused };
    struct TestFailed
    {
        TransportAddress remote;
        Failure failure;
    };
    /// It has not renewed its consent: nothing goes there any more, and the session has ended.
    struct ConsentLost
    {
        TransportAddress remote;
    };
    /// The STUN server's answer to ask().
    struct AddressFound
    {
        TransportAddress server;
        TransportAddress reflexive;
    };
    using Event = std::variant<Tested, Proven, TestFailed, ConsentLost, AddressFound>;

    /// Ours: the fragment 4 to 250 ice-chars, the password 22 to 250 (RFC 8839 section 5.4). random
    /// is borrowed.
    ConsentPort(std::string fragment, std::string password, RandomSource &random);

    static bool isValidFragment(std::string_view text);
    static bool isValidPassword(std::string_view text);

    enum class Outcome : std::uint8_t {
        Started,
        Running,  ///< it is being tested, or proven already
        TooMany,  ///< MaxPeers
        Barred,   ///< its consent with these credentials is lost (RFC 7675 section 5.1)
        Malformed ///< credentials or address
    };
    /// Tests whether who has these credentials is at route.remote.
    Outcome test(TimePoint now, const Route &route, const std::string &fragment,
                 const std::string &password);
    /// Asks a STUN server for our address. That proves nothing of the server.
    Outcome ask(TimePoint now, const Route &route);

    /// False unless the address is proven. Again for an open one: true.
    bool openSession(TimePoint now, const TransportAddress &remote);
    void closeSession(const TransportAddress &remote);
    bool isProven(TimePoint now, const TransportAddress &remote) const;
    /// False, and nothing is sent, without a session and consent, or if the payload is too long or
    /// too many wait.
    bool send(TimePoint now, const TransportAddress &remote, ByteView payload);

    /// True if it is payload of an open session.
    bool receive(TimePoint now, const Datagram &datagram);
    void advance(TimePoint now);
    std::optional<Transmit> nextTransmit();
    std::optional<Event> nextEvent();
    TimePoint nextDeadline() const;

    /// What came and was neither ours to answer nor payload of a session.
    std::uint64_t dropped() const { return m_dropped; }

private:
    enum class State : std::uint8_t { Testing, Asking, Proven, Lost };
    struct Peer
    {
        Route route;
        State state = State::Testing;
        std::string fragment;
        std::string username; ///< of our requests, "theirs:ours"
        stun::IntegrityKey key;
        std::optional<stun::Transaction> transaction; ///< Testing and Asking
        /// Proven: requests of the last consent lifetime, each sent once.
        std::deque<stun::TransactionId> requests;
        TimePoint consentUntil{};
        TimePoint nextRequestAt{};
        bool hasSession = false;
    };

    Outcome add(const Route &route, Peer &&peer);
    bool makeRoom();
    void receiveRequest(TimePoint now, const Datagram &datagram, const stun::Message &message);
    void receiveResponse(TimePoint now, const Datagram &datagram, const stun::Message &message);
    void takeAnswer(TimePoint now, Peer &peer, const stun::Message &message);
    /// To be asked before each answer to a check that has our password.
    bool mayAnswer(TimePoint now, const TransportAddress &remote);
    void refuse(TimePoint now, const Route &route, const stun::Message &request, int code);
    void prove(TimePoint now, Peer &peer, const TransportAddress &reflexive,
               std::optional<Duration> roundTrip);
    void sendRequest(const Peer &peer, const stun::TransactionId &id);
    void advanceTests(TimePoint now);
    void renewConsents(TimePoint now);
    Duration consentWait();

    const std::string m_fragment;
    const stun::IntegrityKey m_key;
    RandomSource &m_random;
    std::map<TransportAddress, Peer> m_peers;
    /// The addresses that are lost, the oldest first: they give way.
    std::deque<TransportAddress> m_lost;
    TimePoint m_nextTestAt{};
    AnswerBudget m_peersAnswers{PeersAnswers};
    AnswerBudget m_strangersAnswers{StrangersAnswers};
    TimePoint m_nextRefusalAt{};
    TransmitQueue m_transmits;
    std::deque<Event> m_events;
    std::uint64_t m_dropped = 0;
};

} // namespace peer::ice

#endif // PEER_ICE_CONSENTPORT_H
