# SPDX-FileCopyrightText: The PeerConnection authors
# SPDX-License-Identifier: MIT

# Compiles through ccache where it is installed, unless the user chose a launcher. What includes
# precompiled headers it does not keep, so these are left out then.

option(PEERCONNECTION_CCACHE "Compile through ccache if it is installed" ON)
if(PEERCONNECTION_CCACHE AND PROJECT_IS_TOP_LEVEL)
    find_program(PEERCONNECTION_CCACHE_PROGRAM ccache)
    mark_as_advanced(PEERCONNECTION_CCACHE_PROGRAM)
    if(PEERCONNECTION_CCACHE_PROGRAM)
        foreach(language IN ITEMS C CXX)
            if(NOT CMAKE_${language}_COMPILER_LAUNCHER)
                set(CMAKE_${language}_COMPILER_LAUNCHER ${PEERCONNECTION_CCACHE_PROGRAM})
            endif()
        endforeach()
        set(CMAKE_DISABLE_PRECOMPILE_HEADERS ON)
    endif()
endif()
