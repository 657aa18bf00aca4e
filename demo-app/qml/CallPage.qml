// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

import QtQuick
import QtQuick.Controls.Basic
import QtQuick.Layouts
import Demo
import PeerConnection.Media

/*! The call: the peer's picture large, our own small, what the path is like, and what can be done. */
FocusScope {
    id: page

    required property CallSession call
    property bool fullScreen: false
    readonly property bool isChatting: chatButton.checked
    readonly property bool isNarrow: width < Theme.unit * 80
    readonly property bool isLive: call !== null && (call.phase === CallSession.Talking
                                                     || call.phase === CallSession.Reconnecting)

    signal fullScreenRequested

    Accessible.role: Accessible.Pane
    Accessible.name: call ? qsTr("Call with %1").arg(call.peerName) : ""

    Rectangle {
        anchors.fill: parent
        color: Theme.stage
    }

    Item {
        id: stage

        anchors {
            left: parent.left
            top: parent.top
            bottom: parent.bottom
            right: chat.visible && !page.isNarrow ? chat.left : parent.right
        }
        visible: !(chat.visible && page.isNarrow)

        RemoteVideo {
            id: remote

            objectName: "remoteVideo"
            anchors.fill: parent
            media: page.call ? page.call.media : null
            Accessible.role: Accessible.Graphic
            Accessible.name: page.call ? qsTr("Picture of %1").arg(page.call.peerName) : ""
        }

        Words {
            anchors.centerIn: parent
            width: parent.width - Theme.unit * 4
            horizontalAlignment: Text.AlignHCenter
            visible: !remote.hasPicture || (page.call && page.call.phase !== CallSession.Talking)
            text: !page.call ? "" : page.call.phase === CallSession.Talking
                  ? qsTr("Waiting for the picture of %1 …").arg(page.call.peerName)
                  : page.call.status
            factor: 1.3
            color: Theme.stageText
            style: Text.Outline
            styleColor: Theme.stage
        }

        Rectangle {
            id: head

            anchors {
                left: parent.left
                top: parent.top
                margins: Theme.unit
            }
            width: Math.min(facts.implicitWidth + Theme.unit * 2, parent.width - Theme.unit * 2)
            height: facts.implicitHeight + Theme.unit
            radius: Theme.unit
            color: Qt.rgba(Theme.stageCard.r, Theme.stageCard.g, Theme.stageCard.b, 0.92)

            RowLayout {
                id: facts

                anchors.fill: parent
                anchors.leftMargin: Theme.unit
                anchors.rightMargin: Theme.unit
                spacing: Theme.unit

                Words {
                    text: page.call ? page.call.peerName : ""
                    font.bold: true
                    color: Theme.stageText
                    elide: Text.ElideRight
                    wrapMode: Text.NoWrap
                    Layout.maximumWidth: Theme.unit * 20
                }
                Words {
                    visible: text !== ""
                    text: page.call ? page.call.duration : ""
                    color: Theme.stageFaint
                }
                Words {
                    objectName: "path"
                    text: page.call ? page.call.pathWords : ""
                    color: Theme.stageFaint
                    Accessible.name: qsTr("Path: %1").arg(text)
                }
                Words {
                    objectName: "roundTrip"
                    visible: text !== ""
                    text: page.call ? page.call.roundTrip : ""
                    color: Theme.stageFaint
                    Accessible.name: qsTr("Round trip: %1").arg(text)
                }
                Row {
                    id: bars

                    readonly property int level: page.call ? page.call.quality : 0
                    readonly property color ink: level === CallSession.Good ? Theme.stageGood
                                               : level === CallSession.Fair ? Theme.stageFair
                                                                            : Theme.stagePoor
                    visible: level !== CallSession.Unknown
                    spacing: Theme.unit * 0.25
                    Accessible.role: Accessible.Indicator
                    Accessible.name: page.call ? qsTr("Quality: %1").arg(page.call.qualityWords) : ""

                    Repeater {
                        model: 3

                        Rectangle {
                            required property int index

                            anchors.bottom: parent ? parent.bottom : undefined
                            width: Theme.unit * 0.5
                            height: Theme.unit * (0.6 + 0.4 * index)
                            radius: width / 2
                            color: index < bars.level ? bars.ink : Theme.stageFaint
                            opacity: index < bars.level ? 1 : 0.4
                        }
                    }
                }
                Words {
                    objectName: "quality"
                    visible: text !== ""
                    text: page.call ? page.call.qualityWords : ""
                    color: bars.ink
                    Accessible.ignored: true
                }
            }
        }

        Rectangle {
            id: own

            anchors {
                right: parent.right
                bottom: tools.top
                margins: Theme.unit
            }
            width: Math.max(Theme.unit * 14, stage.width / 5)
            height: width * 9 / 16
            radius: Theme.unit * 0.5
            color: Theme.stageCard
            border.width: 1
            border.color: Theme.stageFaint

            LocalVideo {
                objectName: "localVideo"
                anchors.fill: parent
                anchors.margins: 1
                media: page.call ? page.call.media : null
                // As in a looking-glass, but nobody reads a test picture or a film so.
                mirror: media !== null && media.cameras.length > 0
                        && (media.source === MediaCall.Automatic
                            || media.source === MediaCall.Devices)
                visible: page.call !== null && !page.call.media.cameraOff
                Accessible.role: Accessible.Graphic
                Accessible.name: qsTr("My own picture")
            }
            Words {
                anchors.centerIn: parent
                visible: page.call !== null && page.call.media.cameraOff
                text: qsTr("Camera is off")
                factor: 0.9
                color: Theme.stageFaint
            }
        }

        Notice {
            anchors {
                left: parent.left
                right: own.left
                bottom: tools.top
                margins: Theme.unit
            }
            text: page.call ? page.call.notice : ""
            onDismissed: page.call.dismissNotice()
        }

        Row {
            id: tools

            anchors {
                horizontalCenter: parent.horizontalCenter
                bottom: parent.bottom
                bottomMargin: Theme.unit * 1.5
            }
            spacing: Theme.unit

            RoundButton {
                objectName: "muteButton"
                focus: true
                name: qsTr("Mute")
                text: checked ? qsTr("Microphone on") : name
                iconPath: checked ? icons.microphoneOff : icons.microphone
                checkable: true
                checked: page.call !== null && page.call.media.muted
                onToggled: page.call.media.muted = checked
            }
            RoundButton {
                objectName: "cameraButton"
                name: qsTr("Camera off")
                text: checked ? qsTr("Camera on") : name
                iconPath: checked ? icons.cameraOff : icons.camera
                checkable: true
                checked: page.call !== null && page.call.media.cameraOff
                onToggled: page.call.media.cameraOff = checked
            }
            RoundButton {
                id: devicesButton

                objectName: "devicesButton"
                text: qsTr("Choose camera, microphone and loudspeaker")
                iconPath: icons.settings
                onClicked: devices.opened ? devices.close() : devices.open()

                DevicesPopup {
                    id: devices

                    y: -height - Theme.unit
                    x: (parent.width - width) / 2
                    media: page.call ? page.call.media : null
                }
            }
            RoundButton {
                id: chatButton

                objectName: "chatButton"
                text: qsTr("Chat and files")
                iconPath: icons.chat
                checkable: true
                badge: page.call ? page.call.conversation.unread : 0
            }
            RoundButton {
                objectName: "fullScreenButton"
                text: page.fullScreen ? qsTr("Leave full screen") : qsTr("Full screen")
                iconPath: page.fullScreen ? icons.window : icons.fullScreen
                onClicked: page.fullScreenRequested()
            }
            RoundButton {
                objectName: "hangUpButton"
                text: qsTr("Hang up")
                iconPath: icons.hangUp
                fill: Theme.stagePoor
                ink: Theme.stage
                onClicked: page.call.hangUp()
            }
        }
    }

    ChatPane {
        id: chat

        anchors {
            top: parent.top
            right: parent.right
            bottom: parent.bottom
        }
        width: page.isNarrow ? parent.width : Math.max(Theme.unit * 36, parent.width / 3.5)
        visible: page.isChatting
        conversation: page.call ? page.call.conversation : null
        onCloseRequested: {
            chatButton.checked = false
            chatButton.forceActiveFocus()
        }
        onVisibleChanged: if (visible) takeFocus()
    }

    // A file that is dropped anywhere is sent.
    DropArea {
        id: drop

        anchors.fill: parent
        enabled: page.isLive
        keys: ["text/uri-list"]
        onDropped: event => {
            page.call.conversation.send(event.urls)
            chatButton.checked = true
            event.acceptProposedAction()
        }

        Rectangle {
            anchors.fill: parent
            visible: drop.containsDrag
            color: Qt.rgba(Theme.stage.r, Theme.stage.g, Theme.stage.b, 0.8)
            border.width: 3
            border.color: Theme.stageText

            Words {
                anchors.centerIn: parent
                text: qsTr("Drop to send")
                factor: 2
                color: Theme.stageText
            }
        }
    }

    Icon {
        id: icons

        visible: false
    }
}
