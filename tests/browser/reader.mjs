// Readers: people with a browser each. A reader notes everything that went wrong on its page.

import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const artefacts = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../../artefacts/browser");

export const desktop = { width: 1280, height: 800 };
export const phone = { width: 390, height: 844 };

// A click to the other reader's screen takes milliseconds; a rejoin after a restart, a few seconds.
const patienceMs = 15_000;

function chromiumPath() {
  if (process.env.CHROMIUM) return process.env.CHROMIUM;
  try {
    return execFileSync("/bin/sh", ["-c", "command -v chromium"], { encoding: "utf8" }).trim();
  } catch {
    throw new Error("chromium is missing; install it with scripts/setup test, or name another one in CHROMIUM");
  }
}

export async function openBrowser() {
  return chromium.launch({
    executablePath: chromiumPath(),
    headless: true,
    // Root may not use the sandbox; the others keep the browser from calling home.
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
      "--disable-component-update", "--disable-sync"],
  });
}

export class Reader {
  /// A reader with cookies of its own. Options are Playwright's, e.g. { viewport, colorScheme, javaScriptEnabled }.
  static async arrive(browser, options = {}) {
    const context = await browser.newContext({ viewport: desktop, colorScheme: "light", ...options });
    const page = await context.newPage();
    page.setDefaultTimeout(patienceMs);
    return new this(context, page);
  }

  constructor(context, page) {
    this.context = context;
    this.page = page;
    this.problems = [];
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) this.problems.push(`${message.type()}: ${message.text()}`);
    });
    page.on("pageerror", (error) => this.problems.push(`exception: ${error.message}`));
    page.on("response", (response) => {
      if (response.status() >= 400) this.problems.push(`${response.status()} for ${response.url()}`);
    });
  }

  /// Opens a page and, unless told otherwise, waits until its view is connected.
  async open(url, { live = true } = {}) {
    await this.page.goto(url);
    if (live) await this.connected();
    return this;
  }

  async connected(timeout = patienceMs) {
    await this.page.locator("[data-phx-main].phx-connected").waitFor({ state: "attached", timeout });
  }

  /// Marks the document: a later page load loses the mark.
  async mark() {
    await this.page.evaluate(() => {
      window.isTheSameDocument = true;
    });
  }

  async isUnmarked() {
    return !(await this.page.evaluate(() => window.isTheSameDocument));
  }

  /// What an element shows: where a number belongs, a number, or a dash as long as the accumulator is out of reach.
  async shown(selector) {
    return (await this.page.locator(selector).textContent()).trim();
  }

  /// The number that an element shows, once there is one.
  async number(selector) {
    await until(
      async () => Number.isInteger(numberOf(await this.shown(selector))),
      async () => `${selector} shows "${await this.shown(selector)}", expected a number`,
    );
    return numberOf(await this.shown(selector));
  }

  /// The number of likes, once there is one.
  async likes() {
    return this.number("#like-count");
  }

  async like() {
    await this.click("#like");
  }

  /// Clicks once the server has answered the last click on the same element: until then the client ignores the next one.
  async click(selector) {
    const answered = this.page.locator(":not([data-phx-ref-src])");
    await this.page.locator(selector).and(answered).click();
  }

  /// Waits until a number is as expected, that of likes unless told otherwise.
  async sees(expected, { at = "#like-count", timeout = patienceMs } = {}) {
    await until(
      async () => numberOf(await this.shown(at)) === expected,
      async () => `${at} shows "${await this.shown(at)}", expected ${expected}`,
      timeout,
    );
  }

  /// By how many pixels the page is wider than the screen.
  async excessWidth() {
    return this.page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  }

  /// From now on, and since the page was loaded, it is noted what moves by itself.
  async watchShifts() {
    await this.page.evaluate(() => {
      window.shifts = [];
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) window.shifts.push(entry.sources.map(({ node }) => node?.id || node?.nodeName).join());
      }).observe({ type: "layout-shift", buffered: true });
    });
  }

  /// What has moved, one line each.
  async shifts() {
    return this.page.evaluate(() => window.shifts);
  }

  async screenshot(name, options = {}) {
    mkdirSync(artefacts, { recursive: true });
    await this.page.screenshot({ path: path.join(artefacts, `${name}.png`), animations: "disabled", ...options });
  }

  async leave() {
    await this.context.close();
  }
}

/// The number that a text is, as pages write it: 1,234. Not a number for anything else.
export function numberOf(text) {
  return /^\d{1,3}(,\d{3})*$/.test(text) ? Number(text.replaceAll(",", "")) : NaN;
}

/// Waits until the condition holds; fails with the sentence when patience ends. Polls from outside the page, as the
/// pages' content security policy forbids to evaluate text inside.
export async function until(condition, sentence, timeoutMs = patienceMs) {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    if (await condition()) return;
    if (Date.now() > deadline) throw new Error(`not within ${timeoutMs / 1000} s: ${await sentence()}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
