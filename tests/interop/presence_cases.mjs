// The class Presence, fed by a server's presence. JS1 to JS11 are the cases of its own test suite, with what our server
// sends instead of made-up states.

import assert from "node:assert/strict";
import { Presence } from "phoenix";
import { answer, connect, freshTopic, otherServerUrl, until, within } from "./support.mjs";

/** A channel whose Presence notes what it is told. */
async function enter(topic, params = {}, { socket = connect(), events } = {}) {
  const channel = socket.channel(topic, params);
  const names = events ?? { state: "presence_state", diff: "presence_diff" };
  const raw = { states: [], diffs: [] };
  channel.on(names.state, (state) => raw.states.push(clone(state)));
  channel.on(names.diff, (diff) => raw.diffs.push(clone(diff)));
  const presence = new Presence(channel, events && { events });
  const calls = [];
  presence.onJoin((key, current, fresh) => calls.push({ on: "join", key, current: clone(current), fresh: clone(fresh) }));
  presence.onLeave((key, current, gone) => calls.push({ on: "leave", key, current: clone(current), gone: clone(gone) }));
  const synced = within("the state", (done) => presence.onSync(done));
  assert.equal((await answer(channel.join())).status, "ok");
  await synced;
  presence.onSync(() => {});
  return { socket, channel, presence, raw, calls, keys: () => keysOf(presence) };
}

const clone = (value) => (value === undefined ? undefined : JSON.parse(JSON.stringify(value)));
const keysOf = (presence) => presence.list((key) => key).sort();
const metasOf = (presence, key) => presence.list((k, { metas }) => [k, metas]).find(([k]) => k === key)?.[1];
const field = (metas, name) => metas?.map((meta) => meta[name]);
const sees = (who, ...keys) =>
  until(`the list to be ${keys}, it is ${who.keys()}`, () => JSON.stringify(who.keys()) === JSON.stringify(keys.sort()));
const told = (who, on, key) => who.calls.filter((call) => call.on === on && call.key === key);
const ask = async ({ channel }, event, payload) => assert.equal((await answer(channel.push(event, payload))).status, "ok");

