// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SIMULATION_SIGNALINGCHANNEL_H
#define PEER_SIMULATION_SIGNALINGCHANNEL_H

#include "support/simulation/internet.h"

#include <algorithm>
#include <array>
#include <functional>
#include <string>
#include <utility>

namespace peer::sim {

struct SignalingConditions
{
    Duration delay = std::chrono::milliseconds(20);
    /// Up to so much more; does not change the order.
    Duration jitter{};
    /// Probabilities, from 0 to 1.
    double loss = 0;
    double duplication = 0;
    /// Of coming later by reorderingDelay, behind what was sent after it.
    double reordering = 0;
    Duration reorderingDelay = std::chrono::milliseconds(200);
};

/// What carries signals between two peers, apart from the simulated internet: the rendezvous, as
/// far as it concerns them. Payload is anything that can be copied.
///
/// How to drive it: setReceiver() for both sides, then send(). A receiver is called from the
/// schedule and never from within send(); it hands the payload to its machine by Host::command().
template<typename Payload>
class SignalingChannel
{
public:
    enum class Side : std::uint8_t { Left, Right };
    using Receiver = std::function<void(TimePoint now, const Payload &payload)>;

    SignalingChannel(Internet &internet, std::string name, SignalingConditions conditions = {})
        : m_internet(internet)
        , m_name(std::move(name))
        , m_random(internet.fork("signaling " + m_name))
        , m_conditions(conditions)
    { }
    SignalingChannel(const SignalingChannel &) = delete;
    SignalingChannel &operator=(const SignalingChannel &) = delete;

    const SignalingConditions &conditions() const { return m_conditions; }
    void setConditions(const SignalingConditions &conditions) { m_conditions = conditions; }
    void setReceiver(Side side, Receiver receiver) { end(side).receiver = std::move(receiver); }

    /// To the other side. The channel must live as long as the simulation runs.
    void send(Side from, const Payload &payload)
    {
        const Side to = from == Side::Left ? Side::Right : Side::Left;
        if (m_conditions.duplication > 0 && m_random.chance(m_conditions.duplication))
            sendOnce(to, payload);
        sendOnce(to, payload);
    }

    std::uint64_t delivered() const { return m_delivered; }
    std::uint64_t lost() const { return m_lost; }

private:
    struct End
    {
        Receiver receiver;
        TimePoint lastArrival{};
    };

    End &end(Side side) { return m_ends[static_cast<std::size_t>(side)]; }

    void sendOnce(Side to, const Payload &payload)
    {
        Schedule &schedule = m_internet.schedule();
        if (m_conditions.loss > 0 && m_random.chance(m_conditions.loss)) {
            ++m_lost;
            m_internet.trace().note(schedule.now(), m_name, "signal lost");
            return;
        }
        TimePoint arrival = schedule.now() + m_conditions.delay;
        if (m_conditions.jitter > Duration::zero())
            arrival += m_random.between(Duration::zero(), m_conditions.jitter);
        if (m_conditions.reordering > 0 && m_random.chance(m_conditions.reordering))
            arrival += m_conditions.reorderingDelay;
        else
            arrival = end(to).lastArrival = std::max(arrival, end(to).lastArrival);
        schedule.at(arrival, [this, to, payload] { deliver(to, payload); });
    }

    void deliver(Side to, const Payload &payload)
    {
        const TimePoint now = m_internet.schedule().now();
        ++m_delivered;
        m_internet.trace().note(now, m_name,
                                to == Side::Left ? "signal to left" : "signal to right");
        if (end(to).receiver)
            end(to).receiver(now, payload);
    }

    Internet &m_internet;
    std::string m_name;
    SeededRandom m_random;
    SignalingConditions m_conditions;
    std::array<End, 2> m_ends;
    std::uint64_t m_delivered = 0;
    std::uint64_t m_lost = 0;
};

} // namespace peer::sim

#endif // PEER_SIMULATION_SIGNALINGCHANNEL_H
