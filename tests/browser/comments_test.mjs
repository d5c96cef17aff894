// Readers who write to each other, on two hosts.

import assert from "node:assert/strict";
import { test } from "node:test";
import { phone } from "./reader.mjs";
import { story } from "./story.mjs";
import { Writer } from "./writer.mjs";

story("Comments", (stage) => {
  const post = (host = 1) => stage.cluster.url("/blog/hello", host);

  test("readers on two hosts see each other come, like, write and reply", async () => {
    const ada = await Writer.arrive(stage.browser);
    const bob = await Writer.arrive(stage.browser, { viewport: phone });
    await ada.open(post(1));
    await ada.likes();
    await ada.mark();
    assert.equal(await ada.page.locator("#readers").textContent(), "");
    await ada.reads("#visit-count", /^[1-9]/);
    const before = { visits: await ada.number("#visit-count"), likes: await ada.likes(), comments: await ada.number("#comment-count") };
    await bob.open(post(2));
    await bob.mark();
    await ada.reads("#visit-count", before.visits + 1);
    for (const reader of [ada, bob]) await reader.reads("#readers", "2 people are reading this");

    await bob.like();
    await ada.sees(before.likes + 1);

    await ada.write("Does this work\nwith two lines & <b>signs</b>?", { author: "Ada" });
    await bob.findsComment("with two lines & <b>signs</b>?");
    await ada.findsComment("with two lines & <b>signs</b>?");
    await bob.reads("#news", "New comment by Ada");
    await ada.reads("#comment-form-content", "");
    assert.equal(await ada.page.locator("#comment-form-content").inputValue(), "");
    assert.equal(await ada.page.locator("#comment-form-author").inputValue(), "Ada");
    for (const reader of [ada, bob]) await reader.reads("#comment-count", before.comments + 1);

    await bob.answer("with two lines");
    await bob.isAt("#answer-form-content");
    await bob.write("It does.", { author: "Bob", form: "#answer-form" });
    await ada.findsComment("It does.");
    assert.equal(await ada.thread("with two lines").locator(".comment", { hasText: "It does." }).count(), 1);
    await bob.findsComment("It does.");
    assert.equal(await bob.page.locator("#answer-form").count(), 0);
    assert.equal(new URL(bob.page.url()).search, "");
    for (const reader of [ada, bob]) await reader.reads("#comment-count", before.comments + 2);
    await ada.screenshot("comments-desktop", { fullPage: true });
    await bob.screenshot("comments-phone", { fullPage: true });

    assert.equal(await ada.isUnmarked(), false, "ada's page was loaded anew");
    assert.equal(await bob.isUnmarked(), false, "bob's page was loaded anew");
    assert.deepEqual([...ada.problems, ...bob.problems], []);
    await bob.leave();
    await ada.reads("#readers", "");
    await ada.leave();
  });

  test("a reader with two tabs is one reader", async () => {
    const ada = await Writer.arrive(stage.browser);
    await ada.open(post(1));
    const second = await ada.context.newPage();
    await second.goto(post(2));
    await second.locator("[data-phx-main].phx-connected").waitFor({ state: "attached" });
    const bob = await Writer.arrive(stage.browser);
    await bob.open(post(2));
    // Two, once both hosts have heard of all three pages, and never three.
    await ada.reads("#readers", "2 people are reading this");
    await bob.reads("#readers", "2 people are reading this");
    await ada.leave();
    await bob.leave();
  });

  test("without JavaScript a comment and a reply are plain forms", async () => {
    const ada = await Writer.arrive(stage.browser);
    await ada.open(post(1));
    const plain = await Writer.arrive(stage.browser, { javaScriptEnabled: false });
    await plain.open(post(2), { live: false });
    await plain.page.locator("#comment-form-content").fill("Sent by a plain form");
    await plain.page.locator("#comment-form button[type=submit]").click();
    await plain.page.waitForLoadState();
    assert.equal(new URL(plain.page.url()).pathname, "/blog/hello");
    await ada.findsComment("Sent by a plain form");
    await plain.page.goto(post(2));
    await plain.thread("Sent by a plain form").locator(".answer-link").click();
    await plain.page.waitForURL(/\?reply=/);
    await plain.page.locator("#answer-form-content").fill("And answered by another one");
    await plain.page.locator("#answer-form button[type=submit]").click();
    await plain.page.waitForLoadState();
    await ada.findsComment("And answered by another one");
    assert.equal(await ada.thread("Sent by a plain form").locator(".comment").count(), 2);
    await plain.page.goto(post(1));
    assert.equal(await plain.comment("And answered by another one").count(), 1);
    assert.deepEqual([...ada.problems, ...plain.problems], []);
    await plain.leave();
    await ada.leave();
  });

  test("who writes the first comment of a post stays on the button, near and far", async () => {
    for (const [address, latency] of [["/blog/likes-that-wait", 0], ["/blog/what-is-sent", 300]]) {
      const ada = await Writer.arrive(stage.browser);
      await ada.open(stage.cluster.url(address));
      if (latency) await ada.page.evaluate((ms) => window.liveSocket.enableLatencySim(ms), latency);
      await ada.page.locator("#comment-form-content").focus();
      await ada.page.keyboard.type("The first one here");
      await ada.page.locator("#comment-form button[type=submit]").focus();
      await ada.page.keyboard.press("Enter");
      await ada.findsComment("The first one here");
      await ada.isAt("#comment-form button[type=submit]");
      if (latency) await ada.page.evaluate(() => window.liveSocket.disableLatencySim());
      await ada.leave();
    }
  });

  test("by keyboard alone one can write, reply, cancel, and never loses one's place", async () => {
    const ada = await Writer.arrive(stage.browser);
    await ada.open(post(1));
    await ada.tabTo("#comment-form-content");
    await ada.page.keyboard.type("Typed without a mouse");
    await ada.page.keyboard.press("Tab");
    await ada.page.keyboard.type("Kay");
    await ada.page.keyboard.press("Tab");
    await ada.page.keyboard.press("Enter");
    await ada.findsComment("Typed without a mouse");
    await ada.isAt("#comment-form button[type=submit]");

    const link = ada.thread("Typed without a mouse").locator(".answer-link");
    const id = await link.getAttribute("id");
    await link.focus();
    await ada.page.keyboard.press("Enter");
    await ada.isAt("#answer-form-content");
    await ada.tabTo("#answer-form a");
    await ada.page.keyboard.press("Enter");
    await ada.page.locator("#answer-form").waitFor({ state: "detached" });
    await ada.isAt(`#${id}`);

    await ada.page.keyboard.press("Enter");
    await ada.isAt("#answer-form-content");
    await ada.page.keyboard.type("Nor was this");
    await ada.tabTo("#answer-form button[type=submit]");
    await ada.page.keyboard.press("Enter");
    await ada.findsComment("Nor was this");
    await ada.isAt(".comment");
    assert.match(await ada.page.locator(".comment:focus").textContent(), /Nor was this/);
    assert.deepEqual(ada.problems, []);
    await ada.leave();
  });

  test("what is wrong with a comment is said while it is typed, and nothing typed is lost", async () => {
    const ada = await Writer.arrive(stage.browser);
    await ada.open(post(1));
    await ada.page.locator("#comment-form-content").fill("x".repeat(4001));
    await ada.reads("#comment-form-content-note", "This comment is 1 letter too long. Please shorten it.");
    await ada.click("#comment-form button[type=submit]");
    assert.equal((await ada.page.locator("#comment-form-content").inputValue()).length, 4001);
    assert.equal(await ada.page.locator("#comment-form-content[aria-invalid=true]").count(), 1);
    await ada.page.locator("#comment-form-content").fill("x".repeat(3990));
    await ada.reads("#comment-form-content-note", "About 10 more letters fit.");
    assert.deepEqual(ada.problems, []);
    await ada.leave();
  });

  test("a moderator hides a comment and it goes from all pages, and comes back", async () => {
    const ada = await Writer.arrive(stage.browser);
    const bob = await Writer.arrive(stage.browser);
    await ada.open(post(1));
    await bob.open(post(2));
    await ada.write("Not for everybody");
    await bob.findsComment("Not for everybody");
    await ada.findsComment("Not for everybody");
    const { comments } = await stage.cluster.remote("accumulator_1", "comments");
    const { id } = comments.find(({ content }) => content === "Not for everybody");
    await stage.cluster.remote("accumulator_1", "comment", "hide", id);
    for (const reader of [ada, bob]) await reader.comment("Not for everybody").waitFor({ state: "detached" });
    await stage.cluster.remote("accumulator_1", "comment", "show", id);
    for (const reader of [ada, bob]) await reader.findsComment("Not for everybody");
    assert.deepEqual([...ada.problems, ...bob.problems], []);
    await ada.leave();
    await bob.leave();
  });

  test("each post has one address, whatever letters it is asked for in", async () => {
    const ada = await Writer.arrive(stage.browser);
    const first = ada.page.waitForResponse(/\/blog\/HELLO/);
    await ada.open(stage.cluster.url("/blog/HELLO"));
    assert.equal((await first).status(), 301);
    assert.equal(new URL(ada.page.url()).pathname, "/blog/hello");
    await ada.leave();
  });
});
