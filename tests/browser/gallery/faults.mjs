// Faults, and a visitor in the middle of a form who must lose nothing by them.

import assert from "node:assert/strict";
import { Cable } from "./cable.mjs";
import { sameAsFresh } from "./fresh.mjs";
import { Gallery } from "./gallery.mjs";
import { openBrowser, Visitor } from "./visitor.mjs";

export const pauseMs = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/// A gallery, a cable to it and a browser, for one test that may break all of them.
export class Bench {
  /// Runs the test with a bench of its own, which is cleared whatever happens.
  static async with(test) {
    const bench = new Bench();
    try {
      bench.gallery = await Gallery.start();
      bench.cable = await Cable.lay(bench.gallery.port);
      bench.browser = await openBrowser();
      await test(bench);
    } catch (error) {
      if (bench.gallery) error.message += `\nthe gallery's last words:\n${bench.gallery.tail()}`;
      throw error;
    } finally {
      bench.thawBrowser();
      await bench.browser?.close();
      await bench.cable?.close();
      await bench.gallery?.stop();
    }
  }

  frozen = []; // Processes of the browser.

  async visitor() {
    return Visitor.arrive(this.browser);
  }

  /// Stops the processes that hold pages: nothing runs in any tab, no byte is read, as when a laptop's lid is closed.
  async freezeBrowser() {
    const session = await this.browser.newBrowserCDPSession();
    const { processInfo } = await session.send("SystemInfo.getProcessInfo");
    this.frozen = processInfo.filter(({ type }) => type === "renderer").map(({ id }) => id);
    assert.notEqual(this.frozen.length, 0, "the browser has no renderer process");
    for (const id of this.frozen) process.kill(id, "SIGSTOP");
  }

  thawBrowser() {
    for (const id of this.frozen.splice(0)) process.kill(id, "SIGCONT");
  }
}

/// What crashes any view, whatever it is about: an event it does not know.
export async function crashView(visitor) {
  await visitor.page.evaluate(() => {
    const view = document.querySelector("[data-phx-main]");
    window.liveSocket.execJS(view, JSON.stringify([["push", { event: "an event that no view knows" }]]));
  });
}

// A connection that a router has forgotten is given up 15 s after an event was sent into it, and closed 1.5 s later
// (assets/watchful_socket.js); then the page is mounted anew.
const recoveryMs = 45_000;

const phoneNumber = "020 7946 0001";
const otherNumber = "020 7946 0002";

/// Types where the focus is not: the focus must stay where it is.
export async function typeStreet(visitor, text) {
  await visitor.find("#signup_home_street").evaluate((field, value) => {
    field.value = value;
    field.dispatchEvent(new InputEvent("input", { bubbles: true }));
  }, text);
}

/// Clicks without waiting for anything; the focus stays where it is.
export async function addNumber(visitor) {
  await visitor.find("#add-phone").evaluate((button) => button.click());
}

/// Half a form: some fields right, one wrong, a row added, others untouched; the caret in the middle of a word.
export async function fillHalf(visitor) {
  await visitor.find("#signup_name").fill("Ada Lovelace");
  await visitor.find("#signup_age").fill("7");
  await visitor.reads("#signup_age-note", /18/);
  await visitor.click("#add-phone");
  await visitor.find("#signup_phones_0_number").fill(phoneNumber);
  await visitor.find("#signup_email").fill("ada@example.org");
  await visitor.find("#signup_email").evaluate((field) => field.blur());
  await visitor.settled();
}

/// Sets the scene of a fault: half a form, focus and selection in it, the page scrolled and marked.
export async function beginForm(visitor, url) {
  await visitor.page.setViewportSize({ width: 800, height: 400 });
  await visitor.open(url);
  await visitor.mark();
  await fillHalf(visitor);
  await visitor.find("#signup_name").focus();
  await visitor.find("#signup_name").evaluate((field) => {
    field.setSelectionRange(4, 12, "backward");
    window.scrollTo(0, 120);
  });
  return visitor.hold();
}

/// What holds after every fault: nothing was loaded anew, nothing of the visitor's is gone, the page is what the server
/// would show, and it works. `url` is the page past the cable: a browser may try connections that are lost for ever.
/// `typed` is what was typed as the street meanwhile, `isNumberAdded` whether `addNumber` was done.
export async function goesOn(visitor, before, url, { typed = "", isNumberAdded = false } = {}) {
  await visitor.settled(recoveryMs);
  await visitor.isStillHere();
  if (isNumberAdded) {
    await visitor.counts(".phone", 2);
    const last = before.fields.findIndex(([id]) => id === "signup_phones_0_number");
    before.fields.splice(last + 1, 0, ["signup_phones_1_kind", "mobile"], ["signup_phones_1_number", ""]);
  }
  const after = await visitor.hold();
  if (typed) {
    const street = before.fields.find(([id]) => id === "signup_home_street");
    street[1] = typed;
    await visitor.reads("#signup_age-note", /18/);
  }
  assert.deepEqual(after, before, "focus, selection, scroll or typed text was lost");
  await sameAsFresh(visitor, {
    url,
    repeat: async (fresh) => {
      await fillHalf(fresh);
      if (typed) await fresh.find("#signup_home_street").fill(typed);
      if (isNumberAdded) await fresh.click("#add-phone");
    },
  });
  await visitor.find("#signup_age").fill("36");
  await visitor.counts("#signup_age-note .wrong", 0);
  await visitor.find("#signup_home_city").fill("London");
  if (isNumberAdded) await visitor.find("#signup_phones_1_number").fill(otherNumber);
  await visitor.click("#signup button.primary");
  const numbers = isNumberAdded ? `${phoneNumber}.*${otherNumber}` : phoneNumber;
  await visitor.reads("#saved", new RegExp(`Ada Lovelace.*36.*London.*${numbers}`));
}
