// Recovery: what the visitor typed, chose, opened and scrolled stays, whoever serves the page.

import assert from "node:assert/strict";
import { crashView } from "./faults.mjs";
import { sameAsFresh } from "./fresh.mjs";
import { story, test } from "./story.mjs";
import { until, Visitor } from "./visitor.mjs";

const note = "A first line\nand a second, with ünïcödé — 𝄞\n";

async function fill(visitor) {
  await visitor.find("#notes_text").fill(note);
  await visitor.find("#notes_colour").selectOption("green");
  await visitor.find("#notes_size_large").check();
  await visitor.reads("#heard", /octets of notes, green, large/);
}

async function furnish(visitor) {
  await fill(visitor);
  await visitor.click("#details summary");
  await visitor.find("#box").evaluate((box) => box.scrollTo(0, 90));
  await visitor.find("#notes_text").focus();
  await visitor.find("#notes_text").evaluate((area) => {
    area.setSelectionRange(2, 9);
    window.scrollTo(0, 150);
  });
  await visitor.settled();
}

// Not by the mouse: the focus must stay where it is.
const unplug = (visitor) => visitor.find("#unplug").evaluate((button) => button.click());

story("Recovery", (stage) => {
  const faults = {
    "the view has crashed": { happen: crashView, trace: [/^client: view\.crashed: /] },
    "the connection was gone for three seconds": { happen: unplug, trace: [] },
  };
  for (const [what, { happen, trace }] of Object.entries(faults)) {
    test(`everything is as it was left when ${what}`, async () => {
      const ada = await Visitor.arrive(stage.browser, { viewport: { width: 800, height: 500 } });
      await ada.open(stage.gallery.url("/recovery"));
      await ada.mark();
      await furnish(ada);
      const process = await ada.text("#process");
      const before = await ada.hold();
      const heard = await ada.text("#heard");
      await happen(ada);
      await until(async () => (await ada.text("#process")) !== process, () => "another process serves the page");
      await ada.settled();
      assert.deepEqual(await ada.hold(), before);
      await ada.reads("#heard", heard.replace(/\s+/g, " "));
      await ada.isStillHere();
      await sameAsFresh(ada, { repeat: furnish, besides: ["#process"] });
      ada.forgive(...trace);
      await ada.leave();
    });
  }

  test("what stands in the field that has the focus is not touched by the server", async () => {
    const ada = await Visitor.arrive(stage.browser);
    await ada.open(stage.gallery.url("/recovery"));
    const process = await ada.text("#process");
    await ada.find("#loose").pressSequentially("not in any form");
    await crashView(ada);
    await until(async () => (await ada.text("#process")) !== process, () => "another process serves the page");
    await ada.settled();
    assert.equal(await ada.find("#loose").inputValue(), "not in any form");
    await ada.counts("#loose:focus", 1);
    ada.forgive(/^client: view\.crashed: /);
    await ada.leave();
  });
});
