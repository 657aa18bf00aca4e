# SPDX-FileCopyrightText: The PeerConnection authors
# SPDX-License-Identifier: MIT

# The installed libraries: public classes on top of the layers.

include(CMakePackageConfigHelpers)
include(GenerateExportHeader)

# The export header (PEERCONNECTION_EXPORT and its kin) is generated here.
set(PEER_PUBLIC_BINARY_DIR ${PROJECT_BINARY_DIR}/include)
set(PEER_PUBLIC_SOURCE_DIR ${PROJECT_SOURCE_DIR}/include)
set(PEER_EXPORT_HEADER ${PEER_PUBLIC_BINARY_DIR}/PeerConnection/peerconnection_export.h)
set(PEER_INSTALL_CMAKE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/PeerConnection)

# Lets a layer implement classes that the public library exports; see peer_add_layer().
function(peer_offer_public_headers layer root)
    file(MAKE_DIRECTORY ${root}/PeerConnection)
    file(CREATE_LINK ${PEER_EXPORT_HEADER} ${root}/PeerConnection/peerconnection_export.h SYMBOLIC)
    foreach(header IN LISTS ARGN)
        set(source ${PEER_PUBLIC_SOURCE_DIR}/PeerConnection/${header})
        file(CREATE_LINK ${source} ${root}/PeerConnection/${header} SYMBOLIC)
        target_sources(${layer} PRIVATE ${source})
    endforeach()
    if(PEERCONNECTION_BUILD_SHARED)
        target_compile_definitions(${layer} PRIVATE PeerConnection_EXPORTS)
    else()
        target_compile_definitions(${layer} PUBLIC PEERCONNECTION_STATIC_DEFINE)
    endif()
    set_property(TARGET ${layer} PROPERTY PEER_PUBLIC_HEADERS ${ARGN})
endfunction()

