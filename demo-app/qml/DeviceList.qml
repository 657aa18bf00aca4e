// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

import QtQuick
import QtQuick.Controls.Basic
import QtQuick.Layouts
import Demo

/*! The devices of a kind, one of which is chosen. */
FocusScope {
    id: list

    required property string title
    required property string none
    required property var devices
    required property string chosen

    signal picked(string id)

    implicitWidth: Math.max(Theme.unit * 28, column.implicitWidth)
    implicitHeight: column.implicitHeight
    Accessible.role: Accessible.Grouping
    Accessible.name: title

    ColumnLayout {
        id: column

        anchors.fill: parent
        spacing: Theme.unit * 0.25

        Words {
            text: list.title
            font.bold: true
            color: Theme.stageText
            Accessible.role: Accessible.Heading
        }
        Words {
            visible: list.devices.length === 0
            text: list.none
            color: Theme.stageFaint
        }
        Repeater {
            model: list.devices

            RadioButton {
                id: choice

                required property var modelData
                required property int index

                text: modelData.name
                // Without a choice it is the first.
                checked: list.chosen === modelData.id || (list.chosen === "" && index === 0)
                font.pointSize: Theme.fontSize
                Accessible.name: text
                onClicked: list.picked(modelData.id)

                indicator: Rectangle {
                    x: choice.leftPadding
                    y: (choice.height - height) / 2
                    width: Theme.unit * 2
                    height: width
                    radius: width / 2
                    color: "transparent"
                    border.width: choice.visualFocus ? 3 : 1.5
                    border.color: Theme.stageText

                    Rectangle {
                        anchors.centerIn: parent
                        width: parent.width / 2
                        height: width
                        radius: width / 2
                        color: Theme.stageText
                        visible: choice.checked
                    }
                }
                contentItem: Text {
                    leftPadding: choice.indicator.width + Theme.unit
                    text: choice.text
                    textFormat: Text.PlainText
                    font: choice.font
                    color: Theme.stageText
                    verticalAlignment: Text.AlignVCenter
                    elide: Text.ElideRight
                    Accessible.ignored: true
                }
            }
        }
    }
}
