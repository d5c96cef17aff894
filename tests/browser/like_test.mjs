// The first story: readers press Like, and everybody sees the number change.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Reader } from "./reader.mjs";
import { story } from "./story.mjs";

story("Likes", (stage) => {
  test("a like in one browser changes the number in both, without a page load", async () => {
    const ada = await Reader.arrive(stage.browser);
    const bob = await Reader.arrive(stage.browser);
    await ada.open(stage.cluster.url("/blog/hello"));
    await bob.open(stage.cluster.url("/blog/hello"));
    const before = await ada.likes();
    assert.equal(await bob.likes(), before);
    await ada.mark();
    await bob.mark();
    await ada.like();
    await ada.sees(before + 1);
    await bob.sees(before + 1);
    await ada.screenshot("like-ada");
    await bob.screenshot("like-bob");
    assert.equal(await ada.isUnmarked(), false, "ada's page was loaded anew");
    assert.equal(await bob.isUnmarked(), false, "bob's page was loaded anew");
    assert.deepEqual([...ada.problems, ...bob.problems], []);
    await ada.leave();
    await bob.leave();
  });

  test("a reader who comes later sees the number that was reached, before and after connecting", async () => {
    const ada = await Reader.arrive(stage.browser);
    await ada.open(stage.cluster.url("/blog/hello"));
    const before = await ada.likes();
    await ada.like();
    await ada.sees(before + 1);
    const plain = await Reader.arrive(stage.browser, { javaScriptEnabled: false });
    await plain.open(stage.cluster.url("/blog/hello"), { live: false });
    assert.equal(await plain.likes(), before + 1);
    const late = await Reader.arrive(stage.browser);
    await late.open(stage.cluster.url("/blog/hello"));
    assert.equal(await late.likes(), before + 1);
    for (const reader of [ada, plain, late]) await reader.leave();
  });

  test("a second press takes the like back, and the button tells its state", async () => {
    const ada = await Reader.arrive(stage.browser);
    await ada.open(stage.cluster.url("/blog/hello"));
    const button = ada.page.locator("#like");
    const before = await ada.likes();
    assert.equal(await button.getAttribute("aria-pressed"), "false");
    await ada.like();
    await ada.sees(before + 1);
    await ada.page.locator("#like[aria-pressed=true]").waitFor();
    await ada.page.reload();
    await ada.connected();
    await ada.page.locator("#like[aria-pressed=true]").waitFor();
    await ada.like();
    await ada.sees(before);
    await ada.page.locator("#like[aria-pressed=false]").waitFor();
    assert.deepEqual(ada.problems, []);
    await ada.leave();
  });

  test("the like button works by keyboard and keeps the focus", async () => {
    const ada = await Reader.arrive(stage.browser);
    await ada.open(stage.cluster.url("/blog/hello"));
    const before = await ada.likes();
    await ada.page.locator("#like").focus();
    await ada.page.keyboard.press("Enter");
    await ada.sees(before + 1);
    assert.equal(await ada.page.locator("#like:focus").count(), 1);
    assert.deepEqual(ada.problems, []);
    await ada.leave();
  });

  test("without JavaScript the button is a plain form, and readers with it see the change", async () => {
    const ada = await Reader.arrive(stage.browser);
    await ada.open(stage.cluster.url("/blog/hello"));
    const before = await ada.likes();
    const plain = await Reader.arrive(stage.browser, { javaScriptEnabled: false });
    await plain.open(stage.cluster.url("/blog/hello"), { live: false });
    await plain.like();
    await plain.page.waitForLoadState();
    await plain.sees(before + 1);
    assert.equal(new URL(plain.page.url()).pathname, "/blog/hello");
    await ada.sees(before + 1);
    await plain.screenshot("like-without-javascript");
    assert.deepEqual([...ada.problems, ...plain.problems], []);
    await ada.leave();
    await plain.leave();
  });
});
