// Crashes: each touches one page, for a second or so, and leaves the others alone.

import assert from "node:assert/strict";
import { sameAsFresh } from "./fresh.mjs";
import { story, test } from "./story.mjs";
import { until, Visitor } from "./visitor.mjs";

const broken = /^client: view\.crashed: /;
const ends = {
  "#crash-event": "a crash in an event",
  "#crash-info": "a crash in a message",
  "#crash-component": "a crash in a component",
  "#crash-render": "a crash in a render",
  "#kill": "a kill from outside, without a word,",
};

story("Crash", (stage) => {
  for (const [button, end] of Object.entries(ends)) {
    test(`${end} ends this view only, and another takes its place`, async () => {
      const ada = await Visitor.arrive(stage.browser);
      const bob = await Visitor.arrive(stage.browser);
      for (const each of [ada, bob]) {
        await each.open(stage.gallery.url("/crash"));
        await each.mark();
        await each.click("#inc");
        await each.reads("#count", 1);
      }
      const process = await ada.text("#process");
      const bobs = await bob.text("#process");
      await ada.click(button);
      await until(async () => (await ada.text("#process")) !== process, () => "another process serves the page");
      await ada.settled();
      await ada.reads("#count", 0);
      await sameAsFresh(ada, { besides: ["#process"] });
      await ada.click("#inc");
      await ada.reads("#count", 1);
      await bob.click("#inc");
      await bob.reads("#count", 2);
      assert.equal(await bob.text("#process"), bobs, "the other visitor's view is the same as before");
      for (const each of [ada, bob]) await each.isStillHere();
      assert.equal(ada.problems.length, 1, "the client noticed exactly one crash");
      ada.forgive(broken);
      await ada.leave();
      await bob.leave();
    });
  }

  test("asynchronous work that crashes leaves the view alive", async () => {
    const ada = await Visitor.arrive(stage.browser);
    await ada.open(stage.gallery.url("/crash"));
    const process = await ada.text("#process");
    await ada.click("#crash-async");
    await ada.reads("#work", /crashed, and only the work/);
    assert.equal(await ada.text("#process"), process);
    await ada.leave();
  });

  test("a crash in the first mount is an error page with status 500, from which one gets back", async () => {
    const ada = await Visitor.arrive(stage.browser);
    await ada.open(stage.gallery.url("/crash"));
    const answered = ada.page.waitForResponse((response) => response.url().endsWith("/crash?crash=mount"));
    await ada.click("#crash-mount");
    assert.equal((await answered).status(), 500);
    await ada.counts("[data-phx-main]", 0);
    await ada.counts("h1", 1);
    await ada.screenshot("crash-mount");
    await ada.page.goBack();
    await ada.connected();
    await ada.click("#inc");
    await ada.reads("#count", 1);
    ada.forgive(/^500 for /, /^error: Failed to load resource: .* 500/);
    await ada.leave();
  });

  test("while a view is gone for longer the page says so, and says when it is back", async () => {
    const ada = await Visitor.arrive(stage.browser);
    await ada.open(stage.gallery.url("/crash"));
    await ada.page.evaluate(holdAfterCrash);
    await ada.click("#crash-event");
    await ada.find("#connection:has-text('Something went wrong here')").waitFor({ state: "visible" });
    await ada.page.evaluate(() => window.release());
    await ada.find("#connection").waitFor({ state: "hidden" });
    await ada.settled();
    ada.forgive(broken);
    await ada.leave();
  });
});

// Runs in the page: from the next crash on nothing is sent, the mount of another view neither, until `release()`.
function holdAfterCrash() {
  const { send } = WebSocket.prototype;
  const held = [];
  window.addEventListener("phx:live-view:diagnostic", ({ detail }) => {
    if (detail.code !== "view.crashed") return;
    WebSocket.prototype.send = function hold(frame) {
      held.push(() => send.call(this, frame));
    };
  });
  window.release = () => {
    WebSocket.prototype.send = send;
    for (const sendNow of held) sendNow();
  };
}
