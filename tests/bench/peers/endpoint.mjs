// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

// One of the two processes of a measurement, with another library than ours:
//
//     node endpoint.mjs ADAPTER.mjs MODULES listen
//     node endpoint.mjs ADAPTER.mjs MODULES dial PORT
//
// It takes one command a line on standard input and answers with one line of JSON; bench.py says
// which commands there are. The signals of all connections go over one TCP connection between the
// two processes, which no rendezvous can beat.

import { createRequire } from 'node:module';
import net from 'node:net';
import readline from 'node:readline';
import { pathToFileURL } from 'node:url';

const [adapterPath, modules, role, port] = process.argv.slice(2);
const adapter = await import(pathToFileURL(adapterPath));
const library = adapter.load(createRequire(modules + '/'));

const HighWater = 1 << 20;
const LowWater = 256 << 10;

// CLOCK_MONOTONIC in nanoseconds, as the other process reads it too.
const now = () => Number(process.hrtime.bigint());
const tell = (answer) => process.stdout.write(JSON.stringify(answer) + '\n');

const connections = new Map();
const counted = { messages: 0, octets: 0, first: 0, last: 0 };
let signals;

function addConnection(id, isCaller, channels, onChannel) {
    const connection = library.open({
        isCaller, channels, onChannel,
        sendSignal: (signal) => signals.write(JSON.stringify({ id, signal }) + '\n'),
    });
    connections.set(id, connection);
    return connection;
}

function useSignals(socket) {
    socket.setNoDelay(true);
    signals = socket;
    readline.createInterface({ input: socket }).on('line', (line) => {
        const { id, signal, end } = JSON.parse(line);
        if (end) {
            connections.get(id)?.close();
            connections.delete(id);
            return;
        }
        if (!connections.has(id) && role === 'dial')
            return; // hung up already
        const known = connections.get(id) ?? addConnection(id, false, [], serve);
        known.handleSignal(signal);
    });
}

// The listening side: echoes, or counts, by what the channel is called.
function serve(channel) {
    let isFirst = true;
    channel.onMessage((data) => {
        const time = now();
        if (channel.label === 'echo') {
            if (isFirst)
                tell({ first: time });
            isFirst = false;
            channel.send(Buffer.from(data));
            return;
        }
        counted.messages += 1;
        counted.octets += data.byteLength;
        counted.first ||= time;
        counted.last = time;
    });
}

// A connection with these channels, when the last of them has opened.
function dial(id, channels) {
    return new Promise((resolve) => {
        const open = {};
        addConnection(id, true, channels, (channel) => {
            open[channel.label] = channel;
            if (Object.keys(open).length === channels.length)
                resolve(open);
        });
    });
}

function hangUp(id) {
    connections.get(id).close();
    connections.delete(id);
    signals.write(JSON.stringify({ id, end: true }) + '\n');
}

const nextMessage = (channel) => new Promise((resolve) => channel.onMessage(resolve));

let lastId = 0;
let session;

const commands = {
    // One connection from nothing to the first octet and back, then its end.
    async connect() {
        const id = ++lastId;
        const dialed = now();
        const { echo } = await dial(id, [{ label: 'echo' }]);
        const opened = now();
        const answered = nextMessage(echo);
        echo.send(Buffer.from([1]));
        await answered;
        hangUp(id);
        return { dialed, opened };
    },
    // The connection that the following commands use.
    async session() {
        session = await dial(++lastId, [
            { label: 'echo' }, { label: 'bulk' }, { label: 'datagrams', unreliable: true }]);
        return {};
    },
    async roundtrips({ count, size }) {
        const payload = Buffer.alloc(size, 7);
        const times = [];
        for (let i = 0; i < count; ++i) {
            const answered = nextMessage(session.echo);
            const start = now();
            session.echo.send(payload);
            await answered;
            times.push(now() - start);
        }
        return { times };
    },
    async send({ channel: label, size, seconds }) {
        const channel = session[label];
        const payload = Buffer.alloc(size, 7);
        const end = now() + seconds * 1e9;
        let messages = 0;
        let wake = () => {};
        channel.onLow(LowWater, () => wake());
        for (;;) {
            for (; now() < end && channel.buffered() < HighWater; ++messages)
                channel.send(payload);
            if (now() >= end && channel.buffered() <= LowWater)
                return { messages };
            // The timer is for an event that came while the buffer was being filled.
            await new Promise((resolve) => { wake = resolve; setTimeout(resolve, 5); });
        }
    },
    async count() {
        return { ...counted };
    },
    async reset() {
        Object.assign(counted, { messages: 0, octets: 0, first: 0, last: 0 });
        return {};
    },
    async many({ count }) {
        await Promise.all(Array.from({ length: count },
            () => dial(++lastId, [{ label: 'echo' }])));
        return {};
    },
};

async function obey(line) {
    const { do: name, ...parameters } = JSON.parse(line);
    if (name === 'quit') {
        library.shutdown();
        process.exit(0);
    }
    tell(await commands[name](parameters));
}

if (role === 'listen') {
    const server = net.createServer(useSignals);
    server.listen(0, '127.0.0.1', () => tell({ address: String(server.address().port) }));
} else {
    const socket = net.connect(Number(port), '127.0.0.1', () => {
        useSignals(socket);
        tell({});
    });
}
readline.createInterface({ input: process.stdin })
    .on('line', obey)
    .on('close', () => process.exit(0));
