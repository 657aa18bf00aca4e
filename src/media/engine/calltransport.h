// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_MEDIA_ENGINE_CALLTRANSPORT_H
#define PEER_MEDIA_ENGINE_CALLTRANSPORT_H

#include "media/congestion/arrivalrecorder.h"
#include "media/congestion/pacer.h"
#include "media/congestion/ratecontrol.h"
#include "media/congestion/senthistory.h"
#include "media/congestion/soundtransit.h"
#include "media/congestion/stall.h"
#include "media/congestion/videoshape.h"
#include "media/engine/trackconfig.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <vector>

namespace peer::media {

/// Transport-wide congestion control of a call, over all its tracks, for any thread: packets are
/// sent in GStreamer's, and come in the network thread. Nothing is called from within its lock.
class CallTransport
{
public:
    /// Waits until a packet of a picture may leave, or isOver, whose change wake() makes known. So
    /// that nothing has to be queued: whoever makes pictures waits as well. What it returns grows
    /// when a picture that has begun is not worth going on with (Stall::losses()).
    unsigned awaitTurn(const std::atomic<bool> &isOver);
    /// The same for a retransmission, except that sound does not wait. False if it is not to leave:
    /// in a stall it would keep the way full, and whoever still wants it asks again.
    bool awaitRepeat(TrackKind kind, const std::atomic<bool> &isOver);
    void wake();
    /// The transport-wide sequence number of a packet of this size, of a picture or of sound. Whether it could be sent is
    /// said at once, by noteSent() or takeBack().
    std::uint16_t send(std::size_t size, TrackKind kind);
    void noteSent(std::size_t size, TrackKind kind);
    void takeBack(std::uint16_t sequence);
    /// A packet has come; what is to be told of that, as RTCP from our SSRC.
    std::vector<Bytes> receive(std::uint16_t sequence, std::uint32_t ssrc, std::uint32_t ours);
    void take(const TransportFeedback &feedback);
    /// A packet of the peer's sound has come.
    void noteSound(std::uint32_t timestamp);
    /// How late the latest of them was, since this was last asked.
    Duration takeLateness();
    /// The connection's path has changed.
    void forgetWay();

    /// Which kinds of tracks share the rate.
    void setSenders(const Senders &senders);
    /// The application's bound, from RateControl::Min on.
    void setMaximum(int bitrate);

    int target() const { return std::min(m_target.load(), m_maximum.load()); }
    Allocation allocation() const;
    std::optional<Duration> roundTripTime() const;
    double loss() const;

private:
    /// When a packet of a picture may leave.
    TimePoint turnAt(TimePoint now);

    mutable std::mutex m_mutex; ///< for the next seven
    SentHistory m_history;
    Pacer m_pacer;
    Stall m_stall;
    RateControl m_control;
    ArrivalRecorder m_recorder;
    Senders m_senders;
    SoundTransit m_sound;
    std::condition_variable m_turn; ///< somebody may leave, perhaps
    std::atomic<int> m_target = RateControl::Initial;
    std::atomic<int> m_maximum = RateControl::Max;
};

} // namespace peer::media

#endif // PEER_MEDIA_ENGINE_CALLTRANSPORT_H
