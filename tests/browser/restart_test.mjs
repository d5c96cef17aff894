// What a reader notices when nodes go away and come back.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Reader, until } from "./reader.mjs";
import { story } from "./story.mjs";

story("Restarts", (stage) => {
  const isConnected = (reader) => reader.page.locator("[data-phx-main].phx-connected").count();

  test("after a restart of the blog host the page goes on by itself, without a page load", async () => {
    const ada = await Reader.arrive(stage.browser);
    await ada.open(stage.cluster.url("/blog/hello"));
    const before = await ada.likes();
    await ada.mark();
    await stage.cluster.script("restart", "event_horizon_1");
    await ada.connected();
    await ada.like();
    await ada.sees(before + 1);
    assert.equal(await ada.isUnmarked(), false, "the page was loaded anew");
    await ada.leave();
  });

  test("a blog host that is gone is told to the reader, and its return too", async () => {
    const ada = await Reader.arrive(stage.browser);
    await ada.open(stage.cluster.url("/blog/hello"));
    await ada.mark();
    const banner = ada.page.locator("#connection");
    assert.equal(await banner.isVisible(), false);
    await stage.cluster.script("kill", "event_horizon_1");
    await banner.waitFor({ state: "visible" });
    assert.match(await banner.textContent(), /Connection lost/);
    await ada.screenshot("connection-lost");
    await stage.cluster.script("restart", "event_horizon_1");
    await banner.waitFor({ state: "hidden" });
    await until(() => isConnected(ada), () => "the view is connected");
    assert.equal(await ada.isUnmarked(), false, "the page was loaded anew");
    await ada.leave();
  });

  test("the number outlives the accumulator's death, and likes go on after its return", async () => {
    const ada = await Reader.arrive(stage.browser);
    await ada.open(stage.cluster.url("/blog/hello"));
    const before = await ada.likes();
    await ada.like();
    await ada.sees(before + 1);
    await stage.cluster.script("kill", "accumulator_1");
    await stage.cluster.script("restart", "accumulator_1");
    const bob = await Reader.arrive(stage.browser);
    await bob.open(stage.cluster.url("/blog/hello"));
    // The link between the nodes may take a moment longer than their readiness.
    await bob.sees(before + 1);
    await bob.like();
    await bob.sees(before + 2);
    await ada.sees(before + 2);
    await ada.leave();
    await bob.leave();
  });

  test("visits wait while the accumulator is away, and each is counted once when it is back", async () => {
    const { nodes } = await stage.cluster.remote("event_horizon_1", "nodes");
    const owner = nodes.find(({ role }) => role === "accumulator").name;
    const visits = async () => {
      const words = ["call", owner, "accumulator.get_blog_stats", '{"slug":"hello"}'];
      return (await stage.cluster.remote("event_horizon_1", ...words)).value.visits;
    };
    const waiting = async () => stage.cluster.remote("event_horizon_1", "outbox", "status");
    const visit = async () => {
      const reader = await Reader.arrive(stage.browser);
      await reader.open(stage.cluster.url("/blog/hello"));
      await reader.leave();
    };
    const before = await visits();
    await visit();
    await until(async () => (await visits()) === before + 1, () => "the first visit counts");
    await stage.cluster.script("kill", "accumulator_1");
    for (let i = 0; i < 3; i++) await visit();
    await until(async () => (await waiting()).size > 0, () => "the visits wait in the outbox");
    await stage.cluster.script("restart", "accumulator_1");
    await until(async () => (await waiting()).size === 0, async () => `nothing waits any more: ${JSON.stringify(await waiting())}`, 30_000);
    await until(async () => (await visits()) === before + 4, async () => `${await visits()} visits, expected ${before + 4}`);
  });
});
