// The stream: ten thousand rows in the page, none on the server, and every change costs one row.

import assert from "node:assert/strict";
import { story, test } from "./story.mjs";
import { until, Visitor } from "./visitor.mjs";

const rows = "#rows > li";

story("Stream", (stage) => {
  async function arrive() {
    const ada = await Visitor.arrive(stage.browser);
    await ada.open(stage.gallery.url("/stream"));
    await ada.counts(rows, 10_000);
    await ada.mark();
    return ada;
  }

  test("ten thousand rows arrive in order", async () => {
    const ada = await arrive();
    const texts = await ada.find(rows).allTextContents();
    assert.deepEqual(texts, Array.from({ length: 10_000 }, (_, index) => `Row ${index + 1}`));
    await ada.leave();
  });

  test("rows are inserted, changed and removed one by one, and the place one looks at stays", async () => {
    const ada = await arrive();
    const box = ada.find("#rows-box");
    await box.evaluate((element) => element.scrollTo(0, element.scrollHeight / 2));
    await box.hover();
    // As visitors scroll: a browser does not keep the place that a script has just jumped to.
    const jumped = await box.evaluate((element) => element.scrollTop);
    await ada.page.mouse.wheel(0, 30);
    await until(async () => (await box.evaluate((element) => element.scrollTop)) === jumped + 30, () => "the wheel turns the box");
    const inSight = () => box.evaluate((element) => {
      const { left, top } = element.getBoundingClientRect();
      return document.elementFromPoint(left + 60, top + 60).closest("li")?.textContent;
    });
    const sight = await inSight();
    await ada.find(rows).evaluateAll((all) => all.forEach((each, index) => (each.mark = index)));
    await ada.click("#insert-top");
    await ada.counts(rows, 10_001);
    await ada.reads(`${rows}:first-child`, "Row 10001");
    await until(async () => (await inSight()) === sight, async () => `the box shows ${await inSight()}, before it was ${sight}`);
    await ada.find("#number").fill("4711");
    await ada.settled();
    await ada.click("#update");
    await ada.reads("#rows-4711", "Row 4711, changed by update 1");
    await ada.find("#number").fill("4712");
    await ada.settled();
    await ada.click("#remove");
    await ada.counts("#rows-4712", 0);
    await ada.counts(rows, 10_000);
    const kept = await ada.find(rows).evaluateAll((all) => all.filter((each) => each.mark !== undefined).length);
    assert.equal(kept, 9999, "every other element is the same as before");
    await ada.isStillHere();
    await ada.leave();
  });

  test("a thousand more in one go, a limit, an end and a new beginning", async () => {
    const ada = await arrive();
    await ada.click("#bulk");
    await ada.counts(rows, 11_000);
    await ada.reads(`${rows}:last-child`, "Row 11000");
    await ada.click("#limit");
    await ada.counts(rows, 100);
    await ada.reads(`${rows}:first-child`, "Row 11001");
    await ada.reads(`${rows}:last-child`, "Row 99");
    await ada.click("#reset");
    await ada.counts(rows, 10);
    await ada.reads(`${rows}:last-child`, "Row 10");
    await ada.click("#refill");
    await ada.counts(rows, 10_000);
    await ada.leave();
  });

  test("a change of one row costs a few octets on the wire", async () => {
    const ada = await Visitor.arrive(stage.browser);
    const sizes = [];
    ada.page.on("websocket", (socket) => socket.on("framereceived", ({ payload }) => sizes.push(payload.length)));
    await ada.open(stage.gallery.url("/stream"));
    await ada.counts(rows, 10_000);
    sizes.length = 0;
    await ada.click("#insert-top");
    await ada.counts(rows, 10_001);
    await ada.settled();
    assert.ok(Math.max(...sizes) < 500, `the answer had ${Math.max(...sizes)} octets, expected fewer than 500`);
    await ada.leave();
  });
});
