// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_MEDIA_ENGINE_VIDEOPICTURE_H
#define PEER_MEDIA_ENGINE_VIDEOPICTURE_H

#include "media/pattern/picture.h"

#include <gst/video/video.h>

namespace peer::media {

/// The planes of an I420 buffer, for as long as this lives.
class MappedPicture
{
public:
    /// To read, of a sample with its caps.
    explicit MappedPicture(GstSample *sample)
    {
        GstVideoInfo info;
        GstCaps *caps = gst_sample_get_caps(sample);
        GstBuffer *buffer = gst_sample_get_buffer(sample);
        m_isMapped = caps && buffer && gst_video_info_from_caps(&info, caps)
            && GST_VIDEO_INFO_FORMAT(&info) == GST_VIDEO_FORMAT_I420
            && gst_video_frame_map(&m_frame, &info, buffer, GST_MAP_READ);
    }
    /// To write, of a buffer that nobody else has.
    MappedPicture(GstBuffer *buffer, int width, int height)
    {
        GstVideoInfo info;
        m_isMapped = gst_video_info_set_format(&info, GST_VIDEO_FORMAT_I420, guint(width),
                                               guint(height))
            && gst_video_frame_map(&m_frame, &info, buffer, GST_MAP_READWRITE);
    }
    ~MappedPicture()
    {
        if (m_isMapped)
            gst_video_frame_unmap(&m_frame);
    }
    MappedPicture(const MappedPicture &) = delete;
    MappedPicture &operator=(const MappedPicture &) = delete;

    bool isMapped() const { return m_isMapped; }
    Picture picture() const
    {
        return {GST_VIDEO_FRAME_WIDTH(&m_frame), GST_VIDEO_FRAME_HEIGHT(&m_frame), plane(0),
                plane(1), plane(2)};
    }

private:
    BasicPlane<std::uint8_t> plane(unsigned index) const
    {
        return {static_cast<std::uint8_t *>(GST_VIDEO_FRAME_PLANE_DATA(&m_frame, index)),
                GST_VIDEO_FRAME_PLANE_STRIDE(&m_frame, index)};
    }

    GstVideoFrame m_frame = {};
    bool m_isMapped = false;
};

} // namespace peer::media

#endif // PEER_MEDIA_ENGINE_VIDEOPICTURE_H
