// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

// After stack_peer.js: a peer with picture and sound. What it sends is told apart as our test picture
// and tone are (src/media/pattern), and read back likewise from what was decoded. Makers and takers of
// raw pictures and sound are a browser's (MediaStreamTrackGenerator and
// MediaStreamTrackProcessor) or those of the package @roamhq/wrtc.

"use strict";

const WIDTH = 320, HEIGHT = 240;
const PICTURE_TIME = 66, BLOCK_TIME = 10; // ms
const RATE = 48000;

// ---- The strip of a test picture (src/media/pattern/teststrip.h)

const COLUMNS = 32, ROWS = 3, ROWS_OF_PICTURE = 18;
const BLACK = 16, WHITE = 235;

function checksum(words) {
    let crc = 0xffff;
    for (const [value, bits] of words) {
        for (let bit = bits - 1; bit >= 0; --bit) {
            const isSet = (crc >>> 15) !== ((value >>> bit) & 1);
            crc = (crc << 1 & 0xffff) ^ (isSet ? 0x1021 : 0);
        }
    }
    return crc;
}

const checksumOf = (sender, frame, time) => checksum([[sender, 16], [frame, 32], [time, 32]]);

function* blocks(width, height) {
    const top = (height - Math.trunc(height * ROWS / ROWS_OF_PICTURE)) & ~1;
    for (let row = 0; row < ROWS; ++row) {
        for (let column = 0; column < COLUMNS; ++column) {
            const of = (size, number, count) => Math.trunc(size * number / count);
            yield {
                row, column,
                left: of(width, column, COLUMNS), right: of(width, column + 1, COLUMNS),
                top: top + of(height - top, row, ROWS),
                bottom: top + of(height - top, row + 1, ROWS),
            };
        }
    }
}

function writeStrip(luma, width, height, sender, frame) {
    const words = [(sender << 16 | checksumOf(sender, frame, 0)) >>> 0, frame ^ (frame >>> 1), 0];
    for (const {row, column, left, right, top, bottom} of blocks(width, height)) {
        const value = words[row] >>> (COLUMNS - 1 - column) & 1 ? WHITE : BLACK;
        for (let y = top; y < bottom; ++y)
            luma.fill(value, y * width + left, y * width + right);
    }
}

/// The middle of a block alone: edges do not survive encoding.
function readStrip(luma, width, height, stride) {
    const words = [0, 0, 0];
    for (const {row, column, left, right, top, bottom} of blocks(width, height)) {
        const value = luma[((top + bottom) >> 1) * stride + ((left + right) >> 1)];
        words[row] = (words[row] << 1 | (value > (BLACK + WHITE) / 2 ? 1 : 0)) >>> 0;
    }
    let frame = words[1];
    for (let shift = 1; shift < 32; shift *= 2)
        frame = (frame ^ frame >>> shift) >>> 0;
    const sender = words[0] >>> 16;
    return (words[0] & 0xffff) === checksumOf(sender, frame, words[2]) ? {sender, frame} : null;
}

// ---- The test tone (src/media/pattern/testtone.h)

const frequencyOf = (sender) => 400 + 100 * (sender % 32);

/// Whether most of these samples' power is in that frequency: Goertzel's algorithm.
function hasTone(samples, rate, frequency) {
    const coefficient = 2 * Math.cos(2 * Math.PI * frequency / rate);
    let power = 0, before = 0, last = 0;
    for (const sample of samples) {
        power += sample * sample;
        [before, last] = [last, sample + coefficient * last - before];
    }
    const there = last * last + before * before - coefficient * last * before;
    return power > 0 && 2 * there / samples.length > 0.6 * power;
}

// ---- What makes and takes raw media

/// Calls back so many times as have passed since it began, however late the timers are.
function pace(interval, make) {
    const begin = performance.now();
    let done = 0;
    setInterval(() => {
        for (; done * interval < performance.now() - begin; ++done)
            make(done);
    }, interval);
}

function paint(sender, frame) {
    const picture = new Uint8Array(WIDTH * HEIGHT * 3 / 2).fill(128);
    for (let y = 0; y < HEIGHT; ++y)
        picture.fill(64 + (y + frame) % 128, y * WIDTH, (y + 1) * WIDTH);
    writeStrip(picture, WIDTH, HEIGHT, sender, frame);
    return picture;
}

function sine(sender, block) {
    const count = RATE * BLOCK_TIME / 1000;
    return Int16Array.from({length: count}, (_, i) => 4096 * Math.sin(
        2 * Math.PI * frequencyOf(sender) * (block * count + i) / RATE));
}

