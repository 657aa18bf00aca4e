// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

import QtQuick
import PeerConnection.Media

/*!
    A video call in one item: the peer's picture fills it, one's own is small in a corner and can be
    moved to another one by mouse or finger. Buttons and words are the application's: what it puts
    into this item lies above the pictures.

    Give it the connection before that dials, or before its accept(). Camera, microphone, mute and
    the like are those of media.
*/
Item {
    id: view

    /*! The call that is seen and heard: a PeerConnection. */
    property alias connection: mediaCall.connection
    /*! Its media: sources, devices, mute, statistics. */
    property alias media: mediaCall
    /*! The peer's picture. */
    property alias remoteVideo: remote
    /*! One's own. */
    property alias localVideo: local
    /*! Whether one's own picture is shown, while there is one. */
    property bool showLocal: true
    /*! Whether one's own picture can be moved. */
    property bool movable: true
    /*! The corner of one's own picture: Qt.TopLeftCorner and so on. */
    property int corner: Qt.TopRightCorner

    implicitWidth: 640
    implicitHeight: 360

    MediaCall {
        id: mediaCall
    }

    Rectangle {
        anchors.fill: parent
        color: "black"
    }

    RemoteVideo {
        id: remote

        anchors.fill: parent
        media: mediaCall

        Accessible.role: Accessible.Graphic
        Accessible.name: mediaCall.connection && mediaCall.connection.peerName !== ""
                         ? qsTr("Picture of %1").arg(mediaCall.connection.peerName)
                         : qsTr("Picture of the other side")
        Accessible.ignored: !hasPicture
    }

    LocalVideo {
        id: local

        readonly property real margin: Math.max(4, Math.min(view.width, view.height) / 40)
        readonly property real ratio: hasPicture ? sourceSize.width / sourceSize.height : 16 / 9
        readonly property bool isLeft: view.corner === Qt.TopLeftCorner
                                       || view.corner === Qt.BottomLeftCorner
        readonly property bool isTop: view.corner === Qt.TopLeftCorner
                                      || view.corner === Qt.TopRightCorner

        // To its corner, unless it is being moved.
        function settle(): void {
            x = Qt.binding(() => isLeft ? margin : view.width - width - margin)
            y = Qt.binding(() => isTop ? margin : view.height - height - margin)
        }

        width: Math.min(view.width / 4, view.height / 4 * ratio)
        height: width / ratio
        visible: view.showLocal && hasPicture
        media: mediaCall
        Component.onCompleted: settle()

        Accessible.role: Accessible.Graphic
        Accessible.name: qsTr("Your own picture")

        DragHandler {
            enabled: view.movable
            onActiveChanged: {
                if (active)
                    return
                const isLeft = local.x + local.width / 2 < view.width / 2
                const isTop = local.y + local.height / 2 < view.height / 2
                view.corner = isTop ? (isLeft ? Qt.TopLeftCorner : Qt.TopRightCorner)
                                    : (isLeft ? Qt.BottomLeftCorner : Qt.BottomRightCorner)
                local.settle()
            }
        }
    }
}