export const cases = {
  "JS1 syncs empty state": async () => {
    const topic = freshTopic("presence");
    const ann = await enter(topic, { key: "ann", meta: { id: 1 } });
    await sees(ann, "ann");
    const watcher = await enter(topic);
    const [fromServer] = watcher.raw.states;
    const before = {};
    const after = Presence.syncState(before, clone(fromServer));
    assert.deepEqual(before, {});
    assert.deepEqual(clone(after), fromServer);
    assert.equal(fromServer.ann.metas.length, 1);
    assert.equal(fromServer.ann.metas[0].id, 1);
    assert.equal(typeof fromServer.ann.metas[0].phx_ref, "string");
  },

  "JS2 onJoins new presences and onLeave's left presences": async () => {
    const topic = freshTopic("presence");
    const stays = await enter(topic, { key: "u1", meta: { id: 1 } });
    const goes = await enter(topic, { key: "u4", meta: { id: 4 } });
    // Misses what happens while it is away, and hears of it by the state when it is back.
    const socket = connect({ user: topic }, { reconnectAfterMs: () => 400 });
    const watcher = await enter(topic, {}, { socket });
    await sees(watcher, "u1", "u4");
    watcher.calls.length = 0;
    const closed = within("the close", (done) => socket.onClose(done));
    const by = connect().channel(freshTopic("room"), {});
    await answer(by.join());
    await answer(by.push("disconnect", { id: `user:${topic}` }));
    await closed;
    await answer(goes.channel.leave());
    await enter(topic, { key: "u2", meta: { id: 2 } });
    await sees(stays, "u1", "u2");
    await sees(watcher, "u1", "u2");
    assert.equal(watcher.raw.states.length, 2);
    // A diff that only repeats what the state has said is a join of a key that is there already.
    const news = watcher.calls.filter(({ on, current }) => on === "leave" || current === undefined);
    assert.deepEqual(news.map(({ on, key }) => [on, key]).sort(), [["join", "u2"], ["leave", "u4"]]);
    const [join] = told(watcher, "join", "u2");
    assert.equal(join.current, undefined);
    assert.deepEqual(field(join.fresh.metas, "id"), [2]);
    const [leave] = told(watcher, "leave", "u4");
    assert.deepEqual(leave.current.metas, []);
    assert.deepEqual(field(leave.gone.metas, "id"), [4]);
  },

  "JS3 syncDiff syncs empty state": async () => {
    const topic = freshTopic("presence");
    const watcher = await enter(topic);
    assert.deepEqual(watcher.raw.states, [{}]);
    await enter(topic, { key: "u1", meta: { id: 1 } });
    await sees(watcher, "u1");
    const diff = watcher.raw.diffs.find(({ joins }) => joins.u1);
    assert.deepEqual(diff.leaves, {});
    const before = {};
    assert.deepEqual(clone(Presence.syncDiff(before, clone(diff))), diff.joins);
  },

  "JS4 removes presence when meta is empty and adds additional meta": async () => {
    const topic = freshTopic("presence");
    const first = await enter(topic, { key: "u1", meta: { device: "desk" } });
    const gone = await enter(topic, { key: "u2", meta: {} });
    await sees(first, "u1", "u2");
    await answer(gone.channel.leave());
    await sees(first, "u1");
    await enter(topic, { key: "u1", meta: { device: "phone" } });
    await until("both metas", () => metasOf(first.presence, "u1").length === 2);
    assert.deepEqual(field(metasOf(first.presence, "u1"), "device"), ["desk", "phone"]);
    const more = told(first, "join", "u1").at(-1);  // Its own join may have been told twice: by state and by diff.
    assert.deepEqual(field(more.current.metas, "device"), ["desk"]);
    assert.deepEqual(field(more.fresh.metas, "device"), ["phone"]);
  },

  "JS5 removes meta while leaving key if other metas exist": async () => {
    const topic = freshTopic("presence");
    const first = await enter(topic, { key: "u1", meta: { device: "desk" } });
    const second = await enter(topic, { key: "u1", meta: { device: "phone" } });
    await until("both metas", () => metasOf(first.presence, "u1")?.length === 2);
    await answer(second.channel.leave());
    await until("one meta", () => metasOf(first.presence, "u1").length === 1);
    assert.deepEqual(field(metasOf(first.presence, "u1"), "device"), ["desk"]);
    const [leave] = told(first, "leave", "u1");
    assert.deepEqual(field(leave.current.metas, "device"), ["desk"]);
    assert.deepEqual(field(leave.gone.metas, "device"), ["phone"]);
  },

  "JS6 syncs keys that collide with properties of prototypes": async () => {
    const topic = freshTopic("presence");
    const watcher = await enter(topic);
    const odd = ["__proto__", "constructor", "hasOwnProperty"];
    const one = await enter(topic);
    for (const key of odd) await ask(one, "track", { key, meta: { of: key } });
    await sees(watcher, ...odd);
    for (const key of odd) assert.deepEqual(field(metasOf(watcher.presence, key), "of"), [key]);
    const late = await enter(topic);
    await sees(late, ...odd);
    await ask(one, "untrack", { key: "__proto__" });
    await sees(watcher, "constructor", "hasOwnProperty");
    await answer(one.channel.leave());
    await sees(watcher);
    await sees(late);
  },

  "JS7 lists full presence by default": async () => {
    const topic = freshTopic("presence");
    const watcher = await enter(topic);
    await enter(topic, { key: "u1", meta: { id: 1 } });
    await enter(topic, { key: "u2", meta: { id: 2 } });
    await sees(watcher, "u1", "u2");
    const list = watcher.presence.list();
    assert.deepEqual(list.map(({ metas }) => metas.length), [1, 1]);
    assert.deepEqual(list.map(({ metas }) => metas[0].id).sort(), [1, 2]);
  },

  "JS8 lists with custom function": async () => {
    const topic = freshTopic("presence");
    const watcher = await enter(topic);
    await enter(topic, { key: "u1", meta: { id: 1, first: true } });
    await enter(topic, { key: "u1", meta: { id: 1, first: false } });
    await until("both metas", () => metasOf(watcher.presence, "u1")?.length === 2);
    const firsts = watcher.presence.list((key, { metas: [first] }) => [key, first.first]);
    assert.deepEqual(firsts, [["u1", true]]);
  },

  "JS9 syncs state and diffs": async () => {
    const topic = freshTopic("presence");
    const leaving = await enter(topic, { key: "u1", meta: { id: 1 } });
    await enter(topic, { key: "u2", meta: { id: 2 } });
    const watcher = await enter(topic);
    await sees(watcher, "u1", "u2");
    await answer(leaving.channel.leave());
    await sees(watcher, "u2");
    // What the server sent, folded by hand, is the same list: state first, the diffs in their order.
    const { states, diffs } = watcher.raw;
    const folded = diffs.reduce((state, diff) => Presence.syncDiff(state, clone(diff)), Presence.syncState({}, clone(states[0])));
    assert.deepEqual(clone(folded), clone(watcher.presence.state));
  },

  "JS10 allows custom channel events": async () => {
    const topic = freshTopic("renamed");
    const events = { state: "the state", diff: "the diff" };
    const watcher = await enter(topic, {}, { events });
    assert.deepEqual(watcher.raw.states, [{}]);
    const one = await enter(topic, {}, { events });
    await ask(one, "track", { key: "u1", meta: { id: 1 } });
    await sees(watcher, "u1");
    await ask(one, "untrack", { key: "u1" });
    await sees(watcher);
  },

  "JS11 updates existing meta for a presence update": async () => {
    const topic = freshTopic("presence");
    const watcher = await enter(topic);
    const one = await enter(topic, { key: "u1", meta: { status: "online" } });
    await sees(watcher, "u1");
    const [{ phx_ref: first }] = metasOf(watcher.presence, "u1");
    await ask(one, "update", { key: "u1", meta: { status: "away" } });
    await until("the update", () => field(metasOf(watcher.presence, "u1"), "status")?.includes("away"));
    const metas = metasOf(watcher.presence, "u1");
    assert.deepEqual(field(metas, "status"), ["away"]);
    assert.equal(metas[0].phx_ref_prev, first);
    assert.notEqual(metas[0].phx_ref, first);
    const update = told(watcher, "join", "u1").at(-1);
    assert.deepEqual(field(update.current.metas, "status"), ["online"]);
    assert.deepEqual(field(update.fresh.metas, "status"), ["away"]);
  },

  "a crash of a channel is a leave, and its rejoin a join with another ref": async () => {
    const topic = freshTopic("presence");
    const watcher = await enter(topic);
    const one = await enter(topic, { key: "u1", meta: {} });
    await sees(watcher, "u1");
    const [{ phx_ref: first }] = metasOf(watcher.presence, "u1");
    one.channel.push("unknown event", {});
    await until("another ref", () => field(metasOf(watcher.presence, "u1"), "phx_ref")?.some((ref) => ref !== first));
    await until("one meta", () => metasOf(watcher.presence, "u1")?.length === 1);
    assert.equal(one.channel.state, "joined");
  },

  "a lost connection is a leave": async () => {
    const topic = freshTopic("presence");
    const watcher = await enter(topic);
    const one = await enter(topic, { key: "u1", meta: {} });
    await sees(watcher, "u1");
    one.socket.conn.terminate();
    await until("the leave", () => told(watcher, "leave", "u1").length > 0);
    await sees(watcher, "u1"); // It is back by itself.
  },

  "who is on one node is seen on the other, and a broadcast is heard there": async () => {
    const topic = freshTopic("presence");
    const here = await enter(topic, { key: "here", meta: { n: 1 } });
    const there = await enter(topic, { key: "there", meta: { n: 2 } }, { socket: connect({}, {}, otherServerUrl()) });
    await sees(here, "here", "there");
    await sees(there, "here", "there");
    assert.deepEqual(clone(here.presence.state), clone(there.presence.state));
    await ask(there, "update", { key: "there", meta: { n: 3 } });
    await until("the update", () => field(metasOf(here.presence, "there"), "n")?.[0] === 3);
    await answer(there.channel.leave());
    await sees(here, "here");
  },

  "when a node dies those on it leave the list, and all others stay": async () => {
    const topic = freshTopic("presence");
    const here = await enter(topic, { key: "here", meta: {} });
    const socket = connect({}, { reconnectAfterMs: () => 60_000 }, otherServerUrl());
    const there = await enter(topic, { key: "there", meta: {} }, { socket });
    await enter(topic, { key: "here", meta: { device: 2 } });
    await sees(here, "here", "there");
    await sees(there, "here", "there");
    const lost = within("the loss", (done) => socket.onClose(done));
    const doom = socket.channel("doom", {});
    await answer(doom.join());
    doom.push("now", {});
    assert.equal((await lost).code, 1006);
    await sees(here, "here");
    assert.equal(metasOf(here.presence, "here").length, 2);
    assert.deepEqual(here.calls.filter(({ on }) => on === "leave").map(({ key }) => key), ["there"]);
  },
};