const inBrowser = {
    video(sender) {
        const track = new MediaStreamTrackGenerator({kind: "video"});
        const writer = track.writable.getWriter();
        pace(PICTURE_TIME, (frame) => writer.write(new VideoFrame(paint(sender, frame), {
            format: "I420", codedWidth: WIDTH, codedHeight: HEIGHT,
            timestamp: frame * PICTURE_TIME * 1000})).catch(() => {}));
        return track;
    },
    audio(sender) {
        const track = new MediaStreamTrackGenerator({kind: "audio"});
        const writer = track.writable.getWriter();
        pace(BLOCK_TIME, (block) => {
            const data = sine(sender, block);
            writer.write(new AudioData({
                format: "s16", sampleRate: RATE, numberOfFrames: data.length, numberOfChannels: 1,
                timestamp: block * BLOCK_TIME * 1000, data})).catch(() => {});
        });
        return track;
    },
    takeVideo: (track, take) => inBrowser.read(track, async (frame) => {
        const octets = new Uint8Array(frame.allocationSize());
        const [luma] = await frame.copyTo(octets);
        take(octets.subarray(luma.offset), frame.visibleRect.width, frame.visibleRect.height,
             luma.stride);
    }),
    takeAudio(track, take) {
        // Nothing flows to others unless somebody listens.
        const element = new Audio();
        element.srcObject = new MediaStream([track]);
        element.play();
        return inBrowser.read(track, async (sound) => {
            const samples = new Float32Array(sound.numberOfFrames);
            sound.copyTo(samples, {planeIndex: 0, format: "f32-planar"});
            take(samples, sound.sampleRate);
        });
    },
    async read(track, take) {
        const reader = new MediaStreamTrackProcessor({track}).readable.getReader();
        for (;;) {
            const {value, done} = await reader.read();
            if (done)
                return;
            await take(value);
            value.close();
        }
    },
};

const inPackage = {
    video(sender) {
        const source = new nonstandard.RTCVideoSource();
        pace(PICTURE_TIME, (frame) => source.onFrame(
            {width: WIDTH, height: HEIGHT, data: paint(sender, frame)}));
        return source.createTrack();
    },
    audio(sender) {
        const source = new nonstandard.RTCAudioSource();
        pace(BLOCK_TIME, (block) => source.onData(
            {samples: sine(sender, block), sampleRate: RATE, bitsPerSample: 16, channelCount: 1}));
        return source.createTrack();
    },
    takeVideo(track, take) {
        new nonstandard.RTCVideoSink(track).onframe = ({frame: {data, width, height}}) =>
            take(data, width, height, width);
    },
    takeAudio(track, take) {
        new nonstandard.RTCAudioSink(track).ondata = ({samples, sampleRate, channelCount}) =>
            take(samples.filter((_, i) => i % channelCount === 0), sampleRate);
    },
};

// ---- The peer

class MediaPeer extends Peer {
    /// The other's id is known so that its tone can be counted.
    constructor(configuration, id, other) {
        super(configuration);
        this.id = id;
        this.other = other;
        this.kinds = [];
        this.media = globalThis.nonstandard ? inPackage : inBrowser;
        this.counted = {sender: null, pictures: 0, decoded: 0, size: [0, 0], sounds: 0, tones: 0};
        this.frames = new Set();
        this.connection.ontrack = ({track}) => track.kind === "video"
            ? this.media.takeVideo(track, (...picture) => this.see(...picture))
            : this.media.takeAudio(track, (...sound) => this.hear(...sound));
    }

    see(luma, width, height, stride) {
        const content = readStrip(luma, width, height, stride);
        ++this.counted.decoded;
        this.counted.size = [width, height];
        if (!content)
            return;
        this.counted.sender = content.sender;
        if (content.sender === this.other)
            this.counted.pictures = this.frames.add(content.frame).size;
    }

    hear(samples, rate) {
        ++this.counted.sounds;
        this.counted.tones += hasTone(samples, rate, frequencyOf(this.other));
    }

    figures() {
        return this.counted;
    }

    /// What it sends from the next description on.
    send(kinds) {
        this.kinds = kinds;
    }

    addTracks() {
        for (const kind of this.kinds) {
            if (!this.connection.getSenders().some(({track}) => track?.kind === kind))
                this.connection.addTrack(this.media[kind](this.id));
        }
    }

    /// Until that is answered.
    async offer() {
        if (!this.connection.remoteDescription)
            this.connection.createDataChannel("first");
        this.addTracks();
        await super.offer();
        while (this.connection.signalingState !== "stable")
            await once(this.connection, "signalingstatechange");
    }

    prepareAnswer() {
        this.addTracks();
    }

    async drop() {
        this.kinds = ["audio"];
        this.connection.getTransceivers().find(
            ({receiver}) => receiver.track.kind === "video").stop();
        await this.offer();
    }
}
