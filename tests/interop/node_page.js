// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

// Runs scripts with a package's RTCPeerConnection: node node_page.js PACKAGE MODULES. JSON lines: in
// {"id":…,"script":…}, out {"id":…,"value":…} or {"id":…,"error":…}, and {"told":…} by tell().

"use strict";

const path = require("node:path");
const readline = require("node:readline");
const vm = require("node:vm");
const {createRequire} = require("node:module");
const {pathToFileURL} = require("node:url");

const [stack, modules] = process.argv.slice(2);
/// What has the names of W3C WebRTC, where that is not the package itself.
const entries = {"node-datachannel": "node-datachannel/polyfill"};

const say = (message) => process.stdout.write(JSON.stringify(message) + "\n");

async function load() {
    const find = createRequire(path.join(modules, "none.js"));
    const entry = find.resolve(entries[stack] ?? stack);
    const loaded = await import(pathToFileURL(entry).href);
    const own = await import(pathToFileURL(find.resolve(stack)).href);
    const {RTCPeerConnection, RTCSessionDescription, nonstandard} =
        loaded.default?.RTCPeerConnection ? loaded.default : loaded;
    Object.assign(globalThis, {
        RTCPeerConnection, RTCSessionDescription, nonstandard, native: own.default ?? own,
        tell: (text) => say({told: text}),
    });
}

async function run({id, script}) {
    try {
        say({id, value: await vm.runInThisContext(script)});
    } catch (error) {
        say({id, error: String(error?.stack ?? error)});
    }
}

process.on("unhandledRejection", (error) => process.stderr.write(`${error?.stack ?? error}\n`));
load().then(() => {
    readline.createInterface({input: process.stdin})
        .on("line", (line) => run(JSON.parse(line)))
        .on("close", () => process.exit(0));
});
