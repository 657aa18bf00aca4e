// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

import QtQuick
import QtQuick.Layouts
import Demo

/*! A field of things that belong together, below each other. */
Rectangle {
    id: card

    default property alias content: column.data
    property alias spacing: column.spacing

    color: Theme.card
    radius: Theme.unit
    border.width: 1
    border.color: Qt.rgba(Theme.border.r, Theme.border.g, Theme.border.b, 0.55)
    implicitWidth: column.implicitWidth + Theme.unit * 3
    implicitHeight: column.implicitHeight + Theme.unit * 3

    ColumnLayout {
        id: column

        anchors.fill: parent
        anchors.margins: Theme.unit * 1.5
        spacing: Theme.unit
    }
}
