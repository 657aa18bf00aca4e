// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

import QtQuick
import Demo

/*! Plain text, of the size of the system's font times scale. */
Text {
    property real factor: 1

    font.pointSize: Theme.fontSize * factor
    color: Theme.text
    wrapMode: Text.Wrap
    textFormat: Text.PlainText
    Accessible.role: Accessible.StaticText
    Accessible.name: text
    Accessible.ignored: text === "" || !visible
}
