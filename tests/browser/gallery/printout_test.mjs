// Temporary values: the page keeps what the server has forgotten.

import assert from "node:assert/strict";
import { crashView } from "./faults.mjs";
import { story, test } from "./story.mjs";
import { Visitor } from "./visitor.mjs";

const lines = "#lines > li";

story("Temporary values", (stage) => {
  test("the page shows every line, and keeps them while the server holds none", async () => {
    const ada = await Visitor.arrive(stage.browser);
    await ada.open(stage.gallery.url("/printout"));
    await ada.counts(lines, 0);
    await ada.click("#print");
    await ada.counts(lines, 500);
    await ada.reads(`${lines}:last-child`, "Printout 1, line 500");
    await ada.find(lines).evaluateAll((all) => all.forEach((each) => (each.isTheSame = true)));
    await ada.click("#ask");
    await ada.reads("#held", "Asked 1 times: the server holds 0 lines.");
    const kept = await ada.find(lines).evaluateAll((all) => all.filter((each) => each.isTheSame).length);
    assert.equal(kept, 500, "the lines on the page were not touched");
    await ada.click("#print");
    await ada.reads(`${lines}:last-child`, "Printout 2, line 500");
    await ada.counts(lines, 500);
    await ada.leave();
  });

  test("a view that takes over has nothing to show: the page begins anew", async () => {
    const ada = await Visitor.arrive(stage.browser);
    await ada.open(stage.gallery.url("/printout"));
    await ada.click("#print");
    await ada.counts(lines, 500);
    await crashView(ada);
    await ada.counts(lines, 0);
    await ada.reads("#printed", 0);
    await ada.settled();
    ada.forgive(/^client: view\.crashed: /);
    await ada.leave();
  });
});
