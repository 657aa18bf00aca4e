// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

import QtQml
import PeerConnection

PeerConnection {
    id: call

    onConnected: call.sendText("hello")
    onTextReceived: text => {
        console.log(text)
        call.close()
    }
    onClosed: {
        if (call.errorString !== "")
            console.error(call.errorString)
        Qt.exit(call.errorString === "" ? 0 : 1)
    }
}
