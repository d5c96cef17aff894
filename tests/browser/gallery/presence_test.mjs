// Presence: who is here, in every window, as people come and go.

import assert from "node:assert/strict";
import { story, test } from "./story.mjs";
import { Visitor } from "./visitor.mjs";

const people = (visitor) => visitor.find("#people .person").allTextContents();

story("Presence", (stage) => {
  async function come(name) {
    const visitor = await Visitor.arrive(stage.browser);
    await visitor.open(stage.gallery.url("/presence"));
    if (name) {
      await visitor.find("#name").fill(name);
      await visitor.click("#enter");
      await visitor.reads("#you", `You are here as ${name}.`);
    }
    return visitor;
  }

  test("people see each other come and go, and are counted", async () => {
    const watcher = await come("");
    await watcher.reads("#here-count", 0);
    const ada = await come("Ada");
    await watcher.reads("#people .person", "Ada");
    const bob = await come("Bob");
    for (const each of [watcher, ada, bob]) {
      await each.reads("#here-count", 2);
      await each.counts("#people .person", 2);
      assert.deepEqual((await people(each)).sort(), ["Ada", "Bob"]);
    }
    await bob.leave();
    await watcher.reads("#people .person", "Ada");
    await watcher.reads("#here-count", 1);
    await ada.click("#leave");
    await watcher.reads("#here-count", 0);
    await watcher.counts("#nobody", 1);
    await watcher.counts("#people", 0);
    await watcher.leave();
    await ada.leave();
  });

  test("a person with two windows is one person, until both are closed", async () => {
    const watcher = await come("");
    const ada = await come("Ada");
    const second = await ada.tab();
    await second.open(ada.page.url());
    await watcher.reads("#people", /Ada.*in 2 windows/);
    await watcher.reads("#here-count", 1);
    await second.page.close();
    await watcher.reads("#people", /^Ada$/);
    await ada.leave();
    await watcher.reads("#here-count", 0);
    await watcher.leave();
  });

  test("a name that will not do is told, and nobody is here by it", async () => {
    const ada = await come("");
    await ada.find("#name").fill("A");
    await ada.click("#enter");
    await ada.reads("#name-note", "A name has 2 to 30 characters.");
    await ada.reads("#here-count", 0);
    await ada.leave();
  });
});
