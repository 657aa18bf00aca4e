// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "media/engine/callregistry.h"

#include <utility>

namespace peer::media {

CallRegistry::CallRegistry(Callbacks callbacks)
    : m_callbacks(std::move(callbacks))
{ }

void CallRegistry::addTrack(unsigned session, std::shared_ptr<CallTrack> track)
{
    const std::lock_guard lock(m_mutex);
    m_tracks[session] = std::move(track);
}

void CallRegistry::removeTrack(const std::shared_ptr<CallTrack> &track)
{
    const std::lock_guard lock(m_mutex);
    std::erase_if(m_tracks, [&](const auto &entry) { return entry.second == track; });
}

std::shared_ptr<CallTrack> CallRegistry::trackOf(unsigned session) const
{
    const std::lock_guard lock(m_mutex);
    const auto found = m_tracks.find(session);
    return found == m_tracks.end() ? nullptr : found->second;
}

std::vector<std::shared_ptr<CallTrack>> CallRegistry::tracks() const
{
    const std::lock_guard lock(m_mutex);
    std::vector<std::shared_ptr<CallTrack>> all;
    for (const auto &track : m_tracks)
        all.push_back(track.second);
    return all;
}

std::shared_ptr<Loudspeaker> CallRegistry::setSpeaker(std::shared_ptr<Loudspeaker> speaker)
{
    const std::lock_guard lock(m_mutex);
    return std::exchange(m_speaker, std::move(speaker));
}

std::shared_ptr<Loudspeaker> CallRegistry::speaker() const
{
    const std::lock_guard lock(m_mutex);
    return m_speaker;
}

void CallRegistry::tellLatency() const
{
    const std::lock_guard lock(m_telling);
    if (m_isOpen && m_callbacks.latencyChanged)
        m_callbacks.latencyChanged();
}

void CallRegistry::tellError(GstMessage *message) const
{
    const auto present = speaker();
    const std::lock_guard lock(m_telling);
    if (!m_isOpen)
        return;
    if (present && present->has(GST_MESSAGE_SRC(message)))
        present->take(message);
    else if (m_callbacks.fault)
        m_callbacks.fault(faultOf(message, "The media of this call"));
}

void CallRegistry::close()
{
    const std::lock_guard lock(m_telling);
    m_isOpen = false;
}

} // namespace peer::media
