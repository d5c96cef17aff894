// The page that shows how the cluster is.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Reader, until } from "./reader.mjs";
import { story } from "./story.mjs";

story("The cluster page", (stage) => {
  async function arrive(options) {
    const reader = await Reader.arrive(stage.browser, options);
    return reader.open(stage.cluster.url("/cluster"));
  }
  const text = async (reader, selector) => (await reader.page.locator(selector).textContent()).trim();
  const accumulator = (reader) => text(reader, "#accumulator .state");

  test("it shows the other nodes, what each has measured, and how far the reader is", async () => {
    const ada = await arrive();
    assert.equal(await ada.page.locator("#nodes tbody tr").count(), 3);
    assert.equal(await text(ada, "#nodes tr[data-node=event_horizon_1] .state"), "this host");
    assert.equal(await text(ada, "#nodes tr[data-node=event_horizon_2] .state"), "linked");
    assert.equal(await accumulator(ada), "reachable");
    for (const from of ["event_horizon_1", "event_horizon_2", "accumulator_1"]) {
      const cells = ada.page.locator(`#latencies tr[data-from=${from}] td`, { hasText: / ms$/ });
      await until(async () => (await cells.count()) === 2, async () => `${from} has told ${await cells.count()} latencies`, 30_000);
    }
    await until(
      async () => /^\d+(\.\d)? ms$/.test(await text(ada, "#reader-latency")),
      async () => `the reader's latency is "${await text(ada, "#reader-latency")}"`,
    );
    await ada.screenshot("cluster-page", { fullPage: true });
    assert.deepEqual(ada.problems, []);
    await ada.leave();
  });

  test("it says nothing that only operators should know", async () => {
    const ada = await arrive();
    const html = await ada.page.content();
    for (const secret of ["127.0.0.1", "@", "/var/", "cookie"]) assert.equal(html.includes(secret), false, secret);
    await ada.leave();
  });

  test("it notices that the accumulator was killed, and that it is back", async () => {
    const ada = await arrive();
    await ada.mark();
    assert.equal(await accumulator(ada), "reachable");
    await stage.cluster.script("kill", "accumulator_1");
    // Within two seconds, as tests/apps/event_horizon/cluster_page_test.cpp shows where no machine is busy.
    await until(async () => (await accumulator(ada)) === "away", async () => `the accumulator is ${await accumulator(ada)}`);
    assert.equal(await text(ada, "#nodes tr[data-node=accumulator_1] .state"), "away");
    assert.match(await text(ada, "#link-events li:first-child"), /accumulator_1 went\s+connection closed/);
    await ada.page.locator("#accumulator p", { hasText: /away\s+for [1-9]\d* s/ }).waitFor();
    const bob = await Reader.arrive(stage.browser);
    await bob.open(stage.cluster.url("/"));
    await until(async () => Number(await text(ada, "#events-waiting")) > 0, () => "bob's visit waits");
    assert.match(await text(ada, "#outbox figcaption"), /^Now [1-9]/);
    assert.match(await ada.page.locator("#buffer-history").getAttribute("aria-label"), /at most [1-9]/);
    await ada.screenshot("cluster-without-accumulator", { fullPage: true });
    await stage.cluster.script("restart", "accumulator_1");
    await until(async () => (await accumulator(ada)) === "reachable", async () => `the accumulator is ${await accumulator(ada)}`);
    await until(async () => (await text(ada, "#events-waiting")) === "0", () => "nothing waits any more", 30_000);
    assert.equal(await text(ada, "#link-events li:first-child .state"), "accumulator_1 came");
    assert.equal(await ada.isUnmarked(), false, "the page was loaded anew");
    assert.deepEqual([...ada.problems, ...bob.problems], []);
    await bob.leave();
    await ada.leave();
  });

  test("calls between nodes are shown with median and 99th percentile", async () => {
    const ada = await arrive();
    const bob = await Reader.arrive(stage.browser);
    await bob.open(stage.cluster.url("/blog/hello"));
    await bob.like();
    await until(async () => (await ada.number("#call-count")) > 0, () => "calls are counted");
    for (const id of ["#call-median", "#call-p99"]) assert.match(await text(ada, id), / ms$/);
    await bob.leave();
    await ada.leave();
  });
});
