// What readers notice when nodes go away while they write.

import assert from "node:assert/strict";
import { test } from "node:test";
import { until } from "./reader.mjs";
import { story } from "./story.mjs";
import { Writer } from "./writer.mjs";

story("Outages", (stage) => {
  const post = (host = 1) => stage.cluster.url("/blog/hello", host);

  test("without the accumulator a like and a comment wait, say so, and count once when it is back", async () => {
    const ada = await Writer.arrive(stage.browser);
    const bob = await Writer.arrive(stage.browser);
    await ada.open(post(1));
    await bob.open(post(2));
    const before = await ada.likes();
    await bob.reads("#like-count", before);
    await ada.mark();
    assert.equal((await ada.page.locator("#waiting").textContent()).trim(), "");
    await stage.cluster.script("kill", "accumulator_1");
    await ada.reads("#waiting", /^Live numbers are paused/);

    await ada.like();
    await ada.page.locator("#like[aria-pressed=true]").waitFor();
    await ada.reads("#like-note", "Your like is kept here, and counted later.");
    await ada.write("Written in the dark", { author: "Ada" });
    await ada.reads(".own .fate", /^Waiting to be sent/);
    assert.equal(await ada.page.locator("#comment-form-content").inputValue(), "");
    await ada.reads("#waiting", /Events waiting: [1-9]/);
    assert.equal(await bob.comment("Written in the dark").count(), 0);
    await ada.screenshot("outage-waiting");
    // Reading goes on: this page, and others.
    const late = await Writer.arrive(stage.browser);
    await late.open(post(2));
    assert.notEqual(await late.page.locator("h1").textContent(), "");
    await late.leave();

    await stage.cluster.script("restart", "accumulator_1");
    for (const reader of [ada, bob]) {
      await reader.findsComment("Written in the dark");
      await reader.sees(before + 1);
      await reader.reads("#waiting", "");
    }
    await ada.reads("#like-note", "");
    assert.equal(await ada.page.locator("#like[aria-pressed=true]").count(), 1);
    const { comments } = await stage.cluster.remote("accumulator_1", "comments");
    assert.equal(comments.filter(({ content }) => content === "Written in the dark").length, 1);
    assert.equal(await ada.isUnmarked(), false, "the page was loaded anew");
    assert.deepEqual([...ada.problems, ...bob.problems], []);
    await ada.leave();
    await bob.leave();
  });

  test("what was typed is still there when the host comes back", async () => {
    const ada = await Writer.arrive(stage.browser);
    await ada.open(post(1));
    await ada.write("Something to answer");
    await ada.findsComment("Something to answer");
    await ada.mark();
    await ada.answer("Something to answer");
    await ada.page.locator("#answer-form-content").fill("Half a rep");
    await ada.page.locator("#comment-form-author").fill("Ada");
    await ada.page.locator("#comment-form-content").fill("Half a thou");
    await stage.cluster.script("restart", "event_horizon_1");
    await ada.connected();
    await ada.page.locator("#answer-form").waitFor();
    for (const [field, text] of [["answer-form-content", "Half a rep"], ["comment-form-content", "Half a thou"], ["comment-form-author", "Ada"]]) {
      const value = () => ada.page.locator(`#${field}`).inputValue();
      await until(async () => (await value()) === text, async () => `#${field} has "${await value()}", expected "${text}"`);
    }
    assert.equal(await ada.isUnmarked(), false, "the page was loaded anew");
    // And it can be sent.
    await ada.click("#answer-form button[type=submit]");
    await ada.findsComment("Half a rep");
    await ada.leave();
  });

  test("readers of a host that dies are gone a little later", async () => {
    const ada = await Writer.arrive(stage.browser);
    const bob = await Writer.arrive(stage.browser);
    await ada.open(post(1));
    await bob.open(post(2));
    await ada.reads("#readers", "2 people are reading this");
    await stage.cluster.script("kill", "event_horizon_2");
    await ada.reads("#readers", "");
    await stage.cluster.script("restart", "event_horizon_2");
    await bob.connected();
    await ada.reads("#readers", "2 people are reading this");
    await ada.leave();
    await bob.leave();
  });
});
