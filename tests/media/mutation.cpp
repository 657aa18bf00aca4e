// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

// A peer that has the keys sends nonsense besides a valid call: recorded packets, mutated by
// chance, go through the gate into rtpbin, depayloaders and decoders. Nothing crashes, memory does
// not grow with their number, and what is valid is decoded again afterwards.
//
//     media_mutation [PACKETS [SEED]]
//
// Twice so many mutated packets (4000); without a seed by one of chance, which is printed.

#include "mediapair.h"
#include "mutations.h"

#include <QtCore/qcoreapplication.h>

#include <cstdio>
#include <cstdlib>

#include <malloc.h>

using namespace peer;
using namespace peer::media;
using namespace peer::test;

namespace {

/// From as many packets as before: what is bounded is full by then.
constexpr qint64 MaxGrowth = 8 * 1024 * 1024;
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
    const bool does = eventually(
        [&] { return bob.framesOf(alice) >= frames + 15 && bob.packetsOf(alice) >= sounds + 50; });
    if (!does) {
        std::fprintf(stderr, "since then %zu frames and %d packets of sound\n",
                     bob.framesOf(alice) - frames, bob.packetsOf(alice) - sounds);
    }
    return does;
}

bool run(int count, std::uint32_t seed)
{
    constexpr std::uint16_t Alice = 3;
    constexpr std::uint16_t Bob = 12;
    Nonsense pictures(seed); // before the links that it is called by
    Nonsense sounds(seed + 1);
    MediaPeer alice(Alice);
    MediaPeer bob(Bob);
    if (!check(alice.start() && bob.start(), "the media start"))
        return false;
    pictures.setGate(bob.video()->gate());
    sounds.setGate(bob.audio()->gate());
    alice.videoLink().seen = [&](ByteView packet) { pictures.see(packet); };
    alice.audioLink().seen = [&](ByteView packet) { sounds.see(packet); };
    alice.connectTo(bob);
    bob.connectTo(alice);
    alice.startSources();
    bob.startSources();
    if (!check(goesOn(bob, Alice), "the call begins"))
        return false;
    qint64 before = 0;
    qint64 after = 0;
    for (qint64 *used : {&before, &after}) {
        pictures.send(count / 2);
        sounds.send(count / 2);
        if (!check(QTest::qWaitFor([&] { return pictures.isDone() && sounds.isDone(); },
                                   30'000 + count * 5),
                   "packets pass")) {
            std::fprintf(stderr, "sent %d packets with pictures, %d with sound; target %d bit/s\n",
                         alice.videoLink().packets.load(), alice.audioLink().packets.load(),
                         alice.call().transport().target());
            return false;
        }
        if (!check(goesOn(bob, Alice), "what is valid is decoded again"))
            return false;
        *used = heapInUse();
        std::printf(
            "after %d mutated packets: heap %lld KiB, frames %zu, sounds %d, refused %llu\n",
            used == &before ? count : 2 * count, static_cast<long long>(*used / 1024),
            bob.framesOf(Alice), bob.packetsOf(Alice),
            static_cast<unsigned long long>(bob.video()->gate()->statistics().refused
                                            + bob.audio()->gate()->statistics().refused));
        std::fflush(stdout);
    }
    for (const std::string &fault : bob.faults())
        std::printf("fault: %s\n", fault.c_str());
    return check(bob.faults().empty(), "there is no fault")
        && check(after - before <= MaxGrowth, "memory does not grow");
}

} // namespace

int main(int argc, char **argv)
{
    const QCoreApplication application(argc, argv);
    const int count = argc > 1 ? std::max(2, std::atoi(argv[1])) : 4000;
    const auto seed = argc > 2 ? std::uint32_t(std::strtoul(argv[2], nullptr, 10))
                               : std::uint32_t(std::random_device{}());
    std::printf("seed %u\n", seed);
    std::fflush(stdout);
    return run(count, seed) ? 0 : 1;
}
