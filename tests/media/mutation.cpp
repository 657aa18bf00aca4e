// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

// A peer that has the keys sends nonsense besides a valid call: recorded packets, mutated by
// chance, go through the gate into rtpbin, depayloaders and decoders. Nothing crashes, memory does
// not grow with their number, what is valid is decoded again afterwards, and the call ends.
//
//     media_mutation [PACKETS [SEED]]
//
// Six times so many mutated packets (1000); without a seed by one of chance, which is printed. A
// seed gives the same mutations, but of packets whose times are those of the run.

#include "mediapair.h"
#include "mutations.h"

#include <QtCore/qcoreapplication.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include <malloc.h>

using namespace peer;
using namespace peer::media;
using namespace peer::test;

namespace {

/// Of the call, each with so many packets and a look at the memory.
constexpr int Rounds = 6;
/// The least of the later half of the rounds, beyond the most of the earlier: what grows with the
/// packets shows, and what comes and goes does not. A second source of pictures, which is decoded
/// while it is heard of, takes 10 MiB.
constexpr qint64 MaxGrowth = 16 * 1024 * 1024;
/// Mutated ones for each valid one.
constexpr int Rate = 16;
/// Valid ones that are kept to make others of.
constexpr std::size_t Kept = 400;

/// Stands where the valid packets of a link arrive, in its thread, and gives mutated ones to the
/// other side.
class Nonsense
{
public:
    explicit Nonsense(std::uint32_t seed)
        : m_mutations(seed)
    { }

    /// Before the first packet.
    void setGate(std::shared_ptr<TrackGate> gate) { m_gate = std::move(gate); }

    void see(ByteView packet)
    {
        if (m_kept.size() < Kept)
            m_kept.push_back(toBytes(packet));
        for (int i = 0; m_left > 0 && i < Rate; ++i, --m_left)
            m_gate->enter(m_mutations.next(m_kept));
    }
    void send(int count) { m_left = count; }
    bool isDone() const { return m_left == 0; }

private:
    Mutations m_mutations;
    std::shared_ptr<TrackGate> m_gate;
    std::vector<Bytes> m_kept;
    std::atomic<int> m_left = 0;
};

qint64 heapInUse()
{
    const struct mallinfo2 heap = mallinfo2();
    return qint64(heap.uordblks + heap.hblkhd);
}

bool check(bool condition, const char *what)
{
    if (!condition)
        std::fprintf(stderr, "not so: %s\n", what);
    return condition;
}

/// Both are seen and heard from now on.
bool goesOn(const MediaPeer &bob, std::uint16_t alice)
{
    const std::size_t frames = bob.framesOf(alice);
    const int sounds = bob.packetsOf(alice);
    const int pictures = bob.pictures();
    const bool does = eventually(
        [&] { return bob.framesOf(alice) >= frames + 15 && bob.packetsOf(alice) >= sounds + 50; });
    if (!does) {
        std::fprintf(
            stderr,
            "since then %d pictures, %zu frames that can be read, and %d packets of sound\n",
            bob.pictures() - pictures, bob.framesOf(alice) - frames, bob.packetsOf(alice) - sounds);
    }
    return does;
}

/// A call from Alice to Bob, and nonsense in her name.
class Attack
{
public:
    explicit Attack(std::uint32_t seed)
        : m_pictures(seed)
        , m_sounds(seed + 1)
    { }

    bool begin()
    {
        if (!check(m_alice.start() && m_bob.start(), "the media start"))
            return false;
        m_pictures.setGate(m_bob.video()->gate());
        m_sounds.setGate(m_bob.audio()->gate());
        m_alice.videoLink().seen = [&](ByteView packet) { m_pictures.see(packet); };
        m_alice.audioLink().seen = [&](ByteView packet) { m_sounds.see(packet); };
        m_alice.connectTo(m_bob);
        m_bob.connectTo(m_alice);
        m_alice.startSources();
        m_bob.startSources();
        return check(goesOn(m_bob, Alice), "the call begins");
    }

    /// False if the call does not recover.
    bool send(int count)
    {
        m_pictures.send(count / 2);
        m_sounds.send(count - count / 2);
        const auto isDone = [&] { return m_pictures.isDone() && m_sounds.isDone(); };
        if (!check(QTest::qWaitFor(isDone, 30'000 + count * 5), "packets pass")) {
            std::fprintf(stderr, "sent %d packets with pictures, %d with sound; target %d bit/s\n",
                         m_alice.videoLink().packets.load(), m_alice.audioLink().packets.load(),
                         m_alice.call().transport().target());
            return false;
        }
        return check(goesOn(m_bob, Alice), "what is valid is decoded again");
    }

    void print(int sent, qint64 heap) const
    {
        std::printf(
            "after %d mutated packets: heap %lld KiB, frames %zu, sounds %d, refused %llu\n", sent,
            static_cast<long long>(heap / 1024), m_bob.framesOf(Alice), m_bob.packetsOf(Alice),
            static_cast<unsigned long long>(m_bob.video()->gate()->statistics().refused
                                            + m_bob.audio()->gate()->statistics().refused));
        std::fflush(stdout);
    }

    bool hasNoFault() const
    {
        for (const std::string &fault : m_bob.faults())
            std::printf("fault: %s\n", fault.c_str());
        return check(m_bob.faults().empty(), "there is no fault");
    }

private:
    static constexpr std::uint16_t Alice = 3;
    static constexpr std::uint16_t Bob = 12;
    Nonsense m_pictures; // before the links that it is called by
    Nonsense m_sounds;
    MediaPeer m_alice{Alice};
    MediaPeer m_bob{Bob};
};

bool run(int count, std::uint32_t seed)
{
    Attack attack(seed);
    if (!attack.begin())
        return false;
    std::vector<qint64> heaps;
    for (int round = 1; round <= Rounds; ++round) {
        if (!attack.send(count))
            return false;
        heaps.push_back(heapInUse());
        attack.print(round * count, heaps.back());
    }
    const auto middle = heaps.begin() + Rounds / 2;
    const qint64 growth = *std::min_element(middle, heaps.end())
        - *std::max_element(heaps.begin(), middle);
    std::printf("growth %lld KiB\n", static_cast<long long>(growth / 1024));
    return attack.hasNoFault() && check(growth <= MaxGrowth, "memory does not grow");
}

} // namespace

int main(int argc, char **argv)
{
    const QCoreApplication application(argc, argv);
    const int count = argc > 1 ? std::max(2, std::atoi(argv[1])) : 1000;
    const auto seed = argc > 2 ? std::uint32_t(std::strtoul(argv[2], nullptr, 10))
                               : std::uint32_t(std::random_device{}());
    std::printf("seed %u\n", seed);
    std::fflush(stdout);
    const bool isGood = run(count, seed);
    std::printf("%s\n", isGood ? "good" : "bad"); // and the call has ended
    return isGood ? 0 : 1;
}
