// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "media/engine/sourceslot.h"

#include "media/engine/ending.h"
#include "media/engine/takergate.h"

#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

namespace peer::media {

/// One source from its making to its end.
class SourceSlot::Run
{
public:
    /// In a thread of its own.
    void go(const Make &make, SourceTaker taker, std::shared_ptr<Run> former)
    {
        if (former)
            former->awaitEnd(MaxWaiting);
        former.reset();
        if (isWanted()) {
            const std::unique_ptr<Source> source = make(TakerGate::guarded(taker, m_gate));
            source->start();
            std::unique_lock lock(m_mutex);
            m_changed.wait(lock, [&] { return !m_isWanted; });
        }
        const std::lock_guard lock(m_mutex);
        m_hasEnded = true;
        m_changed.notify_all();
    }

    void end()
    {
        m_gate->close();
        const std::lock_guard lock(m_mutex);
        m_isWanted = false;
        m_changed.notify_all();
    }

    void awaitEnd()
    {
        std::unique_lock lock(m_mutex);
        m_changed.wait(lock, [&] { return m_hasEnded; });
    }

private:
    void awaitEnd(std::chrono::seconds patience)
    {
        std::unique_lock lock(m_mutex);
        m_changed.wait_for(lock, patience, [&] { return m_hasEnded; });
    }
    bool isWanted()
    {
        const std::lock_guard lock(m_mutex);
        return m_isWanted;
    }

    const std::shared_ptr<TakerGate> m_gate = std::make_shared<TakerGate>();
    std::mutex m_mutex; ///< for what follows
    std::condition_variable m_changed;
    bool m_isWanted = true;
    bool m_hasEnded = false;
};

SourceSlot::~SourceSlot()
{
    clear();
}

void SourceSlot::set(Make make, SourceTaker taker)
{
    clear();
    const auto former = std::exchange(m_run, std::make_shared<Run>());
    std::thread([run = m_run, make = std::move(make), taker = std::move(taker), former]() mutable {
        run->go(make, std::move(taker), std::move(former));
    }).detach();
    m_isSet = true;
}

void SourceSlot::clear()
{
    if (!std::exchange(m_isSet, false))
        return;
    m_run->end();
    endAlone([run = m_run] { run->awaitEnd(); });
}

} // namespace peer::media
