// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

// libwebrtc behind the interface that endpoint.mjs drives; see nodedatachannel.mjs.

export function load(require) {
    const library = require('@roamhq/wrtc');
    return { open: (options) => open(library, options), shutdown: () => {} };
}

function open(library, { isCaller, channels, sendSignal, onChannel }) {
    const connection = new library.RTCPeerConnection({ iceServers: [] });
    const early = [];
    connection.onicecandidate = ({ candidate }) => {
        if (candidate)
            sendSignal({ candidate: candidate.toJSON() });
    };
    const use = (channel) => {
        channel.binaryType = 'arraybuffer';
        const wrapped = wrap(channel);
        if (channel.readyState === 'open')
            onChannel(wrapped);
        else
            channel.onopen = () => onChannel(wrapped);
    };
    connection.ondatachannel = ({ channel }) => use(channel);

    async function describe(make) {
        const description = await connection[make]();
        await connection.setLocalDescription(description);
        sendSignal({ description: { type: description.type, sdp: description.sdp } });
    }

    async function take({ description, candidate }) {
        if (candidate) {
            if (connection.remoteDescription)
                await connection.addIceCandidate(candidate);
            else
                early.push(candidate);
            return;
        }
        await connection.setRemoteDescription(description);
        while (early.length)
            await connection.addIceCandidate(early.shift());
        if (description.type === 'offer')
            await describe('createAnswer');
    }

    if (isCaller) {
        for (const { label, unreliable } of channels)
            use(connection.createDataChannel(label, unreliable
                ? { ordered: false, maxRetransmits: 0 } : {}));
        describe('createOffer');
    }
    return { handleSignal: take, close: () => connection.close() };
}

function wrap(channel) {
    return {
        label: channel.label,
        send: (octets) => channel.send(octets),
        buffered: () => channel.bufferedAmount,
        onMessage: (callback) => { channel.onmessage = ({ data }) => callback(data); },
        onLow(threshold, callback) {
            channel.bufferedAmountLowThreshold = threshold;
            channel.onbufferedamountlow = callback;
        },
    };
}
