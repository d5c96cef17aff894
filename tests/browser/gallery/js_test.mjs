// Commands: what a page does without asking the server, and that the server leaves it alone afterwards.

import assert from "node:assert/strict";
import { story, test } from "./story.mjs";
import { until, Visitor } from "./visitor.mjs";

story("Commands", (stage) => {
  async function arrive() {
    const ada = await Visitor.arrive(stage.browser);
    await ada.open(stage.gallery.url("/js"));
    await ada.mark();
    return ada;
  }
  const shows = (visitor, selector) => visitor.find(selector).waitFor({ state: "visible" });
  const hides = (visitor, selector) => visitor.find(selector).waitFor({ state: "hidden" });

  async function render(visitor) {
    const before = Number(await visitor.text("#renders"));
    await visitor.find("#render").evaluate((button) => button.dispatchEvent(new MouseEvent("click", { bubbles: true })));
    await visitor.reads("#renders", before + 1);
  }

  test("a menu opens and closes, by its button and by a click beside it", async () => {
    const ada = await arrive();
    await hides(ada, "#menu");
    await ada.click("#menu-toggle");
    await shows(ada, "#menu");
    assert.equal(await ada.find("#menu-toggle").getAttribute("aria-expanded"), "true");
    await ada.click("#menu-toggle");
    await hides(ada, "#menu");
    await ada.click("#menu-toggle");
    await shows(ada, "#menu");
    await ada.click("h1");
    await hides(ada, "#menu");
    assert.equal(await ada.find("#menu-toggle").getAttribute("aria-expanded"), "false");
    await ada.leave();
  });

  test("what commands have changed stays when the server renders the page anew", async () => {
    const ada = await arrive();
    await ada.click("#tab-second");
    await shows(ada, "#panel-second");
    await hides(ada, "#panel-first");
    await ada.click("#add-class");
    await ada.click("#toggle-class");
    await ada.click("#set-attr");
    await ada.click("#toggle-attr");
    const box = () => ada.find("#box").evaluate(({ classList, dataset, ariaBusy }) => [classList.contains("is-lit"),
      classList.contains("is-round"), dataset.mood, ariaBusy]);
    assert.deepEqual(await box(), [true, true, "merry", "true"]);
    await render(ada);
    await ada.reads("#box", /render 1$/);
    assert.deepEqual(await box(), [true, true, "merry", "true"]);
    await shows(ada, "#panel-second");
    assert.equal(await ada.find("#tab-second").getAttribute("aria-selected"), "true");
    await ada.click("#remove-class");
    await ada.click("#toggle-class");
    await ada.click("#toggle-attr");
    assert.deepEqual(await box(), [false, false, "merry", "false"]);
    await ada.find("#box").evaluate((element) => {
      new MutationObserver(() => (window.hasShaken ||= element.classList.contains("shaking"))).observe(element, {
        attributeFilter: ["class"],
      });
    });
    await ada.click("#transition");
    await until(() => ada.page.evaluate(() => window.hasShaken), () => "the box shakes");
    await ada.counts("#box.shaking", 0);
    await ada.leave();
  });

  test("a dialog takes the focus, keeps it, and gives it back: by its button, by Escape, by a click beside it", async () => {
    const ada = await arrive();
    const closings = {
      "its button": () => ada.click("#dialog-close"),
      Escape: () => ada.page.keyboard.press("Escape"),
      "a click beside it": () => ada.page.mouse.click(5, 300),
    };
    for (const [how, close] of Object.entries(closings)) {
      await ada.click("#open-dialog");
      await shows(ada, "#dialog");
      await ada.counts("#dialog-field:focus", 1);
      await ada.page.keyboard.press("Tab");
      await ada.counts("#dialog-close:focus", 1);
      await ada.page.keyboard.press("Tab");
      await ada.counts("#dialog-field:focus", 1);
      await ada.page.keyboard.press("Shift+Tab");
      await ada.counts("#dialog-close:focus", 1);
      if (how === "Escape") await ada.screenshot("js-dialog");
      await close();
      await hides(ada, "#dialog");
      await until(async () => (await ada.find("#open-dialog:focus").count()) === 1, () => `the focus is back after ${how}`);
    }
    await ada.leave();
  });

  test("focus, dispatch and exec reach other elements", async () => {
    const ada = await arrive();
    await ada.click("#focus");
    await ada.counts("#target:focus", 1);
    await ada.click("#focus-first");
    await ada.counts("#tab-first:focus", 1);
    await ada.click("#dispatch");
    await ada.click("#dispatch");
    await ada.reads("#pong b", 4);
    await ada.click("#exec");
    await ada.counts("#lamp.is-lit", 1);
    await ada.leave();
  });

  test("patch and navigate are commands, too", async () => {
    const ada = await arrive();
    await ada.click("#patch");
    await ada.reads("#step", "two");
    assert.match(ada.page.url(), /\/js\?step=two$/);
    await ada.click("#navigate");
    await ada.reads("h1", "Counter");
    await ada.isStillHere();
    await ada.leave();
  });
});
