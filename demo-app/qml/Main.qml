// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

import QtQuick
import QtQuick.Controls.Basic
import Demo

/*! The window: the start page, and over it the call while there is one. */
ApplicationWindow {
    id: window

    required property Phone phone
    readonly property CallSession call: phone.call
    readonly property bool isTalking: call !== null && call.phase !== CallSession.Ended
                                      && !(call.phase === CallSession.Ringing && call.incoming)
                                      && call.phase !== CallSession.Dialing
                                      && call.phase !== CallSession.Ringing

    width: 960
    height: 640
    minimumWidth: 480
    minimumHeight: 360
    visible: true
    title: call ? qsTr("%1 – Peer call").arg(call.peerName) : qsTr("Peer call")
    color: Theme.window
    palette {
        window: Theme.window
        windowText: Theme.text
        base: Theme.card
        text: Theme.text
        button: Theme.card
        buttonText: Theme.text
        highlight: Theme.accent
        highlightedText: Theme.onAccent
        placeholderText: Theme.faint
        mid: Theme.border
    }

    onClosing: if (call) call.hangUp()

    // Whoever works in another window is to see that somebody calls.
    Connections {
        target: window.phone

        function onRingingChanged(): void {
            if (!window.phone.ringing)
                return
            if (window.visibility === Window.Minimized)
                window.showNormal()
            window.raise()
            window.alert(0)
        }
    }

    function toggleFullScreen(): void {
        if (visibility === Window.FullScreen)
            showNormal()
        else
            showFullScreen()
    }

    Shortcut {
        sequences: [StandardKey.FullScreen, "F11"]
        onActivated: window.toggleFullScreen()
    }
    Shortcut {
        sequence: "Escape"
        enabled: window.visibility === Window.FullScreen
        onActivated: window.showNormal()
    }
    Shortcut {
        sequence: StandardKey.Quit
        onActivated: window.close()
    }

    Loader {
        id: page

        anchors.fill: parent
        focus: true
        sourceComponent: !window.call ? start : window.isTalking ? talking : ringing
        onLoaded: item.forceActiveFocus()
    }

    Component {
        id: start

        StartPage {
            phone: window.phone
        }
    }
    Component {
        id: ringing

        RingingPage {
            call: window.call
        }
    }
    Component {
        id: talking

        CallPage {
            call: window.call
            fullScreen: window.visibility === Window.FullScreen
            onFullScreenRequested: window.toggleFullScreen()
        }
    }
}
