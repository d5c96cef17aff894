// The classes Socket and Channel.

import assert from "node:assert/strict";
import { LongPoll } from "phoenix";
import { answer, beatMs, connect, freshTopic, join, next, octets, until, values, within } from "./support.mjs";

export const cases = {
  "a channel is joined with parameters and gets the server's response": async () => {
    const socket = connect({ user: "ann" });
    const topic = freshTopic("room");
    const { status, response } = await answer(socket.channel(topic, {}).join());
    assert.deepEqual({ status, response }, { status: "ok", response: { topic, user: "ann" } });
  },

  "a refused join, a crashed one and one without a route are errors with the reason": async () => {
    const socket = connect();
    const refused = async (topic, params) => {
      const channel = socket.channel(topic, params);
      const got = await answer(channel.join());
      channel.leave();
      return got;
    };
    const reason = (text) => ({ status: "error", response: { reason: text } });
    assert.deepEqual(await refused(freshTopic("room"), { refuse: "full" }), reason("full"));
    assert.deepEqual(await refused(freshTopic("room"), { crash: true }), reason("join crashed"));
    assert.deepEqual(await refused("nowhere", {}), reason("unmatched topic"));
  },

  "a refused join is tried again until it is accepted": async () => {
    const params = { refuse: "full" };
    const channel = connect().channel(freshTopic("room"), () => params);
    const joined = within("the second join", (done) => channel.join().receive("ok", done).receive("error", () => delete params.refuse));
    await joined;
    assert.equal(channel.state, "joined");
  },

  "messages go both ways as JSON and as octets": async () => {
    const channel = await join(connect(), freshTopic("room"));
    const odd = { text: "line\u2028 \u0000 \u{1F600}", list: [1, -2.5, null, true], "__proto__x": {} };
    assert.deepEqual(await answer(channel.push("echo", odd)), { status: "ok", response: odd });
    const { status, response } = await answer(channel.push("echo", octets(0, 255, 10, 65)));
    assert.equal(status, "ok");
    assert.deepEqual(values(response), [0, 255, 10, 65]);

    const pushed = next(channel, "news");
    channel.push("push", { event: "news", payload: { n: 1 } });
    assert.deepEqual(await pushed, { n: 1 });
    const raw = next(channel, "octets");
    channel.push("push octets", octets(1, 2, 3));
    assert.deepEqual(values(await raw), [1, 2, 3]);
  },

  "a broadcast reaches everybody, broadcast_from everybody else, as JSON and as octets": async () => {
    const topic = freshTopic("room");
    const [ann, bob] = [await join(connect(), topic), await join(connect(), topic)];
    let got = [next(ann, "said"), next(bob, "said")];
    assert.equal((await answer(ann.push("say", { text: "hi" }))).status, "ok");
    assert.deepEqual(await Promise.all(got), [{ text: "hi" }, { text: "hi" }]);

    got = [next(ann, "octets"), next(bob, "octets")];
    ann.push("shout octets", octets(9, 8));
    assert.deepEqual((await Promise.all(got)).map(values), [[9, 8], [9, 8]]);

    const heard = [];
    ann.on("said", (payload) => heard.push(payload));
    const other = next(bob, "said");
    assert.equal((await answer(ann.push("say to others", { text: "psst" }))).status, "ok");
    assert.deepEqual(await other, { text: "psst" });
    assert.deepEqual(heard, []);
  },

  "an intercepted broadcast comes as the channel has changed it": async () => {
    const topic = freshTopic("room");
    const plain = await join(connect(), topic);
    const picky = await join(connect(), topic, { intercept: true });
    const got = [next(plain, "filtered"), next(picky, "filtered")];
    plain.push("say filtered", { n: 1 });
    assert.deepEqual(await Promise.all(got), [{ n: 1 }, { n: 1, "seen by": "handle_out" }]);
  },

  "errors and other statuses, late answers and none": async () => {
    const channel = await join(connect(), freshTopic("room"));
    const say = (payload, timeout) => answer(channel.push("answer", payload, timeout));
    assert.deepEqual(await say({ status: "error", response: { why: 7 } }), { status: "error", response: { why: 7 } });
    assert.deepEqual(await say({ status: "perhaps", response: {} }), { status: "perhaps", response: {} });
    assert.deepEqual(await say({ status: "ok", response: { late: true }, after: 50 }), { status: "ok", response: { late: true } });
    assert.equal((await answer(channel.push("silence", {}, 60))).status, "timeout");
  },

  "200 pushes in a row are answered in order": async () => {
    const channel = await join(connect(), freshTopic("room"));
    const pushes = Array.from({ length: 200 }, () => channel.push("count", {}));
    const order = [];
    await Promise.all(pushes.map(async (push) => order.push((await answer(push)).response.n)));
    assert.deepEqual(order, Array.from({ length: 200 }, (_, i) => i + 1));
  },

  "a message of 300 kB and its answer": async () => {
    const channel = await join(connect(), freshTopic("room"));
    const text = "ü".repeat(150_000);
    assert.equal((await answer(channel.push("echo", { text }))).response.text, text);
  },

  "a crash is an error of that channel only, which joins again by itself": async () => {
    const socket = connect();
    const [frail, sound] = [await join(socket, freshTopic("room")), await join(socket, freshTopic("room"))];
    await answer(frail.push("count", {}));
    const failed = within("the error", (done) => frail.onError(done));
    const push = frail.push("crash", {}, 200);
    await failed;
    await until("the channel to be joined again", () => frail.state === "joined");
    assert.equal((await answer(frail.push("count", {}))).response.n, 1);
    assert.equal((await answer(sound.push("count", {}))).response.n, 1);
    assert.equal((await answer(push)).status, "timeout");
    assert.ok(socket.isConnected());
  },

  "a channel that the server stops is closed and does not come back": async () => {
    const channel = await join(connect(), freshTopic("room"));
    const closed = within("the close", (done) => channel.onClose(done));
    channel.push("stop", {});
    await closed;
    assert.equal(channel.state, "closed");
  },

  "a leave is answered, and the topic can be joined again": async () => {
    const socket = connect();
    const topic = freshTopic("room");
    const first = await join(socket, topic);
    assert.equal((await answer(first.leave())).status, "ok");
    assert.equal(first.state, "closed");
    const second = await join(socket, topic);
    assert.equal((await answer(second.push("count", {}))).response.n, 1);
  },

  "a second channel of the same topic takes the place of the first": async () => {
    const socket = connect();
    const topic = freshTopic("room");
    const first = await join(socket, topic);
    const second = await join(socket, topic);
    assert.equal(first.state, "closed");
    assert.equal((await answer(second.push("count", {}))).response.n, 1);
  },

  "a join that takes too long is left and tried again": async () => {
    const params = { later: 400 };
    const channel = connect({}, { timeout: 100 }).channel(freshTopic("room"), () => params);
    const timedOut = within("the time-out", (done) => channel.join().receive("timeout", done));
    await timedOut;
    delete params.later;
    await until("the channel to be joined", () => channel.state === "joined");
    assert.equal((await answer(channel.push("count", {}, 5000))).response.n, 1); // Not within the socket's 100 ms.
  },

  "heartbeats are answered": async () => {
    const socket = connect({}, { heartbeatIntervalMs: beatMs });
    const beats = [];
    await within("the connection", (done) => socket.onOpen(done));
    socket.onMessage(({ topic, event, payload }) => topic === "phoenix" && beats.push([event, payload.status]));
    await until("three answers", () => beats.length >= 3);
    assert.deepEqual(beats[0], ["phx_reply", "ok"]);
    const rtt = await within("a ping", (done) => socket.ping(done));
    assert.ok(rtt >= 0);
    assert.ok(socket.isConnected());
  },

  "disconnect on the socket's id closes it with 1001, and it comes back with its channels": async () => {
    const victim = connect({ user: "eve" });
    const other = await join(connect({ user: "bob" }), freshTopic("room"));
    const channel = await join(victim, freshTopic("room"));
    const closed = within("the close", (done) => victim.onClose(done));
    await answer(other.push("disconnect", { id: "user:eve" }));
    assert.equal((await closed).code, 1001);
    await until("the channel to be joined again", () => victim.isConnected() && channel.state === "joined");
    assert.equal((await answer(channel.push("count", {}))).response.n, 1);
    assert.equal(other.state, "joined");
  },

  "the authToken reaches the server, and the parameters do": async () => {
    const channel = await join(connect({ nested: { a: "1" } }, { authToken: "eyJhbGc.iOiJ-IUzI_1NiJ9" }), freshTopic("room"));
    const { response } = await answer(channel.push("whoami", {}));
    assert.equal(response.params.nested.a, "1");
    assert.equal(response.token, "eyJhbGc.iOiJ-IUzI_1NiJ9");
  },

  "a refused connection is an error, and is tried again": async () => {
    const params = { refuse: "yes" };
    const socket = connect(() => params);
    await within("the error", (done) => socket.onError(done));
    const opened = within("the connection", (done) => socket.onOpen(done));
    delete params.refuse;
    await opened;
    await join(socket, freshTopic("room"));
  },

  "long polling is refused, and the client knows it": async () => {
    const socket = connect({}, { transport: LongPoll, reconnectAfterMs: () => 60_000 });
    const closed = within("the close", (done) => socket.onClose(done));
    assert.equal(await within("the error", (done) => socket.onError(done)), 403);
    assert.equal((await closed).code, 1008);
  },
};
