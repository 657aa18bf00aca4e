// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

import QtQuick
import QtQuick.Controls.Basic
import QtQuick.Layouts
import Demo
import PeerConnection.Media

/*! Which camera, microphone and loudspeaker. Devices that are plugged in meanwhile appear by themselves. */
Popup {
    id: popup

    required property MediaCall media

    padding: Theme.unit * 1.5
    focus: true
    closePolicy: Popup.CloseOnEscape | Popup.CloseOnPressOutside
    background: Rectangle {
        radius: Theme.unit
        color: Theme.stageCard
        border.width: 1
        border.color: Theme.stageFaint
    }

    ColumnLayout {
        spacing: Theme.unit * 0.5

        DeviceList {
            focus: true
            title: qsTr("Camera")
            none: qsTr("No camera: a test picture is sent")
            devices: popup.opened && popup.media ? popup.media.cameras : []
            chosen: popup.media ? popup.media.camera : ""
            onPicked: id => popup.media.camera = id
        }
        DeviceList {
            Layout.topMargin: Theme.unit
            title: qsTr("Microphone")
            none: qsTr("No microphone: a test tone is sent")
            devices: popup.opened && popup.media ? popup.media.microphones : []
            chosen: popup.media ? popup.media.microphone : ""
            onPicked: id => popup.media.microphone = id
        }
        DeviceList {
            Layout.topMargin: Theme.unit
            title: qsTr("Loudspeaker")
            none: qsTr("No loudspeaker: nothing is heard")
            devices: popup.opened && popup.media ? popup.media.speakers : []
            chosen: popup.media ? popup.media.speaker : ""
            onPicked: id => popup.media.speaker = id
        }
        AppButton {
            objectName: "devicesDone"
            Layout.topMargin: Theme.unit
            Layout.alignment: Qt.AlignRight
            text: qsTr("Done")
            important: true
            onClicked: popup.close()
        }
    }
}
