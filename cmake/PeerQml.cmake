# SPDX-FileCopyrightText: The PeerConnection authors
# SPDX-License-Identifier: MIT

# The QML modules. They are plugins, and two of them share the public libraries, so they need shared
# ones; without those, or without Qt Quick, they are left out. PEERCONNECTION_HAS_QML is the result.
#
# In the build tree they stand in qml/, where QML_IMPORT_PATH finds them. Installed they stand where
# Qt's own stand beneath its prefix, in LIBDIR/qt6/qml: with Debian's prefix /usr Qt finds them
# there by itself.

find_package(Qt6 6.4 QUIET COMPONENTS Qml Quick)

set(PEER_QML_BINARY_DIR ${PROJECT_BINARY_DIR}/qml)
set(PEER_QML_INSTALL_DIR ${CMAKE_INSTALL_LIBDIR}/qt6/qml)
set(PEERCONNECTION_HAS_QML OFF)
if(NOT TARGET Qt6::Quick)
    message(STATUS "The QML modules are left out: Qt Quick was not found (qt6-declarative-dev)")
elseif(NOT PEERCONNECTION_BUILD_SHARED)
    message(STATUS "The QML modules are left out: they need shared libraries")
else()
    set(PEERCONNECTION_HAS_QML ON)
endif()

# Writes what moc knows of the public headers to FILE, whose name must end in metatypes.json: so the
# type registrar of a module finds the classes that it gives names to.
function(peer_describe_headers file)
    set(parts "")
    foreach(header IN LISTS ARGN)
        set(part ${CMAKE_CURRENT_BINARY_DIR}/described/${header}.json)
        add_custom_command(OUTPUT ${part}
            COMMAND Qt6::moc --output-json -o ${part}.cpp
                -I${PEER_PUBLIC_SOURCE_DIR} -I${PEER_PUBLIC_BINARY_DIR}
                ${PEER_PUBLIC_SOURCE_DIR}/PeerConnection/${header}
            COMMAND ${CMAKE_COMMAND} -E rename ${part}.cpp.json ${part}
            DEPENDS ${PEER_PUBLIC_SOURCE_DIR}/PeerConnection/${header}
            VERBATIM)
        list(APPEND parts ${part})
    endforeach()
    add_custom_command(OUTPUT ${file}
        COMMAND Qt6::moc --collect-json -o ${file} ${parts}
        DEPENDS ${parts}
        VERBATIM)
endfunction()

# A module and its plugin, of a folder in qml/.
#
#   peer_add_qml_module(PeerConnectionQml URI PeerConnection
#                       SOURCES connection.cpp connection.h
#                       QML_FILES CallView.qml
#                       DESCRIBES peerconnection.h             # in include/PeerConnection
#                       DEPENDENCIES QtQuick                   # modules whose types its own are of
#                       USES PeerConnection::PeerConnection Qt6::Qml)
function(peer_add_qml_module name)
    cmake_parse_arguments(PARSE_ARGV 1 arg
        "" "URI" "SOURCES;QML_FILES;DESCRIBES;DEPENDENCIES;USES")
    string(REPLACE "." "/" path ${arg_URI})
    qt_add_qml_module(${name}
        URI ${arg_URI} VERSION 1.0
        PLUGIN_TARGET ${name} SHARED
        OUTPUT_DIRECTORY ${PEER_QML_BINARY_DIR}/${path}
        RESOURCE_PREFIX /qt/qml
        QML_FILES ${arg_QML_FILES}
        DEPENDENCIES ${arg_DEPENDENCIES}
        NO_CACHEGEN NO_LINT)

    # Its files are included by their path from the top; what the registrar writes, by their names.
    set(root ${PROJECT_BINARY_DIR}/layers/${name})
    file(MAKE_DIRECTORY ${root})
    file(CREATE_LINK ${PROJECT_SOURCE_DIR}/qml ${root}/qml SYMBOLIC)
    target_include_directories(${name} PRIVATE ${root} ${CMAKE_CURRENT_SOURCE_DIR})

    set(described ${CMAKE_CURRENT_BINARY_DIR}/${name}_public_metatypes.json)
    peer_describe_headers(${described} ${arg_DESCRIBES})
    target_sources(${name} PRIVATE ${arg_SOURCES} ${described})
    target_link_libraries(${name} PRIVATE ${arg_USES} peer_flags peer_qt_flags)
    string(REGEX REPLACE "[^/]+" ".." up ${PEER_QML_INSTALL_DIR}/${path})
    set_target_properties(${name} PROPERTIES
        AUTOMOC ON
        PEER_FOLDER qml
        INSTALL_RPATH $ORIGIN/${up}/${CMAKE_INSTALL_LIBDIR})

    install(TARGETS ${name}
        LIBRARY DESTINATION ${PEER_QML_INSTALL_DIR}/${path} COMPONENT Runtime
        RUNTIME DESTINATION ${PEER_QML_INSTALL_DIR}/${path} COMPONENT Runtime)
    install(FILES
        ${PEER_QML_BINARY_DIR}/${path}/qmldir
        ${PEER_QML_BINARY_DIR}/${path}/${name}.qmltypes
        DESTINATION ${PEER_QML_INSTALL_DIR}/${path} COMPONENT Runtime)
    foreach(file IN LISTS arg_QML_FILES)
        install(FILES ${file} DESTINATION ${PEER_QML_INSTALL_DIR}/${path} COMPONENT Runtime)
    endforeach()
    set_property(GLOBAL APPEND PROPERTY PEER_QML_MODULES ${name})
endfunction()
