// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

import QtQuick
import QtQuick.Layouts
import Demo

/*!
    Before the call stands: somebody calls, or is being called. No button has the focus at first: who
    is typing when it begins to ring accepts nothing by that.
*/
FocusScope {
    id: page

    required property CallSession call
    readonly property bool isAsked: call !== null && call.incoming
                                    && call.phase === CallSession.Ringing

    Accessible.role: Accessible.Pane
    Accessible.name: !call ? "" : [call.peerName, call.status, isAsked ? call.kindWords : ""]
                                      .filter(words => words !== "").join(" ")

    Rectangle {
        anchors.fill: parent
        color: Theme.stage
    }

    ColumnLayout {
        anchors.centerIn: parent
        width: Math.min(parent.width - Theme.unit * 4, Theme.unit * 60)
        spacing: Theme.unit * 1.5

        Item {
            Layout.alignment: Qt.AlignHCenter
            implicitWidth: Theme.unit * 14
            implicitHeight: implicitWidth

            Rectangle {
                id: wave

                anchors.centerIn: parent
                width: parent.width
                height: width
                radius: width / 2
                color: "transparent"
                border.width: 2
                border.color: Theme.stageFaint

                ParallelAnimation {
                    running: page.visible
                    loops: Animation.Infinite

                    NumberAnimation {
                        target: wave
                        property: "scale"
                        from: 0.75
                        to: 1.1
                        duration: 1400
                    }
                    NumberAnimation {
                        target: wave
                        property: "opacity"
                        from: 1
                        to: 0
                        duration: 1400
                    }
                }
            }
            Rectangle {
                anchors.centerIn: parent
                width: parent.width * 0.75
                height: width
                radius: width / 2
                color: Theme.stageCard

                Words {
                    anchors.centerIn: parent
                    text: page.call ? page.call.peerName.charAt(0).toUpperCase() : ""
                    factor: 3
                    color: Theme.stageText
                    Accessible.ignored: true
                }
            }
        }
        Words {
            objectName: "peerName"
            Layout.fillWidth: true
            horizontalAlignment: Text.AlignHCenter
            text: page.call ? page.call.peerName : ""
            factor: 2
            font.bold: true
            color: Theme.stageText
        }
        Words {
            Layout.fillWidth: true
            horizontalAlignment: Text.AlignHCenter
            text: page.call ? page.call.status : ""
            factor: 1.2
            color: Theme.stageFaint
        }
        Words {
            objectName: "kind"
            Layout.fillWidth: true
            horizontalAlignment: Text.AlignHCenter
            visible: page.isAsked
            text: page.call ? page.call.kindWords : ""
            factor: 1.2
            color: Theme.stageText
        }
        Words {
            objectName: "peerIdentity"
            Layout.fillWidth: true
            horizontalAlignment: Text.AlignHCenter
            visible: text !== ""
            text: !page.call || page.call.peerIdentity === "" ? ""
                  : page.call.peerVerified ? qsTr("Proven identity: %1 …").arg(page.call.peerIdentity)
                                           : qsTr("Identity not proven: %1 …").arg(page.call.peerIdentity)
            color: page.call && page.call.peerVerified ? Theme.stageGood : Theme.stageFair
        }
        Words {
            Layout.fillWidth: true
            horizontalAlignment: Text.AlignHCenter
            visible: page.isAsked
            text: qsTr("Camera and microphone are off until you accept.")
            factor: 0.9
            color: Theme.stageFaint
        }
        RowLayout {
            Layout.alignment: Qt.AlignHCenter
            Layout.topMargin: Theme.unit
            spacing: Theme.unit * 4

            LabelledButton {
                objectName: "declineButton"
                text: page.isAsked ? qsTr("Decline") : qsTr("Hang up")
                iconPath: icons.hangUp
                fill: Theme.stagePoor
                onClicked: page.isAsked ? page.call.decline() : page.call.hangUp()
            }
            LabelledButton {
                objectName: "acceptButton"
                visible: page.isAsked
                text: qsTr("Accept")
                iconPath: icons.phone
                fill: Theme.stageGood
                onClicked: page.call.accept()
            }
        }
    }

    Icon {
        id: icons

        visible: false
    }
}
