// LiveSocket and the views of it: npm's phoenix_live_view against the views of views/.

import assert from "node:assert/strict";
import { leaveAll, plain, visit } from "./browser.mjs";
import { beatMs, until } from "./support.mjs";

/** On #board: `page.do("append")` has the view take that step. */
const Steps = {
  mounted() {
    this.el.step = (step) => this.pushEvent("do", { step });
  },
};
async function visitBoard() {
  const page = await visit("/board", { hooks: { Steps } });
  page.do = async (...steps) => {
    for (const step of steps) await page.one("#board").step(step);
    await page.settled();
  };
  page.takeMessages();
  return page;
}

/** On #probe of /counter: `calls` has what happened to the hook. */
function probe() {
  const calls = [];
  const note = (name) =>
    function () {
      calls.push(name);
    };
  const hook = {
    mounted() {
      calls.push("mounted");
      calls.hook = this;
      this.handleEvent("before", ({ n }) => calls.push(`before ${n}, ${document(this)} shown`));
      this.handleEvent("after", ({ n }) => calls.push(`after ${n}, ${document(this)} shown`));
    },
    disconnected: note("disconnected"),
    reconnected: note("reconnected"),
    destroyed: note("destroyed"),
  };
  const document = (of) => of.el.ownerDocument.querySelector("#count").textContent;
  return { calls, hooks: { Probe: hook } };
}
const visitCounter = (more = {}) => visit("/counter", { ...probe(), ...more });

const diffs = (page) =>
  page.takeMessages().map(([, , , event, payload]) => (event === "phx_reply" ? payload.response.diff : event === "diff" ? payload : event));

