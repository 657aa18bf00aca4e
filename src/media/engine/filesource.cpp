// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "media/engine/filesource.h"

#include "media/engine/gstparts.h"

#include <mutex>
#include <string_view>
#include <utility>

namespace peer::media {

namespace {

/// Not by a description: that would lead pads from within decodebin out of the bin.
GstPointer<GstElement> makeReader(const std::string &path)
{
    if (initializeGStreamer())
        return {};
    GstElement *file = gst_element_factory_make("filesrc", nullptr);
    GstElement *decoder = gst_element_factory_make("decodebin", "decoder");
    if (!file || !decoder)
        return {};
    g_object_set(file, "location", path.c_str(), nullptr);
    GstPointer<GstElement> reader(GST_ELEMENT(gst_object_ref_sink(gst_bin_new(nullptr))));
    gst_bin_add_many(GST_BIN(reader.get()), file, decoder, nullptr);
    gst_element_link(file, decoder);
    return reader;
}

std::string nameOf(const std::string &path)
{
    const GstPointer<gchar> name(g_path_get_basename(path.c_str()));
    return std::string("The file ") + name.get();
}

/// From now on the times of a pipeline count from zero again. A seek does not see to it where the
/// sinks are not asynchronous: all that follows would be late, and be shown at once.
void countFromNow(GstElement *pipeline)
{
    const GstPointer<GstClock> clock(gst_element_get_clock(pipeline));
    if (!clock)
        return;
    GstClockTime now = gst_clock_get_time(clock.get());
    GstIterator *elements = gst_bin_iterate_recurse(GST_BIN(pipeline));
    const auto set = [](const GValue *element, gpointer time) {
        gst_element_set_base_time(GST_ELEMENT(g_value_get_object(element)),
                                  *static_cast<const GstClockTime *>(time));
    };
    while (gst_iterator_foreach(elements, set, &now) == GST_ITERATOR_RESYNC)
        gst_iterator_resync(elements);
    gst_iterator_free(elements);
}

} // namespace

struct FileSource::Again
{
    std::mutex mutex;
    FileSource *source = nullptr;
};

FileSource::FileSource(const std::string &path, SourceTaker taker)
    : Source(nameOf(path), makeReader(path), {}, std::move(taker))
    , m_path(path)
    , m_opening([this] { noteNotOpened(); })
    , m_again(std::make_shared<Again>())
{
    if (!pipeline())
        return;
    const GstPointer<GstElement> decoder = childOf(pipeline(), "decoder");
    g_signal_connect(decoder.get(), "pad-added", G_CALLBACK(onPadAdded), this);
    g_signal_connect(decoder.get(), "no-more-pads", G_CALLBACK(onNoMorePads), this);
}

FileSource::~FileSource()
{
    stop();
}

void FileSource::start()
{
    // To open a pipe would take until somebody writes to it.
    if (pipeline() && g_file_test(m_path.c_str(), G_FILE_TEST_EXISTS)
        && !g_file_test(m_path.c_str(), G_FILE_TEST_IS_REGULAR)) {
        fail({FaultKind::Unreadable, what() + " cannot be played: it is no regular file.", {}});
        return;
    }
    if (pipeline())
        m_opening.start(OpeningTime);
    {
        const std::lock_guard lock(m_again->mutex);
        m_again->source = this;
    }
    Source::start();
}

void FileSource::stop()
{
    {
        const std::lock_guard lock(m_again->mutex);
        m_again->source = nullptr;
    }
    m_opening.stop();
    Source::stop();
}

/// decodebin drops what its elements say while it tries them, and if one fails just then it waits
/// for ever (seen in GStreamer 1.22 with a file that ends within its head).
void FileSource::noteNotOpened()
{
    if (!m_hasVideo && !m_hasAudio)
        fail(unreadable(what(), "nothing was found in it in 10 s"));
    else if (!m_hasPlayed)
        noteEnded();
}

void FileSource::onMessage(GstMessage *message)
{
    if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_EOS)
        playAgain();
    else
        Source::onMessage(message);
}

void FileSource::onPadAdded(GstElement *, GstPad *pad, gpointer self)
{
    static_cast<FileSource *>(self)->addOutput(pad);
}

void FileSource::onNoMorePads(GstElement *, gpointer self)
{
    auto *source = static_cast<FileSource *>(self);
    if (!source->m_hasVideo && !source->m_hasAudio) {
        source->fail({FaultKind::Unreadable,
                      source->what() + " has neither pictures nor sound to play.",
                      {}});
    }
}

void FileSource::addOutput(GstPad *pad)
{
    const GstPointer<GstCaps> caps(gst_pad_query_caps(pad, nullptr));
    const std::string_view type = gst_caps_is_empty(caps.get()) || gst_caps_is_any(caps.get())
        ? ""
        : gst_structure_get_name(gst_caps_get_structure(caps.get(), 0));
    const bool isVideo = type.starts_with("video/");
    if (!isVideo && !type.starts_with("audio/"))
        return;
    if ((isVideo ? m_hasVideo : m_hasAudio).exchange(true))
        return;
    const GstPointer<GstElement> bin = makeOutput(
        "queue" + (isVideo ? videoOutput(true) : audioOutput(true)));
    if (!bin)
        return;
    const GstPointer<GstElement> decoder = childOf(pipeline(), "decoder");
    addTo(GST_ELEMENT(GST_OBJECT_PARENT(decoder.get())), bin.get());
    const GstPointer<GstPad> sink(gst_element_get_static_pad(bin.get(), "sink"));
    gst_pad_add_probe(sink.get(), GST_PAD_PROBE_TYPE_BUFFER, onSample, this, nullptr);
    gst_pad_link(pad, sink.get());
}

GstPadProbeReturn FileSource::onSample(GstPad *, GstPadProbeInfo *, gpointer self)
{
    static_cast<FileSource *>(self)->m_hasPlayed = true;
    return GST_PAD_PROBE_OK;
}

/// From the start, in a thread of GStreamer's that is none of the pipeline's: one of those would
/// wait for itself.
void FileSource::playAgain()
{
    // It would begin and end without a pause: nothing is left of it.
    if (!m_hasPlayed.exchange(false)) {
        noteEnded();
        return;
    }
    gst_element_call_async(
        pipeline(),
        [](GstElement *pipeline, gpointer data) {
            const auto &again = *static_cast<std::shared_ptr<Again> *>(data);
            countFromNow(pipeline);
            const bool isPlaying = gst_element_seek_simple(
                pipeline, GST_FORMAT_TIME,
                GstSeekFlags(GST_SEEK_FLAG_FLUSH | GST_SEEK_FLAG_KEY_UNIT), 0);
            const std::lock_guard lock(again->mutex);
            if (again->source)
                again->source->awaitBeginning(isPlaying);
        },
        new std::shared_ptr<Again>(m_again),
        [](gpointer data) { delete static_cast<std::shared_ptr<Again> *>(data); });
}

void FileSource::awaitBeginning(bool isSought)
{
    if (isSought)
        m_opening.start(OpeningTime);
    else
        noteEnded();
}

void FileSource::noteEnded()
{
    fail({FaultKind::Unusable,
          what() + " has ended, and cannot be played from its beginning again.",
          {}});
}

} // namespace peer::media
