// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "media/engine/receivechain.h"

#include "media/engine/fault.h"
#include "media/engine/gstparts.h"

#include <QtTest/qtest.h>

#include <utility>

using namespace peer;
using namespace peer::media;

namespace {

constexpr GstClockTime Block = 20 * GST_MSECOND;
constexpr std::size_t BlockSamples = 960 * 2;

/// A chain for sound in a pipeline that plays, and a pad that it is fed by: what is pushed has
/// gone all its way when the call returns.
class FedChain
{
public:
    FedChain()
    {
        ReceiveTaker taker;
        taker.audio = [this](std::span<const std::int16_t> sound) { m_samples += sound.size(); };
        taker.concealed = [this](int blocks) { m_concealed += blocks; };
        m_pipeline.reset(GST_ELEMENT(gst_object_ref_sink(gst_pipeline_new(nullptr))));
        const ReceiveChain chain(TrackKind::Audio, nullptr, taker);
        m_chain = shared(chain.bin());
        gst_bin_add(GST_BIN(m_pipeline.get()), chain.bin());
        gst_element_set_state(m_pipeline.get(), GST_STATE_PLAYING);
        const GstPointer<GstPad> sink(gst_element_get_static_pad(chain.bin(), "sink"));
        m_pad.reset(GST_PAD(gst_object_ref_sink(gst_pad_new("src", GST_PAD_SRC))));
        gst_pad_set_active(m_pad.get(), TRUE);
        gst_pad_link_full(m_pad.get(), sink.get(), GST_PAD_LINK_CHECK_NOTHING);
        const GstPointer<GstCaps> caps(gst_caps_from_string(
            "application/x-rtp, media=audio, payload=111, clock-rate=48000, encoding-name=OPUS"));
        GstSegment segment;
        gst_segment_init(&segment, GST_FORMAT_TIME);
        push(gst_event_new_stream_start("stream"));
        push(gst_event_new_caps(caps.get()));
        push(gst_event_new_segment(&segment));
        m_next = now();
    }
    ~FedChain() { gst_element_set_state(m_pipeline.get(), GST_STATE_NULL); }
    FedChain(const FedChain &) = delete;
    FedChain &operator=(const FedChain &) = delete;

    /// The call's time.
    GstClockTime now() const { return gst_element_get_current_running_time(m_chain.get()); }

    /// The next packet in order, of this payload, due at a time.
    void push(const Bytes &payload, GstClockTime time)
    {
        Bytes packet = {0x80, 111, std::uint8_t(m_sequence >> 8), std::uint8_t(m_sequence)};
        packet.resize(12);
        packet.insert(packet.end(), payload.begin(), payload.end());
        ++m_sequence;
        GstBuffer *buffer = gst_buffer_new_memdup(packet.data(), packet.size());
        GST_BUFFER_PTS(buffer) = time;
        gst_pad_push(m_pad.get(), buffer);
    }
    /// In time, behind those before.
    void push(const Bytes &payload) { push(payload, std::exchange(m_next, m_next + Block)); }
    /// Silence.
    void pushBlocks(int count)
    {
        for (int i = 0; i < count; ++i)
            push({0xfc, 0xff, 0xfe});
    }
    void push(GstEvent *event) { gst_pad_push_event(m_pad.get(), event); }
    /// What a jitter buffer says of packets that it has given up.
    void pushLoss(GstClockTime duration)
    {
        push(gst_event_new_custom(GST_EVENT_CUSTOM_DOWNSTREAM,
                                  gst_structure_new("GstRTPPacketLost", "seqnum", G_TYPE_UINT,
                                                    guint(m_sequence), "timestamp", G_TYPE_UINT64,
                                                    guint64(m_next), "duration", G_TYPE_UINT64,
                                                    guint64(duration), "retry", G_TYPE_UINT, 0U,
                                                    nullptr)));
        ++m_sequence;
        m_next += duration > ReceiveChain::MaxAhead ? Block : duration; // nonsense, and one is lost
    }

    int blocks() const { return int(m_samples / BlockSamples); }
    int concealed() const { return m_concealed; }

private:
    std::size_t m_samples = 0;
    int m_concealed = 0;
    std::uint16_t m_sequence = 1;
    GstClockTime m_next = 0;
    GstPointer<GstElement> m_pipeline;
    GstPointer<GstElement> m_chain;
    GstPointer<GstPad> m_pad;
};

} // namespace

class tst_ReceiveChain : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void soundIsDecoded();
    void whatIsDueInTheFarFutureIsDropped();
    void losses_data();
    void losses();
    void aMalformedPacketIsConcealed_data();
    void aMalformedPacketIsConcealed();
};

void tst_ReceiveChain::initTestCase()
{
    QVERIFY(!initializeGStreamer());
}

void tst_ReceiveChain::soundIsDecoded()
{
    FedChain chain;
    chain.pushBlocks(10);
    // The decoder keeps the latest, for what follows may have the sound of one that was lost.
    QCOMPARE(chain.blocks(), 9);
    QCOMPARE(chain.concealed(), 0);
}

void tst_ReceiveChain::whatIsDueInTheFarFutureIsDropped()
{
    FedChain chain;
    chain.pushBlocks(5);
    chain.push({0xfc, 0xff, 0xfe}, chain.now() + 3600 * GST_SECOND); // nobody waits for it
    chain.pushBlocks(5);
    QCOMPARE(chain.blocks(), 9);
}

void tst_ReceiveChain::losses_data()
{
    QTest::addColumn<qint64>("duration");
    QTest::addColumn<int>("blocks");
    QTest::addColumn<int>("concealed");
    QTest::newRow("a packet") << qint64(Block) << 20 << 1;
    QTest::newRow("three packets") << qint64(3 * Block) << 22 << 3;
    QTest::newRow("a packet of no time") << qint64(0) << 19 << 1;
    QTest::newRow("a packet of next to no time") << qint64(GST_MSECOND) << 19 << 1;
    QTest::newRow("an hour") << qint64(3600 * GST_SECOND) << 19 << 0;
}

void tst_ReceiveChain::losses()
{
    QFETCH(qint64, duration);
    QFETCH(int, blocks);
    QFETCH(int, concealed);
    FedChain chain;
    chain.pushBlocks(10);
    chain.pushLoss(GstClockTime(duration));
    chain.pushBlocks(10);
    QCOMPARE(chain.blocks(), blocks);
    QCOMPARE(chain.concealed(), concealed);
}

void tst_ReceiveChain::aMalformedPacketIsConcealed_data()
{
    QTest::addColumn<QByteArray>("payload");
    QTest::newRow("empty") << QByteArray();
    QTest::newRow("more than 120 ms") << QByteArray("7b0755555555555555");
    QTest::newRow("less than it says") << QByteArray("7a0555");
    QTest::newRow("a header of a file's")
        << QByteArray::fromRawData("OpusHead\1\2\0\0\x80\xbb\0\0\0\0\0", 19).toHex();
}

void tst_ReceiveChain::aMalformedPacketIsConcealed()
{
    QFETCH(QByteArray, payload);
    const QByteArray octets = QByteArray::fromHex(payload);
    for (const int before : {0, 10}) {
        FedChain chain;
        chain.pushBlocks(before);
        chain.push(Bytes(octets.begin(), octets.end()));
        chain.pushBlocks(10);
        QCOMPARE(chain.blocks(), before + 10);
        QCOMPARE(chain.concealed(), 1);
    }
}

QTEST_GUILESS_MAIN(tst_ReceiveChain)
#include "tst_receivechain.moc"
