// The clock: a topic that changes twenty times a second, the same for everybody.

import assert from "node:assert/strict";
import { story, test } from "./story.mjs";
import { until, Visitor } from "./visitor.mjs";

const tick = async (visitor) => Number(await visitor.text("#tick"));

story("Clock", (stage) => {
  test("two visitors see the same number, twenty times a second", async () => {
    const ada = await Visitor.arrive(stage.browser);
    const bob = await Visitor.arrive(stage.browser);
    for (const each of [ada, bob]) await each.open(stage.gallery.url("/clock"));
    const shown = await tick(ada);
    await until(async () => (await tick(ada)) > shown, () => "the first tick"); // What a page begins with may be old.
    const [first, begun] = [await tick(ada), Date.now()];
    await until(async () => (await tick(ada)) >= first + 40, () => "forty ticks");
    const rate = (1000 * ((await tick(ada)) - first)) / (Date.now() - begun);
    assert.ok(rate > 10 && rate < 30, `${rate.toFixed(1)} ticks a second, expected 20`);
    await until(async () => Math.abs((await tick(ada)) - (await tick(bob))) <= 4, () => "both see the same number");
    for (const each of [ada, bob]) await each.leave();
  });

  test("a visitor who comes later has the newest number before the first tick", async () => {
    const plain = await Visitor.arrive(stage.browser, { javaScriptEnabled: false });
    const ada = await Visitor.arrive(stage.browser);
    await ada.open(stage.gallery.url("/clock"));
    const seen = await tick(ada);
    await plain.open(stage.gallery.url("/clock"), { live: false });
    assert.ok((await tick(plain)) >= seen, "the page without scripts shows an older number");
    for (const each of [ada, plain]) await each.leave();
  });
});
