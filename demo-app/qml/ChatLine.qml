// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

import QtQuick
import QtQuick.Layouts
import Demo

/*! A line of the conversation: words, or a file on its way. */
Item {
    id: line

    required property string text
    required property bool mine
    required property string time
    required property FileTransfer transfer

    readonly property string who: mine ? qsTr("I") : qsTr("The other")

    implicitHeight: bubble.height
    Accessible.role: Accessible.ListItem
    Accessible.name: transfer ? qsTr("%1, %2: file %3, %4").arg(who).arg(time).arg(transfer.name)
                                                           .arg(state.text)
                              : qsTr("%1, %2: %3").arg(who).arg(time).arg(text)

    function size(octets: real): string {
        if (octets < 1000)
            return qsTr("%1 bytes").arg(octets)
        const steps = ["kB", "MB", "GB"]
        let step = -1
        while (octets >= 1000 && step < 2) {
            octets /= 1000
            ++step
        }
        return octets.toFixed(1) + " " + steps[step]
    }

    Rectangle {
        id: bubble

        x: line.mine ? line.width - width - Theme.unit : 0
        width: line.transfer ? line.width - Theme.unit * 3
                             : Math.min(Math.max(words.implicitWidth, when.implicitWidth)
                                        + Theme.unit * 2, line.width - Theme.unit * 3)
        height: column.implicitHeight + Theme.unit
        radius: Theme.unit
        color: line.mine ? Qt.lighter(Theme.stageCard, 1.6) : Theme.stage

        ColumnLayout {
            id: column

            anchors.fill: parent
            anchors.margins: Theme.unit * 0.5
            anchors.leftMargin: Theme.unit
            anchors.rightMargin: Theme.unit
            spacing: Theme.unit * 0.25

            Words {
                id: words

                Layout.fillWidth: true
                visible: !line.transfer
                text: line.text
                color: Theme.stageText
                wrapMode: Text.Wrap
                Accessible.ignored: true
            }
            Words {
                Layout.fillWidth: true
                visible: line.transfer !== null
                text: line.transfer ? line.transfer.name : ""
                font.bold: true
                color: Theme.stageText
                wrapMode: Text.WrapAnywhere
                Accessible.ignored: true
            }
            Rectangle {
                Layout.fillWidth: true
                visible: line.transfer !== null && line.transfer.running
                implicitHeight: Theme.unit * 0.5
                radius: height / 2
                color: Theme.stageCard
                border.width: 1
                border.color: Theme.stageFaint
                Accessible.role: Accessible.ProgressBar
                Accessible.name: state.text

                Rectangle {
                    width: parent.width * (line.transfer && line.transfer.size > 0
                                           ? line.transfer.done / line.transfer.size : 0)
                    height: parent.height
                    radius: parent.radius
                    color: Theme.stageGood
                }
            }
            RowLayout {
                Layout.fillWidth: true
                visible: line.transfer !== null

                Words {
                    id: state

                    Layout.fillWidth: true
                    factor: 0.85
                    color: line.transfer && line.transfer.state === FileTransfer.Failed
                           ? Theme.stagePoor : Theme.stageFaint
                    text: !line.transfer ? ""
                          : line.transfer.running
                            ? qsTr("%1 of %2").arg(line.size(line.transfer.done))
                                              .arg(line.size(line.transfer.size))
                            : line.transfer.words
                    wrapMode: Text.WrapAnywhere
                    Accessible.ignored: true
                }
                RoundButton {
                    visible: line.transfer !== null && line.transfer.running
                    implicitWidth: Theme.unit * 3
                    text: line.transfer ? qsTr("Cancel %1").arg(line.transfer.name) : ""
                    iconPath: cross.cross
                    onClicked: line.transfer.cancel()

                    Icon {
                        id: cross

                        visible: false
                    }
                }
            }
            Words {
                id: when

                text: line.time
                factor: 0.75
                color: Theme.stageFaint
                Accessible.ignored: true
            }
        }
    }
}
