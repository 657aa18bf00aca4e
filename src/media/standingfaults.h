// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_MEDIA_STANDINGFAULTS_H
#define PEER_MEDIA_STANDINGFAULTS_H

#include <PeerConnection/peermediacall.h>

#include <QtCore/qlist.h>

#include <algorithm>
#include <initializer_list>

namespace peer::media {

/// What of a media call can fail by itself.
enum class MediaPart : quint8 { Picture, Sound, Film, Speaker, Call };

/// The faults that stand: of each part the latest, the latest of all last.
class StandingFaults
{
public:
    struct Standing
    {
        MediaPart part = MediaPart::Call;
        PeerMediaCall::Error error = PeerMediaCall::Error::None;
        QString text;
    };

    bool isEmpty() const { return m_faults.isEmpty(); }
    const Standing &constLast() const { return m_faults.constLast(); }

    void add(const Standing &fault)
    {
        clear({fault.part});
        m_faults.append(fault);
    }
    /// Whether the last is another one now.
    bool clear(std::initializer_list<MediaPart> parts)
    {
        const auto isCleared = [&parts](const Standing &fault) {
            return std::find(parts.begin(), parts.end(), fault.part) != parts.end();
        };
        const bool isLast = !isEmpty() && isCleared(constLast());
        m_faults.removeIf(isCleared);
        return isLast;
    }
    bool clearAll()
    {
        const bool isAny = !isEmpty();
        m_faults.clear();
        return isAny;
    }

private:
    QList<Standing> m_faults;
};

} // namespace peer::media

#endif // PEER_MEDIA_STANDINGFAULTS_H
