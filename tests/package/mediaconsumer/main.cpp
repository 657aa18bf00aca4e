// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include <PeerConnection/PeerMediaCall>

#include <QtCore/qcoreapplication.h>
#include <QtMultimedia/qvideosink.h>

#include <cstdio>

int main(int argc, char **argv)
{
    const QCoreApplication application(argc, argv);
    QVideoSink sink;
    PeerMediaCall media;
    media.setSource(PeerMediaCall::Source::Test);
    media.setRemoteVideoSink(&sink);
    std::puts(media.isActive() ? "active" : "not active");
    return 0;
}
