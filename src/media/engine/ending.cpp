// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "media/engine/ending.h"

#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

namespace peer::media {

namespace {

/// How many there are of something that ends elsewhere.
class Count
{
public:
    void begin()
    {
        const std::lock_guard lock(m_mutex);
        ++m_value;
    }
    void end()
    {
        const std::lock_guard lock(m_mutex);
        --m_value;
        m_changed.notify_all();
    }
    /// False if it has not become zero in time.
    bool awaitNone(std::chrono::milliseconds patience)
    {
        std::unique_lock lock(m_mutex);
        return m_changed.wait_for(lock, patience, [&] { return m_value == 0; });
    }
    int value()
    {
        const std::lock_guard lock(m_mutex);
        return m_value;
    }

private:
    std::mutex m_mutex; ///< for what follows
    std::condition_variable m_changed;
    int m_value = 0;
};

/// Of the whole program, which may end before they do.
const std::shared_ptr<Count> &endings()
{
    struct Awaited
    {
        ~Awaited() { count->awaitNone(MaxEnding); }
        const std::shared_ptr<Count> count = std::make_shared<Count>();
    };
    static const Awaited all;
    return all.count;
}

} // namespace

bool endInTime(std::function<void()> end)
{
    const auto one = std::make_shared<Count>();
    one->begin();
    endAlone([one, end = std::move(end)]() mutable {
        end();
        end = nullptr; // what it owns goes first
        one->end();
    });
    return one->awaitNone(MaxEnding);
}

void endAlone(std::function<void()> end)
{
    endings()->begin();
    std::thread([all = endings(), end = std::move(end)]() mutable {
        end();
        end = nullptr;
        all->end();
    }).detach();
}

int endingsUnderWay()
{
    return endings()->value();
}

} // namespace peer::media
