// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

import QtQuick
import QtQuick.Controls.Basic
import Demo

/*! A button with words. The important one of a page is filled with the accent. */
Button {
    id: button

    property bool important: false
    property bool dangerous: false
    property string iconPath
    readonly property color fill: dangerous ? Theme.danger : important ? Theme.accent : "transparent"
    readonly property color ink: dangerous ? Theme.onDanger
                                           : important ? Theme.onAccent : Theme.text

    // Space does it by itself.
    function press(): void {
        clicked()
    }

    leftPadding: Theme.unit * 1.5
    rightPadding: Theme.unit * 1.5
    topPadding: Theme.unit * 0.75
    bottomPadding: Theme.unit * 0.75
    font.pointSize: Theme.fontSize
    opacity: enabled ? 1 : 0.45
    Accessible.name: text
    Keys.onReturnPressed: press()
    Keys.onEnterPressed: press()

    contentItem: Row {
        spacing: Theme.unit * 0.75

        Icon {
            visible: button.iconPath !== ""
            size: Theme.unit * 2
            implicitWidth: size
            anchors.verticalCenter: parent.verticalCenter
            path: button.iconPath
            color: button.ink
        }
        Text {
            anchors.verticalCenter: parent.verticalCenter
            text: button.text
            textFormat: Text.PlainText
            font: button.font
            color: button.ink
            Accessible.ignored: true
        }
    }
    background: Rectangle {
        radius: Theme.unit * 0.75
        color: button.down ? Qt.darker(button.fill, 1.15) : button.fill
        border.width: button.important || button.dangerous ? 0 : 1
        border.color: Theme.border

        FocusRing {
            visible: button.visualFocus
        }
    }
}
