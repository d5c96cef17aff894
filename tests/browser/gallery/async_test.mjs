// Slow things: the page never waits for them.

import assert from "node:assert/strict";
import { story, test } from "./story.mjs";
import { Visitor } from "./visitor.mjs";

story("Async work", (stage) => {
  async function arrive() {
    const ada = await Visitor.arrive(stage.browser);
    await ada.notes("#forecast");
    await ada.open(stage.gallery.url("/async"));
    return ada;
  }

  test("a value is loaded beside the page, kept while it is loaded anew, and forgotten when asked", async () => {
    const ada = await arrive();
    await ada.hasShown(/Loading the forecast/);
    await ada.click("#click");
    await ada.reads("#clicks", 1);
    await ada.counts("#forecast .is-ok", 1);
    await ada.click("#load");
    await ada.hasShown(/being loaded anew/);
    await ada.reads("#forecast .is-ok", /^[^(]+$/);
    await ada.settled();
    await ada.click("#load-reset");
    await ada.hasShown(/Loading the forecast/);
    await ada.counts("#forecast .is-ok", 1);
    await ada.leave();
  });

  test("what fails says so and leaves the last good value", async () => {
    const ada = await arrive();
    await ada.counts("#forecast .is-ok", 1);
    await ada.click("#load-fail");
    await ada.reads("#forecast .wrong", /weather station does not answer/);
    await ada.counts("#forecast .is-ok", 1);
    await ada.leave();
  });

  test("a job is cancelled, times out or ends, while clicks are answered at once", async () => {
    const ada = await arrive();
    await ada.click("#start-job");
    await ada.reads("#job", "running");
    await ada.click("#click");
    await ada.reads("#clicks", 1);
    await ada.click("#cancel-job");
    await ada.reads("#job", "cancelled");
    assert.equal(await ada.find("#cancel-job").isDisabled(), true);
    await ada.click("#start-short");
    await ada.reads("#job", "it took too long and was ended");
    await ada.click("#start-job");
    await ada.reads("#job", "done: 42");
    await ada.leave();
  });
});
