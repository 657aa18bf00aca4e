# SPDX-FileCopyrightText: The PeerConnection authors
# SPDX-License-Identifier: MIT

# Links through lld where it is installed and the user chose no other linker: there are over a
# hundred test programs, which it links in a quarter of the time.

option(PEERCONNECTION_LLD "Link through lld if it is installed" ON)
if(PEERCONNECTION_LLD AND PROJECT_IS_TOP_LEVEL AND NOT CMAKE_EXE_LINKER_FLAGS MATCHES "-fuse-ld=")
    find_program(PEERCONNECTION_LLD_PROGRAM ld.lld)
    mark_as_advanced(PEERCONNECTION_LLD_PROGRAM)
    if(PEERCONNECTION_LLD_PROGRAM)
        add_link_options(-fuse-ld=lld)
    endif()
endif()
