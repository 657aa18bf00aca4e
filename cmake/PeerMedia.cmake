# SPDX-FileCopyrightText: The PeerConnection authors
# SPDX-License-Identifier: MIT

# Looks for what PeerConnection::Media needs; without it that component is left out, and says so.
# PEERCONNECTION_HAS_MEDIA is the result.

find_package(Qt6 6.4 QUIET COMPONENTS Multimedia)
pkg_check_modules(GSTREAMER QUIET IMPORTED_TARGET
    gstreamer-1.0>=1.22 gstreamer-app-1.0>=1.22 gstreamer-video-1.0>=1.22)

set(PEERCONNECTION_HAS_MEDIA OFF)
if(NOT GSTREAMER_FOUND)
    message(STATUS "PeerConnection::Media is left out: GStreamer 1.22 was not found "
        "(libgstreamer1.0-dev, libgstreamer-plugins-base1.0-dev)")
elseif(NOT TARGET Qt6::Multimedia)
    message(STATUS "PeerConnection::Media is left out: Qt Multimedia was not found "
        "(qt6-multimedia-dev)")
else()
    set(PEERCONNECTION_HAS_MEDIA ON)
endif()
