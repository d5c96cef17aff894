// Takes pictures of pages, for scripts/pictures.
//
// usage: node pictures.mjs      with one JSON document as its input:
//
//   {"folder": "...",
//    "readers": ["http://...", "http://..."],   two readers, one per host, who are there while pictures are taken
//    "shots": [{"name", "url", "scheme", "width", "height", "scale", ...}],
//    "pair": "two-browsers"}                    also both readers side by side after one press of Like, or null
//
// Of a shot: `is_live` false means that its page has no view; `shows` is waited for; `press` is clicked, and clicked again
// afterwards; `from` is what the picture begins with, else the top; `is_whole` shows the page to its end.

import assert from "node:assert/strict";
import path from "node:path";
import { Reader, openBrowser, until } from "./reader.mjs";

let input = "";
for await (const part of process.stdin) input += part;
const order = JSON.parse(input);
const browser = await openBrowser();

try {
  for (const scheme of order.pair ? ["light", "dark"] : []) await takePair(scheme);
  const readers = await Promise.all(order.readers.map(async (url) => (await Reader.arrive(browser)).open(url)));
  for (const shot of order.shots) await take(shot);
  for (const reader of readers) await reader.leave();
} finally {
  await browser.close();
}

async function take(shot) {
  const { width, height, scale, scheme } = shot;
  const reader = await arrive({ viewport: { width, height }, deviceScaleFactor: scale, colorScheme: scheme });
  const live = shot.is_live !== false;
  await reader.open(shot.url, { live });
  await withoutGutter(reader);
  if (live) await settled(reader);
  if (shot.shows) await reader.page.locator(shot.shows).first().waitFor();
  if (shot.press) await press(reader, shot.press, "true");
  if (shot.from) {
    await reader.page.locator(shot.from).evaluate((element) => window.scrollTo({ top: element.offsetTop - 24, behavior: "instant" }));
  }
  await reader.page.screenshot({ path: file(shot.name), animations: "disabled", fullPage: shot.is_whole === true });
  if (shot.press) await press(reader, shot.press, "false");
  await reader.leave();
}

function arrive(options) {
  return Reader.arrive(browser, { ...options, bypassCSP: true });
}

/// Scroll bars are not in the picture, so the room that is kept for them is not, either.
async function withoutGutter(reader) {
  await reader.page.addStyleTag({ content: "html { scrollbar-gutter: auto !important; }" });
}

/// Every number that belongs on the page has been told: there is no dash where one should be.
async function settled(reader) {
  const numbers = reader.page.locator(".number, #like-count, .figures dd");
  await until(
    async () => (await numbers.allTextContents()).every((text) => text.trim() !== "–"),
    async () => `${reader.page.url()} shows ${JSON.stringify(await numbers.allTextContents())}`,
  );
  // The line at the top of a page that loads.
  await reader.page.locator("body > canvas").waitFor({ state: "hidden" });
}

/// Somebody who moves the pointer away after the click.
async function press(reader, selector, pressed) {
  await reader.click(selector);
  await reader.page.locator(`${selector}[aria-pressed=${pressed}]`).waitFor();
  await reader.page.mouse.move(0, 0);
  await reader.page.locator(selector).blur();
}

async function takePair(scheme) {
  const viewport = { width: 620, height: 470 };
  const readers = [];
  for (const url of order.readers) {
    const reader = await arrive({ viewport, colorScheme: scheme });
    readers.push(await reader.open(url));
    await withoutGutter(reader);
    await settled(reader);
  }
  const [ada, bob] = readers;
  const before = await ada.likes();
  await bob.sees(before);
  await press(ada, "#like", "true");
  const pictures = [];
  for (const reader of readers) {
    await reader.sees(before + 1);
    await reader.page.locator("#like").evaluate((element) => {
      window.scrollTo({ top: element.closest("section").getBoundingClientRect().top + window.scrollY - 150, behavior: "instant" });
    });
    const { host } = new URL(reader.page.url());
    const image = await reader.page.screenshot({ animations: "disabled" });
    pictures.push({ title: `${host}/blog/hello`, src: `data:image/png;base64,${image.toString("base64")}` });
  }
  await framed(pictures, scheme, viewport);
  await press(ada, "#like", "false");
  for (const reader of readers) {
    assert.deepEqual(reader.problems, []);
    await reader.leave();
  }
}

/// The windows side by side, each with a bar that tells its address.
async function framed(pictures, scheme, { width, height }) {
  const [around, bar, ink, line] = scheme === "dark" ? ["#0a0d12", "#2a2f38", "#b9c0cc", "#2a2f38"] : ["#e3e8ef", "#eceef1", "#4a5160", "#cbd2dc"];
  const windows = pictures.map(({ title, src }) => `<figure><figcaption>${title}</figcaption><img src="${src}" alt=""></figure>`).join("");
  const context = await browser.newContext({ viewport: { width: 2 * width + 96, height: height + 60 } });
  const page = await context.newPage();
  await page.setContent(`<!doctype html><style>
    body { margin: 0; padding: 32px; display: flex; align-items: flex-start; gap: 32px; background: ${around}; }
    figure { margin: 0; width: ${width}px; border-radius: 10px; overflow: hidden; box-shadow: 0 0 0 1px ${line}, 0 6px 18px #0002; }
    figcaption { padding: 9px 16px; background: ${bar}; color: ${ink}; font: 13px "DejaVu Sans", sans-serif; }
    img { display: block; width: 100%; }
  </style>${windows}`);
  await page.waitForLoadState();
  await page.screenshot({ path: file(`${order.pair}-${scheme}`), fullPage: true });
  await context.close();
}

function file(name) {
  return path.join(order.folder, `${name}.png`);
}
