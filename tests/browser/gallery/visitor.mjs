// Visitors of the gallery: readers who also note what the client reports about itself, and what a fault must not take
// from them.

import assert from "node:assert/strict";
import path from "node:path";
import { Reader, until } from "../reader.mjs";

export { desktop, openBrowser, phone, until } from "../reader.mjs";

// What the browser itself says when the server is away; the address and the reason follow.
export const refused = /^error: WebSocket connection to 'ws:\/\/localhost:\d+\/live\/websocket[^']*' failed/;

export class Visitor extends Reader {
  static async arrive(browser, options = {}) {
    const visitor = await super.arrive(browser, options);
    await visitor.listen();
    return visitor;
  }

  /// Notes the client's own error reports of every page, which it keeps from the console: "client: view.crashed: …".
  async listen() {
    await this.context.exposeBinding("noteClientError", (_, code, message) => {
      this.problems.push(`client: ${code}: ${message}`);
    });
    await this.context.addInitScript(() => {
      window.addEventListener("phx:live-view:diagnostic", ({ detail }) => {
        if (detail.level === "error") window.noteClientError(detail.code, detail.message);
      });
    });
  }

  /// Another tab of the same person: same cookies, problems of its own.
  async tab() {
    const page = await this.context.newPage();
    page.setDefaultTimeout(15_000);
    return new Visitor(this.context, page);
  }

  find(selector) {
    return this.page.locator(selector);
  }

  async text(selector) {
    return (await this.page.locator(selector).textContent()).trim();
  }

  /// Waits until the element's text, without the space around it, equals the text or matches the expression.
  async reads(selector, wanted) {
    let seen = "nothing";
    const shown = this.page.locator(selector);
    await until(
      async () => {
        if ((await shown.count()) !== 1) {
          seen = `${await shown.count()} elements`;
          return false;
        }
        seen = await shown.evaluate((element) => element.textContent.trim().replace(/\s+/g, " "));
        return wanted instanceof RegExp ? wanted.test(seen) : seen === String(wanted);
      },
      () => `${selector} shows "${seen}", expected ${wanted}`,
    );
  }

  /// From the next page on, notes every text that the element has shown, however shortly: see `hasShown`.
  async notes(selector) {
    await this.page.addInitScript((css) => {
      const texts = (window.shownTexts = []);
      const note = () => {
        const text = document.querySelector(css)?.textContent.trim().replace(/\s+/g, " ");
        if (text !== undefined && text !== texts.at(-1)) texts.push(text);
      };
      new MutationObserver(note).observe(document, { childList: true, characterData: true, subtree: true });
    }, selector);
  }

  /// Waits until the noted element shows, or has shown since the last call, what matches the expression.
  async hasShown(wanted) {
    let texts = [];
    await until(
      async () => (texts = await this.page.evaluate(() => window.shownTexts)).some((text) => wanted.test(text)),
      () => `it has shown "${texts.join('", "')}", expected ${wanted}`,
    );
    await this.page.evaluate(() => window.shownTexts.splice(0));
  }

  /// Waits until so many elements are there.
  async counts(selector, wanted, timeoutMs) {
    let seen = 0;
    await until(
      async () => (seen = await this.page.locator(selector).count()) === wanted,
      () => `${seen} elements ${selector}, expected ${wanted}`,
      timeoutMs,
    );
  }

  /// Waits until everything that was sent is answered: nothing on the page waits for the server.
  async settled(timeoutMs) {
    await this.connected(timeoutMs);
    await this.counts("[data-phx-ref-src], .phx-click-loading, .phx-change-loading, .phx-submit-loading", 0, timeoutMs);
  }

  /// Makes a fault's own traces in the console no problem, in this test: expressions for whole lines.
  forgive(...expressions) {
    const strange = this.problems.filter((problem) => !expressions.some((expression) => expression.test(problem)));
    this.problems.splice(0, this.problems.length, ...strange);
  }

  /// Fails unless the page was never loaded anew since `mark`.
  async isStillHere() {
    assert.equal(await this.isUnmarked(), false, "the page was loaded anew");
  }

  /// What a visitor would miss: focus, the selection in the field, scroll positions, the contents of fields.
  async hold() {
    return this.page.evaluate(() => {
      const active = document.activeElement;
      const scrolled = [...document.querySelectorAll("*")].filter((element) => element.scrollTop || element.scrollLeft);
      const fields = [...document.querySelectorAll("main input:not([type=hidden]), main textarea, main select")];
      return {
        focus: active === document.body ? "" : active.id || active.outerHTML.slice(0, 80),
        selection: "selectionStart" in active ? [active.selectionStart, active.selectionEnd] : [],
        scroll: scrolled.map((element) => [element.id || element.tagName, element.scrollTop, element.scrollLeft]),
        fields: fields.map((field) => [field.id || field.name, /^(radio|checkbox)$/.test(field.type) ? field.checked : field.value]),
        open: [...document.querySelectorAll("main details")].map((each) => [each.id, each.open]),
      };
    });
  }

  async screenshot(name, options = {}) {
    await super.screenshot(path.join("gallery", name), options);
  }

  /// Ends the visit; whatever went wrong on the page fails the test here.
  async leave() {
    await this.context.close();
    assert.deepEqual(this.problems, [], "the console or the client reported something");
  }
}
