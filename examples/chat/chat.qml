// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

import QtQuick
import QtQuick.Controls.Basic
import QtQuick.Layouts
import PeerConnection

ApplicationWindow {
    id: window

    property url destination // where one is called
    property PeerConnection talk // with whom one talks
    readonly property bool isTalking: talk !== null && talk.state === PeerConnection.Connected

    function note(text: string): void {
        lines.append({line: text})
        view.positionViewAtEnd()
    }
    function begin(connection: PeerConnection): void {
        talk = connection
        talk.connected.connect(() => note(qsTr("Connected.")))
        talk.textReceived.connect(text => note(qsTr("They: %1").arg(text)))
        talk.closed.connect(() => note(connection.errorString || qsTr("The call has ended.")))
    }
    function call(): void {
        if (isTalking)
            talk.close()
        begin(caller.createObject(null))
        talk.dial(theirs.text)
    }
    function say(): void {
        if (!isTalking || !talk.sendText(words.text))
            return
        note(qsTr("I: %1").arg(words.text))
        words.clear()
    }

    width: 480; height: 480; visible: true
    title: qsTr("Chat")

    PeerListener {
        id: listener
        listenAddress: window.destination
        onIncomingConnection: connection => {
            if (window.isTalking)
                return connection.reject(PeerConnection.Busy)
            window.begin(connection)
            connection.accept()
        }
        onErrorOccurred: window.note(errorString)
    }
    Component { id: caller; PeerConnection {} }
    ListModel { id: lines }

    component Field: TextField {
        Layout.fillWidth: true
        Accessible.name: placeholderText
        selectByMouse: true
    }
    ColumnLayout {
        anchors { fill: parent; margins: 12 }

        Field {
            objectName: "mine"
            readOnly: true
            text: listener.address
            placeholderText: qsTr("My address, to be given away")
        }
        Field {
            id: theirs
            objectName: "theirs"
            placeholderText: qsTr("The address of somebody, and Enter to call")
            onAccepted: window.call()
        }
        ListView {
            id: view
            Layout.fillWidth: true; Layout.fillHeight: true
            clip: true; model: lines
            delegate: Text {
                required property string line
                width: ListView.view.width
                text: line; textFormat: Text.PlainText; wrapMode: Text.Wrap
            }
        }
        Field {
            id: words
            objectName: "words"
            enabled: window.isTalking
            placeholderText: qsTr("Say something")
            onAccepted: window.say()
        }
    }
}
