// Sockets, channels and waiting for the cases of this folder.

import assert from "node:assert/strict";
import { Socket } from "phoenix";
import WebSocket from "ws";

const patience = 10_000;
/** The client gives an answer as long as it waits for the next beat; then it connects anew. */
export const beatMs = 250;
const open = new Set();
let urls = [];

/** The sockets of two linked nodes; what is not told otherwise connects to the first. */
export function useServers(...addresses) {
  urls = addresses;
}
export const otherServerUrl = () => urls[1];

/** A connected `Socket`; `options` are the client's own. */
export function connect(params = {}, options = {}, url = urls[0]) {
  const socket = new Socket(url, {
    params,
    transport: WebSocket,
    timeout: 5000,
    reconnectAfterMs: () => 20,
    rejoinAfterMs: () => 20,
    ...options,
  });
  open.add(socket);
  socket.connect();
  return socket;
}

export async function disconnectAll() {
  await Promise.all([...open].map((socket) => new Promise((done) => socket.disconnect(done))));
  open.clear();
}

/** The answer to a push or a join: `{status, response}`. */
export function answer(push) {
  return within("an answer", (done) => {
    for (const status of ["ok", "error", "timeout", "perhaps"]) push.receive(status, (response) => done({ status, response }));
  });
}

/** A joined channel. */
export async function join(socket, topic, params = {}) {
  const channel = socket.channel(topic, params);
  const { status, response } = await answer(channel.join());
  assert.equal(status, "ok", `joining ${topic}: ${JSON.stringify(response)}`);
  return channel;
}

/** The next payload of that event. */
export function next(channel, event) {
  return within(`"${event}" on ${channel.topic}`, (done) => {
    const ref = channel.on(event, (payload) => {
      channel.off(event, ref);
      done(payload);
    });
  });
}

/** Resolves when `start(done)` calls `done(value)`; fails when it takes too long. */
export function within(what, start) {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`${what} did not come within ${patience} ms`)), patience);
    start((value) => {
      clearTimeout(late);
      resolve(value);
    });
  });
}

/** Waits until `holds()`, which something that comes from the server makes true. */
export async function until(what, holds) {
  const end = Date.now() + patience;
  while (!holds()) {
    if (Date.now() > end) throw new Error(`${what} did not become true within ${patience} ms`);
    await new Promise((again) => setTimeout(again, 5));
  }
}

export const octets = (...values) => new Uint8Array(values).buffer;
export const values = (buffer) => [...new Uint8Array(buffer)];
let last = 0;
/** A topic that no other case uses. */
export const freshTopic = (prefix) => `${prefix}:${++last}-${process.pid}`;
