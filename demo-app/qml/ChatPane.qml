// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

import QtQuick
import QtQuick.Controls.Basic
import QtQuick.Dialogs
import QtQuick.Layouts
import Demo

/*! What is said and sent beside the pictures. */
FocusScope {
    id: pane

    required property Conversation conversation

    signal closeRequested

    function takeFocus(): void {
        text.forceActiveFocus()
    }
    function say(): void {
        if (conversation && conversation.say(text.text))
            text.clear()
    }

    Accessible.role: Accessible.Pane
    Accessible.name: qsTr("Chat and files")
    Keys.onEscapePressed: closeRequested()

    Binding {
        target: pane.conversation
        property: "watched"
        value: pane.visible
        when: pane.conversation !== null
    }

    Rectangle {
        anchors.fill: parent
        color: Theme.stageCard
    }

    ColumnLayout {
        anchors.fill: parent
        anchors.margins: Theme.unit
        spacing: Theme.unit

        RowLayout {
            Layout.fillWidth: true

            Words {
                Layout.fillWidth: true
                text: qsTr("Chat and files")
                factor: 1.2
                font.bold: true
                color: Theme.stageText
                Accessible.role: Accessible.Heading
            }
            RoundButton {
                objectName: "closeChatButton"
                implicitWidth: Theme.unit * 3.5
                text: qsTr("Close the chat")
                iconPath: icons.cross
                onClicked: pane.closeRequested()
            }
        }
        ListView {
            id: lines

            objectName: "lines"
            Layout.fillWidth: true
            Layout.fillHeight: true
            model: pane.conversation
            clip: true
            spacing: Theme.unit * 0.75
            boundsBehavior: Flickable.StopAtBounds
            activeFocusOnTab: count > 0
            keyNavigationEnabled: true
            Accessible.role: Accessible.List
            Accessible.name: qsTr("What was said and sent")
            onCountChanged: Qt.callLater(positionViewAtEnd)
            ScrollBar.vertical: ScrollBar { focusPolicy: Qt.NoFocus }

            delegate: ChatLine {
                width: ListView.view.width
            }

            Words {
                anchors.centerIn: parent
                width: parent.width - Theme.unit * 2
                visible: lines.count === 0
                horizontalAlignment: Text.AlignHCenter
                text: qsTr("Say something, or drop a file into the window.")
                color: Theme.stageFaint
            }
            Rectangle {
                anchors.fill: parent
                color: "transparent"
                border.width: 2
                border.color: Theme.stageText
                radius: Theme.unit * 0.5
                visible: lines.activeFocus
            }
        }
        AppField {
            id: text

            objectName: "chatField"
            Layout.fillWidth: true
            isStaged: true
            focus: true
            label: qsTr("Something to say")
            placeholderText: qsTr("Say something")
            maximumLength: 4000
            onAccepted: pane.say()
        }
        RowLayout {
            Layout.fillWidth: true
            spacing: Theme.unit

            RoundButton {
                objectName: "attachButton"
                implicitWidth: Theme.unit * 4
                text: qsTr("Send a file")
                iconPath: icons.attach
                enabled: pane.conversation !== null && pane.conversation.open
                onClicked: files.open()
            }
            Words {
                Layout.fillWidth: true
                factor: 0.85
                color: Theme.stageFaint
                text: pane.conversation && pane.conversation.open ? ""
                                                                  : qsTr("The other side has no chat.")
            }
            RoundButton {
                objectName: "sayButton"
                implicitWidth: Theme.unit * 4
                text: qsTr("Say it")
                iconPath: icons.send
                enabled: pane.conversation !== null && pane.conversation.open
                         && text.text.trim() !== ""
                onClicked: pane.say()
            }
        }
    }

    FileDialog {
        id: files

        title: qsTr("Send files")
        fileMode: FileDialog.OpenFiles
        onAccepted: pane.conversation.send(selectedFiles)
    }

    Icon {
        id: icons

        visible: false
    }
}
