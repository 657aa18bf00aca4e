// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "media/engine/ending.h"

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

namespace peer::media {

namespace {

struct Ending
{
    std::mutex mutex;
    std::condition_variable ended;
    bool hasEnded = false;
};

std::atomic<int> underWay = 0;

} // namespace

bool endInTime(std::function<void()> end)
{
    const auto ending = std::make_shared<Ending>();
    ++underWay;
    std::thread([ending, end = std::move(end)]() mutable {
        end();
        end = nullptr; // what it owns goes first
        --underWay;
        const std::lock_guard lock(ending->mutex);
        ending->hasEnded = true;
        ending->ended.notify_one();
    }).detach();
    std::unique_lock lock(ending->mutex);
    return ending->ended.wait_for(lock, MaxEnding, [&] { return ending->hasEnded; });
}

int endingsUnderWay()
{
    return underWay;
}

} // namespace peer::media
