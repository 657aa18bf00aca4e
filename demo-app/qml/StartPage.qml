// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

import QtQuick
import QtQuick.Controls.Basic
import QtQuick.Layouts
import Demo

/*! Our address to give away, and those of others to call. */
FocusScope {
    id: page

    required property Phone phone
    readonly property OwnAddress own: phone.own
    readonly property bool isWide: width >= Theme.unit * 84

    function call(): void {
        if (page.phone.dial(destination.text))
            destination.clear()
    }

    Accessible.role: Accessible.Pane
    Accessible.name: qsTr("Start")

    Flickable {
        id: scroll

        // Whatever the keyboard goes to can be seen.
        function show(item: Item): void {
            if (!item)
                return
            const top = item.mapToItem(content, 0, 0).y
            const margin = Theme.unit * 2
            if (top - margin < contentY)
                contentY = Math.max(0, top - margin)
            else if (top + item.height + margin > contentY + height)
                contentY = Math.max(0, Math.min(contentHeight - height,
                                                top + item.height + margin - height))
        }

        anchors.fill: parent
        contentWidth: width
        contentHeight: content.y + content.implicitHeight + Theme.unit * 2
        boundsBehavior: Flickable.StopAtBounds
        ScrollBar.vertical: ScrollBar { focusPolicy: Qt.NoFocus }

        Connections {
            target: page.Window.window
            function onActiveFocusItemChanged(): void {
                scroll.show(page.Window.activeFocusItem)
            }
        }

        ColumnLayout {
            id: content

            x: (scroll.width - width) / 2
            // In the upper third, where there is room.
            y: Math.max(Theme.unit * 2, (scroll.height - implicitHeight) / 3)
            width: Math.min(scroll.width - Theme.unit * 4, Theme.unit * 120)
            spacing: Theme.unit * 1.5

            RowLayout {
                spacing: Theme.unit

                Rectangle {
                    implicitWidth: Theme.unit * 5
                    implicitHeight: implicitWidth
                    radius: Theme.unit
                    color: Theme.accent

                    Icon {
                        id: logo

                        anchors.centerIn: parent
                        size: Theme.unit * 3
                        path: camera
                        color: Theme.onAccent
                    }
                }
                ColumnLayout {
                    spacing: 0

                    Words {
                        text: qsTr("Peer call")
                        factor: 1.8
                        font.bold: true
                        Accessible.role: Accessible.Heading
                    }
                    Words {
                        text: qsTr("Video calls from one address to another, encrypted from end to end")
                        color: Theme.faint
                    }
                }
            }
            Trouble {
                Layout.fillWidth: true
                title: page.phone.troubleTitle
                advice: page.phone.troubleAdvice
                detail: page.phone.troubleDetail
                onDismissed: page.phone.dismissTrouble()
            }

            GridLayout {
                Layout.fillWidth: true
                columns: page.isWide ? 2 : 1
                columnSpacing: Theme.unit * 1.5
                rowSpacing: Theme.unit * 1.5

                Card {
                    Layout.fillWidth: true
                    Layout.fillHeight: true
                    Layout.preferredWidth: Theme.unit * 50
                    Layout.alignment: Qt.AlignTop

                    Words {
                        text: qsTr("Call somebody")
                        factor: 1.5
                        font.bold: true
                        Accessible.role: Accessible.Heading
                    }
                    Words {
                        Layout.fillWidth: true
                        text: qsTr("Paste the address that they gave you.")
                        color: Theme.faint
                    }
                    RowLayout {
                        Layout.fillWidth: true
                        spacing: Theme.unit

                        AppField {
                            id: destination

                            objectName: "destination"
                            Layout.fillWidth: true
                            focus: true
                            label: qsTr("Address to call")
                            placeholderText: "peer://…"
                            inputMethodHints: Qt.ImhUrlCharactersOnly | Qt.ImhNoPredictiveText
                            maximumLength: 512
                            onAccepted: page.call()
                        }
                        AppButton {
                            objectName: "callButton"
                            text: qsTr("Call")
                            important: true
                            enabled: destination.text.trim() !== ""
                            onClicked: page.call()
                        }
                    }
                    Words {
                        Layout.topMargin: Theme.unit
                        visible: page.phone.people.count > 0
                        text: qsTr("Recent")
                        font.bold: true
                        Accessible.role: Accessible.Heading
                    }
                    Repeater {
                        model: page.phone.people

                        RowLayout {
                            id: person

                            required property int index
                            required property string name
                            required property string address
                            required property string time

                            Layout.fillWidth: true
                            spacing: Theme.unit

                            Rectangle {
                                implicitWidth: Theme.unit * 3.5
                                implicitHeight: implicitWidth
                                radius: width / 2
                                color: Theme.accent

                                Words {
                                    anchors.centerIn: parent
                                    text: person.name.charAt(0).toUpperCase()
                                    color: Theme.onAccent
                                    font.bold: true
                                    Accessible.ignored: true
                                }
                            }
                            ColumnLayout {
                                Layout.fillWidth: true
                                spacing: 0

                                Words {
                                    Layout.fillWidth: true
                                    text: person.name
                                    elide: Text.ElideRight
                                    wrapMode: Text.NoWrap
                                }
                                Words {
                                    Layout.fillWidth: true
                                    text: person.time
                                    factor: 0.85
                                    color: Theme.faint
                                    elide: Text.ElideRight
                                    wrapMode: Text.NoWrap
                                }
                            }
                            AppButton {
                                text: qsTr("Call")
                                Accessible.name: qsTr("Call %1").arg(person.name)
                                onClicked: page.phone.dial(person.address)
                            }
                            AppButton {
                                text: qsTr("Forget")
                                Accessible.name: qsTr("Forget %1").arg(person.name)
                                onClicked: page.phone.people.remove(person.index)
                            }
                        }
                    }
                    Item {
                        Layout.fillHeight: true
                    }
                }

                Card {
                    Layout.fillWidth: true
                    Layout.fillHeight: true
                    Layout.preferredWidth: Theme.unit * 50
                    Layout.alignment: Qt.AlignTop

                    Words {
                        text: qsTr("Be called")
                        factor: 1.5
                        font.bold: true
                        Accessible.role: Accessible.Heading
                    }
                    Words {
                        Layout.fillWidth: true
                        text: page.own.state === OwnAddress.Ready
                              ? qsTr("Give this address to whoever is to call you.")
                              : page.own.trouble !== "" ? page.own.trouble
                                                        : qsTr("Getting an address …")
                        color: page.own.trouble !== "" ? Theme.danger : Theme.faint
                    }
                    AppButton {
                        visible: page.own.state === OwnAddress.Failed
                        text: qsTr("Try again")
                        onClicked: page.own.retry()
                    }
                    RowLayout {
                        Layout.fillWidth: true
                        spacing: Theme.unit

                        AppField {
                            objectName: "ownAddress"
                            Layout.fillWidth: true
                            label: qsTr("My address")
                            readOnly: true
                            text: page.own.address
                            onTextChanged: cursorPosition = 0
                            onActiveFocusChanged: activeFocus ? selectAll() : deselect()
                        }
                        AppButton {
                            id: copy

                            objectName: "copyButton"
                            text: copied.running ? qsTr("Copied") : qsTr("Copy")
                            important: true
                            enabled: page.own.address !== ""
                            onClicked: {
                                page.own.copy()
                                copied.restart()
                            }

                            Timer {
                                id: copied

                                interval: 2000
                            }
                        }
                    }
                    RowLayout {
                        Layout.fillWidth: true
                        spacing: Theme.unit * 1.5

                        Rectangle {
                            readonly property real extent: Math.round(Theme.unit * 22)

                            implicitWidth: extent
                            implicitHeight: extent
                            radius: Theme.unit * 0.75
                            color: "white"
                            border.width: 1
                            border.color: Theme.border
                            visible: page.own.address !== ""
                            Accessible.role: Accessible.Graphic
                            Accessible.name: qsTr("My address as a QR code")

                            QrItem {
                                anchors.fill: parent
                                anchors.margins: 2
                                text: page.own.address
                            }
                        }
                        ColumnLayout {
                            Layout.fillWidth: true
                            Layout.alignment: Qt.AlignTop
                            spacing: Theme.unit * 0.5

                            Words {
                                text: qsTr("My name")
                                color: Theme.faint
                                Accessible.ignored: true
                            }
                            AppField {
                                objectName: "ownName"
                                Layout.fillWidth: true
                                label: qsTr("My name")
                                text: page.own.name
                                maximumLength: 64
                                onEditingFinished: page.own.name = text
                            }
                            Words {
                                Layout.fillWidth: true
                                Layout.topMargin: Theme.unit
                                text: qsTr("The address holds a key of yours. Whoever calls it "
                                           + "reaches you or nobody.")
                                factor: 0.9
                                color: Theme.faint
                            }
                        }
                    }
                    Item {
                        Layout.fillHeight: true
                    }
                }
            }
        }
    }
}
