// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

import QtQuick
import QtQuick.Controls.Basic
import Demo

/*! A round button of the call page: an icon, whose words are told to screen readers and in a hint. */
AbstractButton {
    id: button

    property string iconPath
    /*! What screen readers call it. Of one that can be checked it never changes: they tell the state. */
    property string name: text
    property color fill: checked ? Theme.stageText : Theme.stageCard
    property color ink: checked ? Theme.stage : Theme.stageText
    /*! A number in the corner; nothing if it is 0. */
    property int badge: 0

    // What a click does; space does it by itself.
    function press(): void {
        if (checkable) {
            toggle()
            toggled()
        }
        clicked()
    }

    implicitWidth: Theme.unit * 5
    implicitHeight: implicitWidth
    opacity: enabled ? 1 : 0.45
    focusPolicy: Qt.StrongFocus
    Accessible.role: Accessible.Button
    Accessible.name: name
    Accessible.checkable: checkable
    Accessible.checked: checked
    Keys.onReturnPressed: press()
    Keys.onEnterPressed: press()

    ToolTip.visible: hovered
    ToolTip.delay: 600
    ToolTip.text: text

    contentItem: Icon {
        path: button.iconPath
        color: button.ink
        size: Theme.unit * 2.5
    }
    background: Rectangle {
        radius: width / 2
        color: button.down ? Qt.lighter(button.fill, 1.3) : button.fill
        border.width: 1
        border.color: Qt.lighter(Theme.stageCard, 1.5)

        FocusRing {
            visible: button.visualFocus
            ring: Theme.stageText
        }
        Rectangle {
            visible: button.badge > 0
            anchors {
                right: parent.right
                top: parent.top
            }
            width: Math.max(height, number.implicitWidth + Theme.unit * 0.5)
            height: number.implicitHeight + Theme.unit * 0.25
            radius: height / 2
            color: Theme.stagePoor

            Text {
                id: number

                anchors.centerIn: parent
                text: button.badge > 99 ? "99" : button.badge
                font.pointSize: Theme.fontSize * 0.8
                font.bold: true
                color: Theme.stage
                Accessible.ignored: true
            }
        }
    }
}
