// A browser for the live views: pages in jsdom with the npm clients, unmodified, as their <script> builds run in a page.
//
// What jsdom does not have is made up here: it never leaves a page (`page.left` says where it would have gone), has no
// layout and no CSS.escape.

import assert from "node:assert/strict";
import fs from "node:fs";
import { createRequire } from "node:module";
import vm from "node:vm";
import { CookieJar, JSDOM, VirtualConsole } from "jsdom";
import { until, within } from "./support.mjs";

const require = createRequire(import.meta.url);
const { implementation } = require("jsdom/lib/jsdom/living/window/Location-impl.js");
const { implForWrapper } = require("jsdom/lib/jsdom/living/generated/utils.js");
const whatwgUrl = require("whatwg-url");

const folder = (name) => new URL(`node_modules/${name}/priv/static/${name}.js`, import.meta.url);
const clients = ["phoenix", "phoenix_live_view"].map((name) => new vm.Script(fs.readFileSync(folder(name), "utf8"), { filename: name }));

// Faster than a person would want them; the client's own code reads them.
const options = { reloadJitterMin: 20, reloadJitterMax: 40, reconnectAfterMs: () => 20, rejoinAfterMs: () => 20, loaderTimeout: 1 };

let site = "";
const open = new Set();

/** The pages' site; what is visited is below it. */
export function useSite(url) {
  site = url;
}

/** A page in a browser of its own, or in that of `cookies`; connected if `connects`. `patch(document)` comes before. */
export async function visit(path, { cookies = new CookieJar(), connects = true, patch = () => {}, ...more } = {}) {
  const page = new Page(cookies);
  await page.load(path);
  patch(page.document);
  if (connects) await page.connect(more);
  return page;
}

/** Ends all pages; fails if the client has complained in one. */
export async function leaveAll() {
  const complaints = [...open].flatMap((page) => page.complaints);
  for (const page of open) page.close();
  open.clear();
  assert.deepEqual(complaints, [], "the client logs warnings or errors");
}

class Page {
  complaints = [];
  frames = []; // {from: "client" | "server", text}
  left = [];

  constructor(cookies) {
    this.cookies = cookies;
    open.add(this);
  }

  async load(path) {
    const virtualConsole = new VirtualConsole();
    for (const level of ["warn", "error", "jsdomError"])
      virtualConsole.on(level, (...words) => this.complaints.push(`${level}: ${words.map((word) => word?.stack ?? word).join(" ")}`));
    this.dom = await JSDOM.fromURL(site + path, { runScripts: "outside-only", pretendToBeVisual: true, cookieJar: this.cookies, virtualConsole });
    this.window = this.dom.window;
    this.document = this.window.document;
    this.#makeUp();
    for (const script of clients) script.runInContext(this.dom.getInternalVMContext());
  }

  #makeUp() {
    const { window } = this;
    window.CSS = { escape: (text) => text.replace(/[^\w-]/g, "\\$&") };
    for (const name of ["scroll", "scrollTo"]) window[name] = () => {};
    const location = implForWrapper(window.location);
    location._locationObjectNavigate = (url) => this.left.push(whatwgUrl.serializeURL(url).replace(site, ""));
    location.reload = () => this.left.push(this.path);
    assert.equal(typeof implementation.prototype._locationObjectNavigate, "function", "jsdom leaves pages in another way now");
  }

  /** Joins the page's views with the client. */
  async connect(more = {}) {
    const { window, frames } = this;
    class Recorded extends window.WebSocket {
      constructor(...args) {
        super(...args);
        this.addEventListener("message", ({ data }) => frames.push({ from: "server", text: data }));
      }
      send(text) {
        frames.push({ from: "client", text });
        super.send(text);
      }
    }
    const token = this.one("meta[name=csrf-token]").content;
    this.live = new window.LiveView.LiveSocket("/live", window.Phoenix.Socket, {
      params: { _csrf_token: token },
      transport: Recorded,
      ...options,
      ...more,
    });
    this.live.connect();
    await until(`the join of ${this.path}`, () => this.isSettled || this.left.length > 0);
  }

  /** All views have joined, and all events are answered. */
  get isSettled() {
    const isJoined = (element) => {
      const view = this.live.getViewByEl(element);
      return view?.isConnected() && !view.isJoinPending();
    };
    return this.all("[data-phx-session]").every(isJoined) && this.one("[data-phx-ref-src]", true) === null;
  }
  settled() {
    return until(`rest of ${this.path}`, () => this.isSettled);
  }

  all(css) {
    return [...this.document.querySelectorAll(css)];
  }
  one(css, maybe = false) {
    const found = this.document.querySelector(css);
    if (found === null && !maybe) throw new Error(`${this.path} has no ${css}:\n${this.document.body.innerHTML}`);
    return found;
  }
  text(css) {
    return this.one(css).textContent.trim().replace(/\s+/g, " ");
  }
  texts(css) {
    return this.all(css).map((each) => each.textContent.trim().replace(/\s+/g, " "));
  }
  get path() {
    return this.window.location.href.replace(site, "");
  }
  shows(css, text) {
    return until(`${css} of ${this.path} to be ${JSON.stringify(text)}`, () => this.one(css, true)?.textContent.trim() === text);
  }

  /** Clicks, and waits for the answer. */
  async click(css) {
    this.one(css).dispatchEvent(new this.window.MouseEvent("click", { bubbles: true, cancelable: true }));
    await this.settled();
  }
  async key(key) {
    this.document.body.dispatchEvent(new this.window.KeyboardEvent("keydown", { key, bubbles: true }));
    await this.settled();
  }
  /** Types into a field, as a person does: focus, then input. */
  async type(css, text) {
    const field = this.one(css);
    field.focus();
    field.value = text;
    field.dispatchEvent(new this.window.Event("input", { bubbles: true }));
    await this.settled();
  }
  async submit(css) {
    this.one(css).dispatchEvent(new this.window.Event("submit", { bubbles: true, cancelable: true }));
    await this.settled();
  }
  /** The next event of that name that the server pushes to the page's scripts. */
  pushed(name) {
    return within(`the event ${name}`, (done) => this.window.addEventListener(`phx:${name}`, ({ detail }) => done(plain(detail)), { once: true }));
  }

  /** Messages from the server since the last call, decoded. */
  takeMessages(event) {
    const texts = this.frames.splice(0).filter(({ from }) => from === "server");
    return texts.map(({ text }) => JSON.parse(text)).filter((message) => message[3] === (event ?? message[3]));
  }
  /** What the view shows, without the marks of the client. */
  shown(css = "[data-phx-main]") {
    const copy = this.one(css).cloneNode(true);
    for (const each of copy.querySelectorAll("*"))
      for (const name of each.getAttributeNames())
        if (/^data-phx-(id|view|component|session|static|parent-id|stream|root-id|sticky|skip)$/.test(name) || (name === "class" && /phx-/.test(each.className)))
          each.removeAttribute(name);
    return copy.innerHTML;
  }

  close() {
    this.live?.disconnect();
    this.window?.close();
  }
}

/** A value of the page's window as one of ours. */
export const plain = (value) => JSON.parse(JSON.stringify(value));