const all = {
  "a page is complete without a connection, and its first render the same": async () => {
    for (const path of ["/counter", "/entry"]) {
      const page = await visit(path, { connects: false });
      const before = page.shown();
      assert.match(before, /<h1>/);
      await page.connect(probe());
      assert.equal(page.shown(), before);
      assert.ok(page.one("[data-phx-main]").classList.contains("phx-connected"));
    }
    const board = await visit("/board", { connects: false });
    const before = board.shown();
    await board.connect({ hooks: { Steps } });
    assert.equal(board.shown(), before);
  },

  "a click is answered with what changed, and the title with it": async () => {
    const page = await visitCounter();
    assert.equal(page.document.title, "Counter 0 · Interop");
    page.takeMessages();
    await page.click("#inc");
    assert.equal(page.text("#count"), "1");
    await until("the title", () => page.document.title === "Counter 1 · Interop");
    const [[joinRef, ref, topic, event, payload], ...more] = page.takeMessages();
    assert.deepEqual(more, []);
    assert.ok(typeof joinRef === "string" && typeof ref === "string" && topic.startsWith("lv:phx-") && event === "phx_reply");
    assert.equal(payload.status, "ok");
    assert.equal(Object.keys(payload.response.diff).length, 2, JSON.stringify(payload)); // The number and the title.

    await page.click("#five b"); // A conditional appears, then changes.
    assert.equal(page.text("#big"), "big 6");
    await page.click("#inc");
    assert.equal(page.text("#big"), "big 7");
  },

  "what the view does by itself comes as a diff": async () => {
    const page = await visitCounter();
    await page.click("#later");
    await page.shows("#count", "100");
    assert.equal(page.takeMessages("diff").length, 1);
  },

  "keys, and commands that push and change classes, which patches keep": async () => {
    const page = await visitCounter();
    await page.key("x");
    assert.equal(page.text("#page"), "one");
    await page.key("Escape");
    assert.equal(page.text("#page"), "Escape");
    await page.click("#js");
    assert.equal(page.text("#count"), "2");
    const isHot = () => page.one("#count").classList.contains("hot");
    await until("the class", isHot);
    await page.click("#inc");
    assert.ok(isHot());
  },

  "a hook pushes and gets its reply; pushed events come before and after the patch": async () => {
    const { calls, hooks } = probe();
    const page = await visit("/counter", { hooks });
    const onWindow = page.pushed("after");
    const reply = plain(await calls.hook.pushEvent("ask", { q: ["ü", 1, null] }));
    assert.deepEqual(reply, { echo: { q: ["ü", 1, null] }, count: 0 });
    assert.deepEqual(await onWindow, { n: 2 });
    assert.deepEqual([...calls], ["mounted", "before 1, 0 shown", "after 2, 1 shown"]);
  },

  "work of a view shows that it is under way, then what came of it": async () => {
    const page = await visitCounter();
    page.takeMessages();
    await page.click("#load");
    assert.match(JSON.stringify(page.takeMessages("phx_reply")), /loading/);
    await page.shows("#weather", "sunny");
    assert.equal(page.one("#loading", true), null);
  },

  "a form is checked while it is filled in, but not where nobody has been, and sent": async () => {
    const page = await visit("/entry");
    await page.type("#guest_name", "a");
    assert.deepEqual(page.texts(".error"), ["should have at least 2 character(s)"]);
    assert.equal(page.one("#guest_name").value, "a");
    await page.type("#guest_name", "ann");
    await page.type("#guest_age", "7");
    assert.deepEqual(page.texts(".error"), ["must be from 18 to 130"]);
    await page.type("#guest_age", "33");
    assert.deepEqual(page.texts(".error"), []);
    await page.submit("#guest");
    assert.equal(page.text("#saved"), "ann");
    assert.match(page.text(".flash-info"), /^Saved ann/);
    await page.click(".flash-info button");
    assert.equal(page.one(".flash-info", true), null);
  },

  "a stream: appended, put before and between, updated, removed, limited, reset, cleared": async () => {
    const page = await visitBoard();
    const lines = () => page.texts("#lines > li").map((text) => text.replace("line ", ""));
    assert.deepEqual(lines(), ["1", "2", "3"]);
    const second = page.one("#lines-2");
    await page.do("append", "prepend", "between");
    assert.deepEqual(lines(), ["5", "6", "1", "2", "3", "4"]);
    await page.do("update", "remove");
    assert.deepEqual(lines(), ["5", "6", "two", "3", "4"]);
    assert.equal(page.one("#lines-2"), second, "an update keeps the element");
    await page.do("keep last two");
    assert.deepEqual(lines(), ["4", "7"]);
    await page.do("reset");
    assert.deepEqual(lines(), ["9", "7 again"]);
    await page.do("many");
    assert.equal(lines().length, 502);
    await page.do("clear");
    assert.deepEqual(lines(), []);
    await page.do("append");
    assert.deepEqual(lines(), ["4"]);
  },

  "rows with keys move, change, come and go, and keep their elements": async () => {
    const page = await visitBoard();
    const ann = page.one("#name-ann");
    await page.do("reverse");
    assert.deepEqual(page.texts("#names li"), ["cid", "bob", "ann"]);
    await page.do("rename", "add name");
    assert.deepEqual(page.texts("#names li"), ["dan", "cid!", "bob", "ann"]);
    assert.equal(page.one("#name-ann"), ann);
    await page.do("no names");
    assert.deepEqual(page.texts("#names li"), []);
    await page.do("add name");
    assert.deepEqual(page.texts("#names li"), ["dan"]);
  },

  "live components have events of their own, share a template, and are forgotten when they are gone": async () => {
    const page = await visitBoard();
    const bumped = page.pushed("bumped");
    await page.click("#leaf-b button");
    assert.deepEqual(await bumped, { leaf: "b", count: 1 });
    assert.deepEqual(page.texts("#leaves b"), ["0", "1"]);
    assert.deepEqual(Object.keys(diffs(page)[0]).sort(), ["c", "e"]); // Nothing but the component.

    await page.do("add leaf");
    const [added] = diffs(page);
    assert.equal(typeof Object.values(added.c)[0].s, "number", "the third leaf refers to the template of another");
    await page.do("label");
    assert.deepEqual(page.texts("#leaves .leaf"), ["twig a: 0 bump", "twig b: 1 bump", "twig c: 0 bump"]);

    page.frames.length = 0;
    await page.do("drop leaf");
    assert.deepEqual(page.texts("#leaves .leaf"), ["twig b: 1 bump"]);
    const asked = () => page.frames.filter(({ from, text }) => from === "client" && /cids_destroyed/.test(text));
    await until("the handshake", () => asked().length === 1 && page.isSettled);
    const ref = JSON.parse(asked()[0].text)[1];
    const answer = () => page.frames.map(({ from, text }) => from === "server" && JSON.parse(text)).find((message) => message[1] === ref);
    await until("its answer", answer);
    assert.deepEqual(answer()[4].response.cids.length, 2);
    await page.click("#leaf-b button");
    assert.deepEqual(page.texts("#leaves b"), ["2"]);
  },

  "a nested view joins with its page, comes and goes, and crashes alone": async () => {
    const page = await visitBoard();
    assert.equal(page.text("#ticks"), "CET 0");
    await page.click("#tick");
    assert.equal(page.text("#ticks"), "CET 1");
    await page.do("append"); // The parent's diff leaves it alone.
    assert.equal(page.text("#ticks"), "CET 1");

    await page.do("toggle child");
    assert.equal(page.one("#kid", true), null);
    await page.do("toggle child");
    await page.shows("#ticks", "CET 0");

    await page.click("#leaf-a button");
    await page.click("#tick");
    page.click("#kid-crash").catch(() => {});
    await page.shows("#ticks", "CET 0");
    assert.deepEqual(page.texts("#leaves b"), ["1", "0"]);
  },

  "a sticky view stays while the page is navigated": async () => {
    const page = await visitCounter();
    await page.click("#play");
    const player = page.one("#play");
    await page.click("#to-entry");
    await until("the other page", () => page.path === "/entry" && page.isSettled);
    assert.equal(page.one("#play"), player);
    await page.click("#play");
    assert.equal(page.text("#play"), "2 plays");
  },

  "patches by link, by the view, and back again": async () => {
    const page = await visitCounter();
    await page.click("#inc");
    await page.click("#to-two");
    await page.shows("#page", "two");
    assert.equal(page.path, "/counter?page=two");
    await page.click("#patch");
    await page.shows("#page", "patched");
    await until("the address", () => page.path === "/counter?page=patched");
    page.window.history.back();
    await page.shows("#page", "two");
    assert.equal(page.text("#count"), "1");
    assert.deepEqual(page.left, []);
  },

  "live navigation by link and by the view: nothing is loaded, the flash comes along": async () => {
    const { calls, hooks } = probe();
    const page = await visit("/counter", { hooks });
    await page.click("#navigate");
    await until("the other page", () => page.path === "/entry" && page.isSettled);
    assert.match(page.text(".flash-info"), /^navigated/);
    await until("its title", () => page.document.title === "Entry · Interop");
    assert.deepEqual([...calls], ["mounted", "destroyed"]);
    await page.click("#to-counter");
    await until("the first page", () => page.path === "/counter" && page.isSettled);
    assert.equal(page.one(".flash-info", true), null);
    await page.click("#inc");
    assert.equal(page.text("#count"), "1");
    page.window.history.back();
    await until("the other page again", () => page.path === "/entry" && page.isSettled && page.text("h1") === "Entry");
    assert.deepEqual(page.left, []);
  },

  "a redirect loads a page, with the flash in its cookie, once": async () => {
    const page = await visitCounter();
    page.click("#redirect").catch(() => {});
    await until("the redirect", () => page.left.length === 1);
    assert.deepEqual(page.left, ["/counter?page=redirected"]);
    const next = await visit(page.left[0], { cookies: page.cookies, connects: false });
    assert.match(next.text(".flash-info"), /^redirected/);
    await next.connect(probe());
    assert.match(next.text(".flash-info"), /^redirected/);
    const again = await visit(page.left[0], { cookies: page.cookies, ...probe() });
    assert.equal(again.one(".flash-info", true), null);
  },

  "a link into another live session, or to no view, loads the page": async () => {
    const page = await visitCounter();
    page.click("#to-elsewhere").catch(() => {});
    await until("the page load", () => page.left.length > 0);
    assert.deepEqual(page.left, ["/elsewhere"]);
  },

  "a view that is not there when it connects is a page load with that status": async () => {
    const page = await visit("/counter?page=missing-when-connected", probe());
    await until("the page load", () => page.left.length > 0);
    assert.match(page.document.cookie, /__phoenix_reload_status__=/);
    const status = await fetchStatus(page);
    assert.equal(status, 404);
  },

  "a page whose tokens are not good any more is loaded anew": async () => {
    for (const patch of [
      (document) => document.querySelector("[data-phx-main]").setAttribute("data-phx-session", "x.y.z"),
      (document) => (document.querySelector("meta[name=csrf-token]").content = "stolen"),
    ]) {
      const page = await visit("/counter", { ...probe(), patch });
      assert.deepEqual(page.left.slice(0, 1), ["/counter"]);
    }
  },

  "a view that crashes is mounted anew, and its form filled in again": async () => {
    const page = await visit("/entry");
    await page.type("#guest_name", "ann");
    await page.type("#guest_age", "7");
    const seen = [];
    const root = page.one("[data-phx-main]");
    new page.window.MutationObserver(() => seen.push(root.className)).observe(root, { attributes: true });
    page.click("#crash").catch(() => {});
    await until("the crash", () => seen.some((each) => /phx-server-error/.test(each)));
    await page.settled();
    assert.equal(page.one("#guest_name").value, "ann");
    assert.equal(page.one("#guest_age").value, "7");
    assert.deepEqual(page.texts(".error"), ["must be from 18 to 130"]);
    assert.deepEqual(page.left, []);
  },

  "a lost connection comes back, with fresh views and what was typed": async () => {
    const { calls, hooks } = probe();
    const counter = await visit("/counter", { hooks });
    await counter.click("#inc");
    await dropConnection(counter);
    await counter.shows("#count", "0");
    assert.deepEqual([...calls], ["mounted", "disconnected", "reconnected"]);

    const entry = await visit("/entry");
    await entry.type("#guest_name", "ann");
    await dropConnection(entry);
    assert.equal(entry.one("#guest_name").value, "ann");

    const board = await visitBoard();
    await board.do("append");
    await board.click("#tick");
    await dropConnection(board);
    await board.shows("#ticks", "CET 0");
    assert.deepEqual(board.texts("#lines > li"), ["line 1", "line 2", "line 3"]);
    for (const page of [counter, entry, board]) assert.deepEqual(page.left, []);
  },

  "heartbeats of a page are answered": async () => {
    const page = await visitCounter({ heartbeatIntervalMs: beatMs });
    page.takeMessages();
    const answers = () => page.frames.filter(({ from, text }) => from === "server" && JSON.parse(text)[2] === "phoenix").length;
    await until("three of them", () => answers() >= 3);
    await page.click("#inc");
    assert.equal(page.text("#count"), "1");
  },

  "200 events without waiting are answered in order": async () => {
    const { calls, hooks } = probe();
    const page = await visit("/counter", { hooks });
    page.takeMessages();
    await Promise.all(Array.from({ length: 200 }, () => calls.hook.pushEvent("inc", {})));
    assert.equal(page.text("#count"), "200");
    const refs = page.takeMessages("phx_reply").map((message) => Number(message[1]));
    assert.deepEqual(refs, [...refs].sort((a, b) => a - b));
    assert.equal(refs.length, 200);
  },

  "20 browsers at once each have a view of their own": async () => {
    const pages = await Promise.all(Array.from({ length: 20 }, () => visitCounter()));
    await Promise.all(
      pages.map(async (page, i) => {
        for (let n = 0; n <= i; ++n) await page.click("#inc");
      }),
    );
    pages.forEach((page, i) => assert.equal(page.text("#count"), String(i + 1)));
    assert.equal(new Set(pages.map((page) => page.one("[data-phx-main]").id)).size, 20);
  },
};

async function dropConnection(page) {
  const socket = page.live.getSocket();
  const lost = until("the loss", () => page.one("[data-phx-main]").classList.contains("phx-client-error"));
  socket.conn.close(4000, "lost");
  await lost;
  await page.settled();
}

async function fetchStatus(page) {
  const url = page.window.location.href;
  const answer = await fetch(url, { headers: { cookie: await page.cookies.getCookieString(url), accept: "text/html" } });
  return answer.status;
}

/** Each ends by leaving its pages, in which the client must not have complained. */
export const cases = Object.fromEntries(
  Object.entries(all).map(([name, run]) => [
    name,
    async () => {
      try {
        await run();
      } catch (failure) {
        await leaveAll().catch(() => {});
        throw failure;
      }
      await leaveAll();
    },
  ]),
);
