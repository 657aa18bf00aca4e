// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

import QtQuick
import Demo

/*! A large round button with its words below. */
RoundButton {
    id: button

    ink: Theme.stage
    implicitWidth: Theme.unit * 6
    implicitHeight: implicitWidth
    bottomInset: 0

    Words {
        anchors.horizontalCenter: parent.horizontalCenter
        anchors.top: parent.bottom
        anchors.topMargin: Theme.unit * 0.5
        text: button.text
        color: Theme.stageText
        wrapMode: Text.NoWrap
        Accessible.ignored: true
    }
}
