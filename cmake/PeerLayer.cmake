# SPDX-FileCopyrightText: The PeerConnection authors
# SPDX-License-Identifier: MIT

# A layer is a static library of one folder below src/. Its headers are included by their path
# from src/ ("core/stun/message.h"), but the include directory that a layer offers holds nothing
# else than its own folder: whoever does not link the layer cannot include it.
#
#   peer_add_layer(peer_stun FOLDER core/stun
#                  SOURCES message.cpp message.h
#                  USES peer_base             # layers and libraries that its headers need
#                  PRIVATE_USES OpenSSL::Crypto)
#
# A layer below the API may implement a public class: its header then stands in
# include/PeerConnection, is named by PUBLIC_HEADERS and included as <PeerConnection/thing.h>. The
# layer offers that header and no other public one.
function(peer_add_layer name)
    cmake_parse_arguments(PARSE_ARGV 1 arg
        "QT" "FOLDER" "SOURCES;PUBLIC_HEADERS;USES;PRIVATE_USES")
    set(root ${PROJECT_BINARY_DIR}/layers/${name})
    cmake_path(GET arg_FOLDER PARENT_PATH parent)
    file(MAKE_DIRECTORY ${root}/${parent})
    file(CREATE_LINK ${PROJECT_SOURCE_DIR}/src/${arg_FOLDER} ${root}/${arg_FOLDER} SYMBOLIC)

    list(TRANSFORM arg_SOURCES PREPEND ${PROJECT_SOURCE_DIR}/src/${arg_FOLDER}/)
    add_library(${name} STATIC ${arg_SOURCES})
    target_include_directories(${name} PUBLIC $<BUILD_INTERFACE:${root}>)
    target_link_libraries(${name}
        PUBLIC ${arg_USES} PRIVATE ${arg_PRIVATE_USES} $<BUILD_INTERFACE:peer_flags>)
    set_target_properties(${name} PROPERTIES POSITION_INDEPENDENT_CODE ON)
    if(arg_QT)
        set_target_properties(${name} PROPERTIES AUTOMOC ON)
        target_link_libraries(${name} PRIVATE $<BUILD_INTERFACE:peer_qt_flags>)
    endif()
    if(arg_PUBLIC_HEADERS)
        peer_offer_public_headers(${name} ${root} ${arg_PUBLIC_HEADERS})
    endif()
    set_property(TARGET ${name} PROPERTY PEER_FOLDER ${arg_FOLDER})
    set_property(GLOBAL APPEND PROPERTY PEER_LAYERS ${name})
endfunction()

# A program for users, in the folder bin of the build and installed. It links public libraries only.
#
#   peer_add_tool(peercat SOURCES main.cpp USES PeerConnection::PeerConnection)
function(peer_add_tool name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;USES")
    add_executable(${name} ${arg_SOURCES})
    set_target_properties(${name} PROPERTIES
        AUTOMOC ON
        PEER_FOLDER tools
        INSTALL_RPATH $ORIGIN/../${CMAKE_INSTALL_LIBDIR})
    target_link_libraries(${name} PRIVATE ${arg_USES} peer_flags peer_qt_flags)
    install(TARGETS ${name} RUNTIME COMPONENT Tools)
    set_property(GLOBAL APPEND PROPERTY PEER_TOOLS ${name})
endfunction()
