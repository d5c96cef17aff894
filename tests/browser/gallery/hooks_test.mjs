// Hooks: code in the browser, and how both sides talk.

import assert from "node:assert/strict";
import { story, test } from "./story.mjs";
import { until, Visitor } from "./visitor.mjs";

story("Hooks", (stage) => {
  test("a hook asks the server, and the reply comes back to it", async () => {
    const ada = await Visitor.arrive(stage.browser);
    await ada.open(stage.gallery.url("/hooks"));
    await ada.find("#ask-number").fill("360");
    await ada.click("#ask button");
    await ada.reads("#ask-answer", "360 = 2 × 2 × 2 × 3 × 3 × 5");
    await ada.find("#ask-number").fill("-1");
    await ada.click("#ask button");
    await ada.reads("#ask-answer", /whole number/);
    await ada.leave();
  });

  test("what the server pushes is heard by the hook and by the window", async () => {
    const ada = await Visitor.arrive(stage.browser);
    await ada.open(stage.gallery.url("/hooks"));
    await ada.click("#ring");
    await ada.reads("#bell", /1 ring\b/);
    await ada.reads("#window-bell", /1 ring\b/);
    await ada.settled();
    await ada.click("#ring");
    await ada.reads("#bell", /2 rings/);
    await ada.reads("#window-bell", /2 rings/);
    await ada.leave();
  });

  test("a hook's own drawing is left alone while the page around it changes", async () => {
    const ada = await Visitor.arrive(stage.browser);
    await ada.open(stage.gallery.url("/hooks"));
    const points = () => ada.find("#chart canvas").evaluate((canvas) => Number(canvas.dataset.points));
    const isDrawn = () => ada.find("#chart canvas").evaluate((canvas) => {
      const blank = document.createElement("canvas");
      [blank.width, blank.height] = [canvas.width, canvas.height];
      return canvas.toDataURL() !== blank.toDataURL();
    });
    await until(async () => (await points()) >= 3, async () => `the chart has ${await points()} points, expected 3`);
    assert.equal(await isDrawn(), true, "the chart is empty");
    await ada.reads("#points", /^([3-9]|\d\d)/);
    await ada.click("#ring");
    await ada.reads("#bell", /1 ring\b/);
    assert.equal(await isDrawn(), true, "the drawing is gone");
    await ada.leave();
  });

  test("the server runs commands that are in the page's own markup", async () => {
    const ada = await Visitor.arrive(stage.browser);
    await ada.open(stage.gallery.url("/hooks"));
    await ada.click("#highlight");
    await ada.counts("#lamp.is-lit", 1);
    await ada.settled();
    await ada.click("#highlight");
    await ada.counts("#lamp:not(.is-lit)", 1);
    await ada.leave();
  });
});
