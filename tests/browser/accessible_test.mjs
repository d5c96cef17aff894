// The pages work for everybody: axe finds nothing, in both colour schemes; and they are light.

import assert from "node:assert/strict";
import { test } from "node:test";
import { objections } from "./gallery/accessible.mjs";
import { desktop, phone } from "./reader.mjs";
import { story } from "./story.mjs";
import { Writer } from "./writer.mjs";

// Of a post with everything that comes with it, over the wire.
const postOctetsMax = 120 * 1024;

story("For everybody", (stage) => {
  /// Every page that the navigation leads to, a post, and one that is not there.
  async function addresses(reader) {
    await reader.open(stage.cluster.url("/blog"));
    const links = await reader.page.locator("header a").evaluateAll((all) => all.map((a) => new URL(a.href).pathname));
    return [...new Set(["/", "/blog", "/blog?q=beam", "/blog/hello", "/blog/no-such-post", ...links])];
  }

  for (const colorScheme of ["light", "dark"]) {
    test(`axe finds nothing on any page in ${colorScheme} colours`, async () => {
      const reader = await Writer.arrive(stage.browser, { viewport: desktop, colorScheme });
      const found = {};
      for (const address of await addresses(reader)) {
        await reader.page.goto(stage.cluster.url(address));
        const all = await objections(reader);
        if (all.length) found[address] = all;
      }
      assert.deepEqual(found, {});
      await reader.leave();
    });

    test(`axe finds nothing where readers write, in ${colorScheme} colours`, async () => {
      const reader = await Writer.arrive(stage.browser, { viewport: phone, colorScheme });
      await reader.open(stage.cluster.url("/blog/hello"));
      await reader.write(`Seen in ${colorScheme} colours`, { author: "Axel" });
      await reader.findsComment(`Seen in ${colorScheme} colours`);
      await reader.answer(`Seen in ${colorScheme} colours`);
      await reader.page.locator("#answer-form-content").fill("x".repeat(4001));
      await reader.reads("#answer-form-content-note", /too long/);
      await reader.screenshot(`writing-${colorScheme}`, { fullPage: true });
      assert.deepEqual(await objections(reader), []);
      const excess = await reader.page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      assert.ok(excess <= 0, `the page is ${excess} px wider than the screen`);
      await reader.leave();
    });
  }

  test("numbers that change, and readers who come, move nothing on the page", async () => {
    for (const viewport of [desktop, phone]) {
      const ada = await Writer.arrive(stage.browser, { viewport });
      await ada.open(stage.cluster.url("/blog/hello"));
      await ada.page.evaluate(() => {
        window.shifts = [];
        new PerformanceObserver((list) => {
          for (const entry of list.getEntries()) window.shifts.push(entry.sources.map(({ node }) => node?.id || node?.nodeName).join());
        }).observe({ type: "layout-shift", buffered: true });
      });
      const bob = await Writer.arrive(stage.browser);
      await bob.open(stage.cluster.url("/blog/hello", 2));
      await bob.like();
      await ada.reads("#readers", "2 people are reading this");
      await bob.like();
      await bob.leave();
      await ada.reads("#readers", "");
      assert.deepEqual(await ada.page.evaluate(() => window.shifts), [], `on a screen of ${viewport.width} px`);
      await ada.leave();
    }
  });

  test("a post with its script and style is light", async () => {
    const reader = await Writer.arrive(stage.browser);
    const wire = await reader.context.newCDPSession(reader.page);
    await wire.send("Network.enable");
    let octets = 0;
    wire.on("Network.loadingFinished", ({ encodedDataLength }) => (octets += encodedDataLength));
    await reader.open(stage.cluster.url("/blog/hello"));
    await reader.page.waitForLoadState("networkidle");
    assert.ok(octets > 10_000, `${octets} octets were counted: the measurement is wrong`);
    assert.ok(octets <= postOctetsMax, `${octets} octets, expected ${postOctetsMax} or fewer`);
    console.log(`a post with script and style: ${(octets / 1024).toFixed(1)} KiB over the wire`);
    await reader.leave();
  });
});
