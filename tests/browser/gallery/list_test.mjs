// The infinite list: rows come while one scrolls, and the page keeps only some.

import assert from "node:assert/strict";
import { story, test } from "./story.mjs";
import { until, Visitor } from "./visitor.mjs";

const kept = 120;
const all = 2000;

async function range(visitor) {
  return (await visitor.text("#range")).match(/\d+/g).map(Number);
}

/// The numbers of the rows, from the top; fails if one is missing, twice or out of order.
async function rows(visitor) {
  const numbers = (await visitor.find("#rows > li").allTextContents()).map((text) => Number(/\d+/.exec(text)[0]));
  assert.deepEqual(numbers, numbers.map((_, index) => numbers[0] + index), "the rows are in order, without a gap");
  return numbers;
}

const toEnd = (visitor) => visitor.find("#list-box").evaluate((box) => box.scrollTo(0, box.scrollHeight));
const toStart = (visitor) => visitor.find("#list-box").evaluate((box) => box.scrollTo(0, 0));

story("Infinite list", (stage) => {
  test("scrolling down brings more rows, and the oldest leave the page", async () => {
    const ada = await Visitor.arrive(stage.browser);
    await ada.open(stage.gallery.url("/list"));
    await ada.mark();
    await until(
      async () => {
        await toEnd(ada);
        return (await range(ada))[1] >= 400;
      },
      async () => `the page has rows ${await range(ada)}, expected row 400`,
    );
    await ada.settled();
    const numbers = await rows(ada);
    assert.ok(numbers.length <= kept, `the page keeps ${numbers.length} rows, expected at most ${kept}`);
    await ada.isStillHere();
    await ada.leave();
  });

  test("scrolling up again brings back what had left", async () => {
    const ada = await Visitor.arrive(stage.browser);
    await ada.open(stage.gallery.url("/list"));
    await until(async () => (await toEnd(ada), (await range(ada))[0] > 100), async () => `rows ${await range(ada)}`);
    const isFirst = async () => (await toStart(ada), (await range(ada))[0] === 1);
    await until(isFirst, async () => `rows ${await range(ada)}, expected the first`);
    await ada.settled();
    assert.equal((await rows(ada))[0], 1);
    await ada.reads("#earlier", "The list begins here.");
    await ada.leave();
  });

  test("the list has an end", async () => {
    const ada = await Visitor.arrive(stage.browser);
    await ada.open(stage.gallery.url("/list"));
    const isLast = async () => (await toEnd(ada), (await range(ada))[1] === all);
    await until(isLast, async () => `rows ${await range(ada)}, expected the last`, 40_000);
    await ada.reads("#more", "That was all.");
    assert.equal((await rows(ada)).at(-1), all);
    await ada.leave();
  });
});
