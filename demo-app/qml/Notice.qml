// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

import QtQuick
import QtQuick.Layouts
import Demo

/*! Trouble with a device, over the pictures of a call that goes on. */
Rectangle {
    id: notice

    required property string text

    signal dismissed

    visible: text !== ""
    height: row.implicitHeight + Theme.unit
    radius: Theme.unit
    color: Theme.stageCard
    border.width: 1
    border.color: Theme.stageFair
    Accessible.role: Accessible.AlertMessage
    Accessible.name: text

    RowLayout {
        id: row

        anchors.fill: parent
        anchors.margins: Theme.unit * 0.5
        anchors.leftMargin: Theme.unit
        spacing: Theme.unit

        Words {
            Layout.fillWidth: true
            text: notice.text
            color: Theme.stageText
            maximumLineCount: 4
            elide: Text.ElideRight
        }
        RoundButton {
            implicitWidth: Theme.unit * 3
            text: qsTr("Dismiss")
            iconPath: cross.cross
            onClicked: notice.dismissed()

            Icon {
                id: cross

                visible: false
            }
        }
    }
}
