// Readers with browsers who do what they are told, a line of JSON at a time: for scripts/cluster scenario.
//
// usage: node puppets.mjs      until the end of its input
//
//   {"do": "arrive", "who": "ada", "url": "http://..."}   a browser of her own; answers when the page is live
//   {"do": "like", "who": "ada"}                           presses the button, once the last press is answered
//   {"do": "comment", "who": "ada", "text": "..."}         fills in and sends the form; answers when the comment is shown
//   {"do": "sees", "who": "ada", "likes": 5, "within_s": 15}
//   {"do": "reads", "who": "ada", "text": "...", "within_s": 15}       a comment is shown
//   {"do": "live", "who": "ada", "within_s": 15}           waits until the view is connected
//   {"do": "loads", "who": "ada"}                          how often her page was loaded: 1 means it was never loaded anew
//
// Each line is answered by {"ok": true, "value": ...} or {"ok": false, "error": "..."}, in order.

import { createInterface } from "node:readline";
import { Reader, openBrowser } from "./reader.mjs";

const browser = await openBrowser();
const readers = new Map();

const verbs = {
  async arrive({ who, url }) {
    const reader = await Reader.arrive(browser);
    let loads = 0;
    // Each document tells, whoever asked for it.
    reader.page.on("domcontentloaded", () => loads++);
    readers.set(who, Object.assign(reader, { loads: () => loads }));
    await reader.open(url);
    await reader.mark();
  },
  like: (reader) => reader.like(),
  async comment(reader, { text }) {
    const form = reader.page.locator("#comment-form");
    await form.locator("[name=content]").fill(text);
    await form.locator("[type=submit]").click();
    await reads(reader, text, 15);
  },
  sees: (reader, { likes, within_s }) => reader.sees(likes, { timeout: within_s * 1000 }),
  reads: (reader, { text, within_s }) => reads(reader, text, within_s),
  live: (reader, { within_s }) => reader.connected(within_s * 1000),
  async loads(reader) {
    return (await reader.isUnmarked()) ? Math.max(2, reader.loads()) : reader.loads();
  },
};

async function reads(reader, text, within_s) {
  await reader.page.locator(".comment .words", { hasText: text }).first().waitFor({ state: "visible", timeout: within_s * 1000 });
}

process.stdout.write('{"ok":true,"value":"ready"}\n');
for await (const line of createInterface({ input: process.stdin })) {
  let answer;
  try {
    const order = JSON.parse(line);
    const reader = readers.get(order.who);
    if (!reader && order.do !== "arrive") throw new Error(`nobody is called ${order.who}`);
    if (!verbs[order.do]) throw new Error(`nobody knows how to ${order.do}`);
    const value = await (order.do === "arrive" ? verbs.arrive(order) : verbs[order.do](reader, order));
    answer = { ok: true, value };
  } catch (error) {
    answer = { ok: false, error: error.message.split("\n")[0] };
  }
  process.stdout.write(JSON.stringify(answer) + "\n");
}
await browser.close();
