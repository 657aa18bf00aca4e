// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

// libdatachannel behind the interface that endpoint.mjs drives.

export function load(require) {
    const library = require('node-datachannel');
    return {
        open: (options) => open(library, options),
        shutdown: () => library.cleanup(),
    };
}

// One connection. isCaller opens the channels that labels names; sendSignal takes what the other
// side's handleSignal wants; onChannel is called with each channel that has opened.
function open(library, { isCaller, channels, sendSignal, onChannel }) {
    const connection = new library.PeerConnection('bench', { iceServers: [] });
    connection.onLocalDescription((sdp, type) => sendSignal({ sdp, type }));
    connection.onLocalCandidate((candidate, mid) => sendSignal({ candidate, mid }));
    const use = (channel) => {
        const wrapped = wrap(channel);
        if (channel.isOpen())
            onChannel(wrapped);
        else
            channel.onOpen(() => onChannel(wrapped));
    };
    connection.onDataChannel(use);
    if (isCaller) {
        for (const { label, unreliable } of channels)
            use(connection.createDataChannel(label, unreliable
                ? { unordered: true, maxRetransmits: 0 } : {}));
    }
    // Callbacks come from several threads, so a candidate may overtake its description.
    let early = [];
    const add = ({ candidate, mid }) => connection.addRemoteCandidate(candidate, mid);
    return {
        handleSignal(signal) {
            if (signal.sdp) {
                connection.setRemoteDescription(signal.sdp, signal.type);
                early.forEach(add);
                early = null;
            } else if (early) {
                early.push(signal);
            } else {
                add(signal);
            }
        },
        close: () => connection.close(),
    };
}

function wrap(channel) {
    return {
        label: channel.getLabel(),
        send: (octets) => channel.sendMessageBinary(octets),
        buffered: () => channel.bufferedAmount(),
        onMessage: (callback) => channel.onMessage(callback),
        onLow(threshold, callback) {
            channel.setBufferedAmountLowThreshold(threshold);
            channel.onBufferedAmountLow(callback);
        },
    };
}
