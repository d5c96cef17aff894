// Nested views: a crash reaches what is inside, never what is around; the sticky one stays over navigation.

import assert from "node:assert/strict";
import { crashView } from "./faults.mjs";
import { story, test } from "./story.mjs";
import { until, Visitor } from "./visitor.mjs";

const broken = /^client: view\.crashed: /;

async function processes(visitor) {
  const [page, child, grandchild] = await Promise.all(["#process", "#child-process", "#grandchild-process"].map((id) => visitor.text(id)));
  return { page, child, grandchild };
}

story("Nested views", (stage) => {
  async function arrive() {
    const ada = await Visitor.arrive(stage.browser);
    await ada.open(stage.gallery.url("/nested"));
    await ada.counts(".phx-connected", 4);
    await ada.mark();
    return ada;
  }

  test("every view counts in a process of its own", async () => {
    const ada = await arrive();
    await ada.click("#child-inc");
    await ada.click("#grandchild-inc");
    await ada.settled();
    await ada.click("#grandchild-inc");
    await ada.reads("#child-count", 1);
    await ada.reads("#grandchild-count", 2);
    assert.equal(new Set(Object.values(await processes(ada))).size, 3);
    await ada.leave();
  });

  test("a view that breaks comes back alone; what is around it does not notice", async () => {
    const ada = await arrive();
    await ada.click("#child-inc");
    await ada.click("#grandchild-inc");
    await ada.reads("#grandchild-count", 1);
    const before = await processes(ada);
    await ada.click("#grandchild-crash");
    await until(async () => (await ada.text("#grandchild-process")) !== before.grandchild, () => "the innermost view comes back");
    await ada.reads("#grandchild-count", 0);
    const after = await processes(ada);
    assert.deepEqual([after.page, after.child], [before.page, before.child]);
    await ada.reads("#child-count", 1);
    ada.forgive(broken);
    await ada.leave();
  });

  test("a view that breaks takes along what is inside it, and both come back", async () => {
    const ada = await arrive();
    await ada.click("#child-inc");
    await ada.click("#grandchild-inc");
    await ada.reads("#grandchild-count", 1);
    const before = await processes(ada);
    await ada.click("#child-crash");
    await until(async () => {
      const { child, grandchild } = await processes(ada);
      return child !== before.child && grandchild !== before.grandchild && grandchild !== "none yet";
    }, () => "both views come back");
    await ada.counts(".phx-connected", 4);
    await ada.reads("#child-count", 0);
    await ada.reads("#grandchild-count", 0);
    await ada.click("#grandchild-inc");
    await ada.reads("#grandchild-count", 1);
    assert.equal((await processes(ada)).page, before.page);
    await ada.isStillHere();
    ada.forgive(broken);
    await ada.leave();
  });

  test("the player plays on, and stays paused, while the pages around it change", async () => {
    const ada = await arrive();
    await until(async () => (await ada.text("#player-time")) >= "0:02", async () => `the player is at ${await ada.text("#player-time")}`);
    await ada.find("#player").evaluate((element) => (element.mark = true));
    await ada.click("#to-other");
    await ada.reads("h1", /the other page/);
    assert.ok((await ada.text("#player-time")) >= "0:02", "the player began anew");
    await ada.click("#player-toggle");
    await ada.reads("#player-toggle", "Play");
    const paused = await ada.text("#player-time");
    await ada.click("#to-first");
    await ada.reads("h1", "Nested views");
    await ada.reads("#player-toggle", "Play");
    await ada.reads("#player-time", paused);
    assert.equal(await ada.find("#player").evaluate((element) => element.mark), true, "the player's element is another one");
    await ada.isStillHere();
    await ada.leave();
  });

  test("when the page's own view breaks, all of it comes back", async () => {
    const ada = await arrive();
    await ada.click("#child-inc");
    await ada.reads("#child-count", 1);
    const before = await processes(ada);
    await crashView(ada);
    await until(async () => (await ada.text("#process")) !== before.page, () => "the page comes back");
    await ada.counts(".phx-connected", 4);
    await ada.reads("#child-count", 0);
    await ada.click("#grandchild-inc");
    await ada.reads("#grandchild-count", 1);
    await ada.isStillHere();
    ada.forgive(broken);
    await ada.leave();
  });
});