# A public library, PeerConnection::COMPONENT in the tree as well as when installed.
#
#   peer_add_public_library(PeerConnectionRendezvous COMPONENT Rendezvous
#                           MACRO PEERCONNECTION_RENDEZVOUS
#                           EXPORT_HEADER peerconnection_rendezvous_export.h
#                           FOLDER rendezvous
#                           SOURCES server.cpp
#                           HEADERS peerrendezvousserver.h     # in include/PeerConnection
#                           FORWARDING PeerRendezvousServer    # likewise
#                           USES Qt6::Core                     # what its headers need
#                           PRIVATE_USES peer_rendezvous)
function(peer_add_public_library name)
    cmake_parse_arguments(PARSE_ARGV 1 arg
        "" "COMPONENT;MACRO;EXPORT_HEADER;FOLDER" "SOURCES;HEADERS;FORWARDING;USES;PRIVATE_USES")
    if(PEERCONNECTION_BUILD_SHARED)
        add_library(${name} SHARED ${arg_SOURCES})
    else()
        add_library(${name} STATIC ${arg_SOURCES})
    endif()
    add_library(PeerConnection::${arg_COMPONENT} ALIAS ${name})
    # Its own folder, included by its path from src/, like a layer's; nobody else sees it.
    set(root ${PROJECT_BINARY_DIR}/layers/${name})
    file(MAKE_DIRECTORY ${root})
    file(CREATE_LINK ${PROJECT_SOURCE_DIR}/src/${arg_FOLDER} ${root}/${arg_FOLDER} SYMBOLIC)
    target_include_directories(${name} PRIVATE ${root})
    set_target_properties(${name} PROPERTIES
        AUTOMOC ON
        EXPORT_NAME ${arg_COMPONENT}
        INSTALL_RPATH $ORIGIN # one of these may use another
        LINKER_LANGUAGE CXX
        PEER_FOLDER ${arg_FOLDER}
        POSITION_INDEPENDENT_CODE ON
        VERSION ${PROJECT_VERSION}
        SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR}) # 0.x promises no ABI
    target_link_libraries(${name}
        PUBLIC ${arg_USES}
        PRIVATE ${arg_PRIVATE_USES} $<BUILD_INTERFACE:peer_flags> $<BUILD_INTERFACE:peer_qt_flags>)

    set(export_header ${PEER_PUBLIC_BINARY_DIR}/PeerConnection/${arg_EXPORT_HEADER})
    generate_export_header(${name}
        BASE_NAME ${arg_MACRO} EXPORT_FILE_NAME ${export_header}
        DEFINE_NO_DEPRECATED)
    if(NOT PEERCONNECTION_BUILD_SHARED)
        target_compile_definitions(${name} PUBLIC ${arg_MACRO}_STATIC_DEFINE)
    endif()

    # A public class that a layer implements: its moc output is there, and the shared library takes
    # all of the layer's objects, for a linker would leave out those that nobody here refers to.
    foreach(layer IN LISTS arg_PRIVATE_USES)
        set(offered "")
        if(TARGET ${layer})
            get_property(offered TARGET ${layer} PROPERTY PEER_PUBLIC_HEADERS)
        endif()
        foreach(header IN LISTS offered)
            if(header IN_LIST arg_HEADERS)
                set_source_files_properties(${PEER_PUBLIC_SOURCE_DIR}/PeerConnection/${header}
                    PROPERTIES SKIP_AUTOMOC ON)
                if(PEERCONNECTION_BUILD_SHARED)
                    list(APPEND objects $<TARGET_OBJECTS:${layer}>)
                endif()
            endif()
        endforeach()
    endforeach()
    list(REMOVE_DUPLICATES objects)
    target_sources(${name} PRIVATE ${objects})

    list(TRANSFORM arg_HEADERS PREPEND ${PEER_PUBLIC_SOURCE_DIR}/PeerConnection/)
    list(TRANSFORM arg_FORWARDING PREPEND ${PEER_PUBLIC_SOURCE_DIR}/PeerConnection/)
    target_sources(${name} PUBLIC
        FILE_SET HEADERS
        BASE_DIRS ${PEER_PUBLIC_SOURCE_DIR} ${PEER_PUBLIC_BINARY_DIR}
        FILES ${arg_HEADERS} ${arg_FORWARDING} ${export_header})

    install(TARGETS ${name}
        EXPORT ${name}Targets
        RUNTIME COMPONENT Runtime
        LIBRARY COMPONENT Runtime NAMELINK_COMPONENT Development
        ARCHIVE COMPONENT Development
        FILE_SET HEADERS COMPONENT Development)
    install(EXPORT ${name}Targets
        NAMESPACE PeerConnection:: DESTINATION ${PEER_INSTALL_CMAKE_DIR} COMPONENT Development)
    set_property(GLOBAL APPEND PROPERTY PEER_PUBLIC_LIBRARIES ${name})
endfunction()

# Installs what find_package(PeerConnection) reads. Static libraries drag the layers along; they
# are exported as PeerConnection::peer_… and are nobody's business.
function(peer_install_package)
    if(NOT PEERCONNECTION_BUILD_SHARED)
        get_property(layers GLOBAL PROPERTY PEER_LAYERS)
        install(TARGETS ${layers}
            EXPORT PeerConnectionLayersTargets ARCHIVE COMPONENT Development)
        install(EXPORT PeerConnectionLayersTargets
            NAMESPACE PeerConnection:: DESTINATION ${PEER_INSTALL_CMAKE_DIR} COMPONENT Development)
    endif()
    configure_package_config_file(
        ${PROJECT_SOURCE_DIR}/cmake/PeerConnectionConfig.cmake.in
        ${PROJECT_BINARY_DIR}/PeerConnectionConfig.cmake
        INSTALL_DESTINATION ${PEER_INSTALL_CMAKE_DIR}
        NO_SET_AND_CHECK_MACRO)
    write_basic_package_version_file(
        ${PROJECT_BINARY_DIR}/PeerConnectionConfigVersion.cmake COMPATIBILITY SameMajorVersion)
    install(FILES
        ${PROJECT_BINARY_DIR}/PeerConnectionConfig.cmake
        ${PROJECT_BINARY_DIR}/PeerConnectionConfigVersion.cmake
        DESTINATION ${PEER_INSTALL_CMAKE_DIR} COMPONENT Development)
endfunction()
