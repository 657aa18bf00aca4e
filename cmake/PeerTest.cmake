# SPDX-FileCopyrightText: The PeerConnection authors
# SPDX-License-Identifier: MIT

# peer_qttest: Qt Test without the definitions of the calling folder that Qt6::Test brings along
# (for QFINDTESTDATA, which nothing here uses), and with Qt Network for all, since Qt Test's headers
# look for it: so the same headers serve all tests, and are compiled once, in peer_test_headers.
add_library(peer_qttest INTERFACE)
target_link_libraries(peer_qttest INTERFACE Qt6::Core Qt6::Network $<LINK_ONLY:Qt6::Test>)
target_include_directories(peer_qttest SYSTEM INTERFACE
    $<TARGET_PROPERTY:Qt6::Test,INTERFACE_INCLUDE_DIRECTORIES>)
target_compile_definitions(peer_qttest INTERFACE QT_TESTLIB_LIB)
# It defines a macro that headers look for, and GStreamer brings it along.
target_compile_options(peer_qttest INTERFACE -pthread)

file(GENERATE OUTPUT ${PROJECT_BINARY_DIR}/testheaders.cpp CONTENT "int main() {}\n")
add_executable(peer_test_headers ${PROJECT_BINARY_DIR}/testheaders.cpp)
target_link_libraries(peer_test_headers PRIVATE peer_flags peer_qt_flags peer_qttest)
target_precompile_headers(peer_test_headers PRIVATE
    <QtTest/qtest.h>
    <algorithm> <array> <chrono> <functional> <map> <memory> <optional> <set> <span> <string>
    <string_view> <variant> <vector>)

# One test program: tst_NAME.cpp in the calling folder, linked to what it tests and to Qt Test.
#
#   peer_add_test(stunmessage LABEL unit USES peer_stun)
#
# LIFETIMES: objects of several threads come and go in it, so it is worth running under
# AddressSanitizer too, though it has sockets; its second label is "lifetimes".
function(peer_add_test name)
    cmake_parse_arguments(PARSE_ARGV 1 arg
        "LIFETIMES" "LABEL;TIMEOUT" "SOURCES;USES;DEFINITIONS;ARGUMENTS")
    if(PEERCONNECTION_BUILD_SHELL_TESTS STREQUAL "LIFETIMES" AND arg_LABEL STREQUAL "shell"
            AND NOT arg_LIFETIMES)
        return()
    endif()
    set(target tst_${name})
    add_executable(${target} tst_${name}.cpp ${arg_SOURCES})
    set_target_properties(${target} PROPERTIES AUTOMOC ON)
    target_link_libraries(${target} PRIVATE ${arg_USES} peer_flags peer_qt_flags peer_qttest)
    # Qt Multimedia, Qt Quick and GStreamer bring definitions with which Qt Test's headers are others.
    if(NOT arg_LABEL MATCHES "^(media|qml)$")
        target_precompile_headers(${target} REUSE_FROM peer_test_headers)
    endif()
    target_compile_definitions(${target} PRIVATE ${arg_DEFINITIONS})
    if(TARGET peer_threadsanitizer)
        target_link_libraries(${target} PRIVATE peer_threadsanitizer)
    endif()
    add_test(NAME ${arg_LABEL}.${name} COMMAND ${target} ${arg_ARGUMENTS})
    if(NOT arg_TIMEOUT)
        set(arg_TIMEOUT 120)
    endif()
    set(labels ${arg_LABEL})
    if(arg_LIFETIMES)
        list(APPEND labels lifetimes)
    endif()
    set_tests_properties(${arg_LABEL}.${name} PROPERTIES
        LABELS "${labels}" TIMEOUT ${arg_TIMEOUT})
endfunction()
