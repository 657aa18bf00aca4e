// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

import QtQuick
import Demo

/*! Shows where the keyboard is, around its parent. */
Rectangle {
    property color ring: Theme.accent

    anchors.fill: parent
    anchors.margins: -3
    radius: (parent as Rectangle).radius + 3
    color: "transparent"
    border.width: 2
    border.color: ring
}
