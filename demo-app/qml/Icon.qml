// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

import QtQuick
import QtQuick.Shapes
import Demo

/*! A picture of lines on a field of 24 by 24, as the path data of SVG. */
Item {
    id: icon

    /*! One of the paths below. */
    property string path
    property color color
    property real size: implicitWidth

    readonly property string microphone: "M12 3a3 3 0 0 1 3 3v6a3 3 0 0 1-6 0V6a3 3 0 0 1 3-3z M5.5 11.5a6.5 6.5 0 0 0 13 0 M12 18v3"
    readonly property string microphoneOff: microphone + " M4 3L20 21"
    readonly property string camera: "M3.5 7h9.500a2 2 0 0 1 2 2v6a2 2 0 0 1-2 2h-9.500a1.500 1.500 0 0 1-1.500-1.500v-7a1.500 1.500 0 0 1 1.500-1.500z M15 11l6-3.500v9l-6-3.500"
    readonly property string cameraOff: camera + " M4 3L20 21"
    readonly property string hangUp: "M3 13.500c5-4.500 13-4.500 18 0l-1.500 3-4.500-1.500v-2.500c-2-.600-4-.600-6 0v2.500l-4.500 1.500z"
    readonly property string phone: "M5 3.500l3.500-.500 2 5-2.200 1.600c1 2.300 2.800 4.100 5.100 5.100l1.600-2.200 5 2-.5 3.500c-.2 1.300-1.300 2-2.500 1.900c-7.400-.700-13.200-6.500-13.900-13.900c-.1-1.200.6-2.300 1.900-2.500z"
    readonly property string chat: "M4 5h16v11h-9l-4.500 4v-4h-2.500z M8 9.500h8 M8 12.500h5"
    readonly property string fullScreen: "M4 9V4h5 M15 4h5v5 M20 15v5h-5 M9 20H4v-5"
    readonly property string window: "M9 4v5H4 M20 9h-5V4 M15 20v-5h5 M4 15h5v5"
    readonly property string settings: "M4 7h9 M17 7h3 M15 7m-2 0a2 2 0 1 0 4 0a2 2 0 1 0-4 0 M4 17h3 M11 17h9 M9 17m-2 0a2 2 0 1 0 4 0a2 2 0 1 0-4 0"
    readonly property string cross: "M6 6L18 18 M18 6L6 18"
    readonly property string copy: "M9 9h11v11H9z M15 9V4H4v11h5"
    readonly property string send: "M4 12L20 4l-5 16-4-7z M11 13l9-9"
    readonly property string attach: "M12 4v12 M7 9l5-5 5 5 M5 20h14"

    implicitWidth: Theme.unit * 2.5
    implicitHeight: implicitWidth
    Accessible.ignored: true

    Shape {
        anchors.centerIn: parent
        width: 24
        height: 24
        scale: icon.size / 24

        ShapePath {
            strokeColor: icon.color
            strokeWidth: 1.8
            fillColor: "transparent"
            capStyle: ShapePath.RoundCap
            joinStyle: ShapePath.RoundJoin

            PathSvg {
                path: icon.path
            }
        }
    }
}
