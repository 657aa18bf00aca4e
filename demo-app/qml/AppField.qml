// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

import QtQuick
import QtQuick.Controls.Basic
import Demo

/*! A line to type into. The words above it are its label's. */
TextField {
    id: field

    required property string label
    property bool isStaged: false

    font.pointSize: Theme.fontSize
    leftPadding: Theme.unit
    rightPadding: Theme.unit
    topPadding: Theme.unit * 0.75
    bottomPadding: Theme.unit * 0.75
    selectByMouse: true
    color: isStaged ? Theme.stageText : Theme.text
    placeholderTextColor: isStaged ? Theme.stageFaint : Theme.faint
    selectionColor: Theme.accent
    selectedTextColor: Theme.onAccent
    Accessible.role: Accessible.EditableText
    Accessible.name: label

    background: Rectangle {
        radius: Theme.unit * 0.75
        color: field.isStaged ? Theme.stage : Theme.card
        border.width: field.activeFocus ? 2 : 1
        border.color: field.activeFocus ? (field.isStaged ? Theme.stageText : Theme.accent)
                                        : (field.isStaged ? Theme.stageFaint : Theme.border)
    }
}
