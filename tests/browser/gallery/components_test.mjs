// Components: each with a state and events of its own, which stay its own whatever happens around it.

import assert from "node:assert/strict";
import { sameAsFresh } from "./fresh.mjs";
import { story, test } from "./story.mjs";
import { until, Visitor } from "./visitor.mjs";

async function counters(visitor) {
  const texts = await visitor.find("#counters > li > span").allTextContents();
  return texts.map((text) => text.trim().replace(/\s+/g, " "));
}

story("Components", (stage) => {
  async function arrive() {
    const ada = await Visitor.arrive(stage.browser);
    await ada.open(stage.gallery.url("/components"));
    await ada.mark();
    return ada;
  }

  async function count(visitor, name, times) {
    for (let i = 0; i < times; i++) {
      await visitor.click(`#counter-${name} .more`);
      await visitor.settled();
    }
  }

  test("each component counts for itself", async () => {
    const ada = await arrive();
    await count(ada, "a", 2);
    await count(ada, "b", 1);
    await ada.reads("#counter-a .value", 2);
    await ada.reads("#counter-b .value", 1);
    await ada.leave();
  });

  test("components keep their state while others come and go, and while the list is turned around", async () => {
    const ada = await arrive();
    const before = (await counters(ada)).length;
    await count(ada, "a", 3);
    await ada.click("#add-counter");
    await ada.counts("#counters > li", before + 1);
    await ada.settled();
    await ada.click("#reverse");
    await ada.settled();
    const turned = await counters(ada);
    assert.match(turned.at(-1), /^Counter a: 3 /);
    await ada.click("#counter-b .remove");
    await ada.counts("#counter-b", 0);
    await count(ada, "a", 1);
    await ada.reads("#counter-a .value", 4);
    await ada.isStillHere();
    await ada.leave();
  });

  test("a component that is removed and comes again begins anew", async () => {
    const ada = await Visitor.arrive(stage.browser);
    let isForgotten = false;
    const hear = ({ payload }) => (isForgotten ||= String(payload).includes("cids_destroyed"));
    ada.page.on("websocket", (socket) => socket.on("framesent", hear));
    await ada.open(stage.gallery.url("/components"));
    await count(ada, "a", 2);
    await ada.click("#counter-a .remove");
    await ada.counts("#counter-a", 0);
    // Until the page has confirmed that the component is gone the server keeps it, in case it comes again at once.
    await until(() => isForgotten, () => "the page confirms that the component is gone");
    await ada.click("#add-counter");
    await ada.reads("#counter-a .value", 0);
    await count(ada, "a", 1);
    await ada.reads("#counter-a .value", 1);
    await ada.leave();
  });

  test("the view tells all of its components something, and gives them new attributes", async () => {
    const ada = await arrive();
    await count(ada, "b", 1);
    await ada.click("#rename");
    await ada.reads("#counter-b", /: 1 clicks/);
    await ada.click("#set");
    await ada.reads("#counter-a", /: 10 clicks/);
    await ada.reads("#counter-b", /: 10 clicks/);
    await ada.leave();
  });

  test("slots with arguments fill a table that knows nothing of its rows", async () => {
    const ada = await arrive();
    assert.deepEqual(await ada.find("#fruits th").allTextContents(), ["Fruit", "Colour", "Weight"]);
    await ada.reads("#fruits tbody tr:nth-child(1)", /Quince\s*yellow\s*320 g/);
    await ada.counts("#fruits td strong", 3);
    await sameAsFresh(ada);
    await ada.leave();
  });
});
