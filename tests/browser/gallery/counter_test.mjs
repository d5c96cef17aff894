// The counter: the shortest way from a click to the server and back.

import assert from "node:assert/strict";
import { sameAsFresh } from "./fresh.mjs";
import { story, test } from "./story.mjs";
import { Visitor } from "./visitor.mjs";

story("Counter", (stage) => {
  test("buttons and arrow keys change the number, and reset brings back the start", async () => {
    const ada = await Visitor.arrive(stage.browser);
    await ada.open(stage.gallery.url("/counter"));
    await ada.mark();
    await ada.reads("#count", 0);
    for (let i = 0; i < 3; i++) await ada.click("#inc");
    await ada.click("#dec");
    await ada.reads("#count", 2);
    await ada.page.keyboard.press("ArrowUp");
    await ada.page.keyboard.press("ArrowUp");
    await ada.page.keyboard.press("ArrowDown");
    await ada.reads("#count", 3);
    await ada.click("#reset");
    await ada.reads("#count", 0);
    await sameAsFresh(ada);
    await ada.isStillHere();
    await ada.leave();
  });

  test("a hundred key presses, faster than the answers come, are a hundred, in order", async () => {
    const ada = await Visitor.arrive(stage.browser);
    await ada.open(stage.gallery.url("/counter"));
    await ada.page.evaluate(() => {
      const count = document.querySelector("#count");
      window.shown = [];
      new MutationObserver(() => window.shown.push(Number(count.textContent)))
        .observe(count, { childList: true, characterData: true, subtree: true });
      for (let i = 0; i < 100; i++) document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowUp", bubbles: true }));
    });
    await ada.reads("#count", 100);
    const shown = await ada.page.evaluate(() => window.shown);
    assert.deepEqual(shown, [...shown].sort((a, b) => a - b), "the number went back");
    await ada.leave();
  });

  test("each tab counts for itself", async () => {
    const ada = await Visitor.arrive(stage.browser);
    await ada.open(stage.gallery.url("/counter"));
    const other = await ada.tab();
    await other.open(stage.gallery.url("/counter"));
    await ada.click("#inc");
    await ada.reads("#count", 1);
    await other.reads("#count", 0);
    await ada.leave();
    assert.deepEqual(other.problems, []);
  });

  test("the page is complete before, and without, any script", async () => {
    const plain = await Visitor.arrive(stage.browser, { javaScriptEnabled: false });
    await plain.open(stage.gallery.url("/counter"), { live: false });
    await plain.reads("h1", "Counter");
    await plain.reads("#count", 0);
    await plain.leave();
  });
});
