// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

import QtQuick
import QtQuick.Layouts
import Demo

/*! What went wrong: words, what to do about it, and details for those who look after networks. */
Card {
    id: trouble

    required property string title
    required property string advice
    property string detail

    signal dismissed

    visible: title !== ""
    border.color: Theme.danger
    Accessible.role: Accessible.AlertMessage
    Accessible.name: title + ". " + advice

    RowLayout {
        Layout.fillWidth: true
        spacing: Theme.unit

        Words {
            Layout.fillWidth: true
            text: trouble.title
            factor: 1.2
            font.bold: true
            color: Theme.danger
        }
        AppButton {
            text: qsTr("Dismiss")
            onClicked: trouble.dismissed()
        }
    }
    Words {
        Layout.fillWidth: true
        text: trouble.advice
    }
    Words {
        Layout.fillWidth: true
        visible: text !== ""
        text: trouble.detail
        factor: 0.9
        color: Theme.faint
    }
}
