// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_MEDIA_ENGINE_TESTSOURCES_H
#define PEER_MEDIA_ENGINE_TESTSOURCES_H

#include "media/engine/source.h"
#include "media/pattern/testpicture.h"
#include "media/pattern/testtone.h"

namespace peer::media {

/// Pictures of somebody without a camera (TestPicture); the strip's clock is the system's, so that
/// on the same machine the way to another screen can be timed.
class TestPictureSource : public Source
{
public:
    TestPictureSource(std::uint16_t sender, std::string name, SourceTaker taker);
    ~TestPictureSource() override;

private:
    void paint(GstBuffer *buffer);

    const TestPicture m_picture;
    std::uint32_t m_frame = 0; ///< in the source's thread
};

/// The tone of somebody without a microphone (TestTone), with the time in it (ToneClock).
class TestToneSource : public Source
{
public:
    TestToneSource(std::uint16_t sender, SourceTaker taker);
    ~TestToneSource() override;

private:
    TestTone m_tone; ///< in the source's thread
};

/// Milliseconds of the system's clock, as the strip has them.
std::uint32_t stripTime();

} // namespace peer::media

#endif // PEER_MEDIA_ENGINE_TESTSOURCES_H
