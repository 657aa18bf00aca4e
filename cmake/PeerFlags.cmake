# SPDX-FileCopyrightText: The PeerConnection authors
# SPDX-License-Identifier: MIT

# peer_flags: how all of our code is compiled. peer_qt_flags: the same for code that uses Qt.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_C_VISIBILITY_PRESET hidden)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)

add_library(peer_flags INTERFACE)
target_compile_options(peer_flags INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Wold-style-cast -Woverloaded-virtual)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
    # Without cause, when optimized: "text" + std::string() (GCC bug 105651), and moving an optional
    # of a variant (GCC bug 105562 and its kin). Newer compilers and the sanitizers look here.
    target_compile_options(peer_flags INTERFACE -Wno-restrict -Wno-maybe-uninitialized)
endif()
if(PEERCONNECTION_SANITIZE)
    target_compile_options(peer_flags INTERFACE
        -fsanitize=${PEERCONNECTION_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
    target_link_options(peer_flags INTERFACE -fsanitize=${PEERCONNECTION_SANITIZE})
endif()
# Only with clang: everything counts its branches for libFuzzer, and tests/fuzz makes programs of it.
option(PEERCONNECTION_FUZZ "Build the fuzz harnesses with libFuzzer" OFF)
if(PEERCONNECTION_FUZZ)
    target_compile_options(peer_flags INTERFACE -fsanitize=fuzzer-no-link)
    target_link_options(peer_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()

add_library(peer_qt_flags INTERFACE)
target_compile_definitions(peer_qt_flags INTERFACE
    QT_NO_KEYWORDS QT_NO_CAST_FROM_ASCII QT_NO_CAST_TO_ASCII QT_NO_CAST_FROM_BYTEARRAY
    QT_NO_URL_CAST_FROM_STRING QT_NO_NARROWING_CONVERSIONS_IN_CONNECT QT_NO_FOREACH
    QT_NO_JAVA_STYLE_ITERATORS QT_DISABLE_DEPRECATED_BEFORE=0x060400)
