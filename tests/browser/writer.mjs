// Readers who write: what they do on the page of a post, and what they find there.

import { Reader, until } from "./reader.mjs";

export class Writer extends Reader {
  /// Types a comment and sends it. `form` is that of the page, or "#answer-form".
  async write(text, { author, form = "#comment-form" } = {}) {
    if (author !== undefined) await this.page.locator(`${form}-author`).fill(author);
    await this.page.locator(`${form}-content`).fill(text);
    await this.click(`${form} button[type=submit]`);
  }

  /// Opens the form below the thread with that text.
  async answer(text) {
    await this.thread(text).locator(".answer-link").click();
    await this.page.locator("#answer-form").waitFor();
  }

  thread(text) {
    return this.page.locator(".thread", { hasText: text });
  }

  comment(text) {
    return this.page.locator(".comment", { hasText: text });
  }

  /// Waits until the page shows a comment of that text, once and no longer as one that waits for anything.
  async findsComment(text) {
    const settled = this.page.locator(".comment:not(.own)", { hasText: text });
    await until(
      async () => (await this.comment(text).count()) === 1 && (await settled.count()) === 1,
      async () => `the page shows ${JSON.stringify(await this.page.locator(".comment").allInnerTexts())}, expected "${text}" once`,
    );
  }

  /// Waits until an element's text is as expected.
  async reads(selector, expected) {
    const read = () => this.shown(selector);
    const fits = (text) => (expected instanceof RegExp ? expected.test(text) : text === String(expected));
    await until(async () => fits(await read()), async () => `${selector} shows "${await read()}", expected ${expected}`);
  }

  /// Waits until that element has the focus.
  async isAt(selector) {
    await until(
      async () => (await this.page.locator(`${selector}:focus`).count()) === 1,
      async () => `the focus is on ${await this.page.evaluate(() => document.activeElement?.outerHTML.slice(0, 120))}, expected ${selector}; the page said ${JSON.stringify(this.problems)}`,
    );
  }

  /// Presses Tab until that element has the focus.
  async tabTo(selector, steps = 80) {
    for (let i = 0; i < steps; i++) {
      if ((await this.page.locator(`${selector}:focus`).count()) === 1) return;
      await this.page.keyboard.press("Tab");
    }
    throw new Error(`Tab has not led to ${selector} within ${steps} presses`);
  }
}
