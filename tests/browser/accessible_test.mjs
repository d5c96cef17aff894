// The pages work for everybody: axe finds nothing, in both colour schemes; and they are light.

import assert from "node:assert/strict";
import { test } from "node:test";
import { objections } from "./gallery/accessible.mjs";
import { desktop, phone } from "./reader.mjs";
import { story } from "./story.mjs";
import { Writer } from "./writer.mjs";

// Of a page with everything that comes with it, over the wire.
const pageOctetsMax = 120 * 1024;

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
      const excess = await reader.excessWidth();
      assert.ok(excess <= 0, `the page is ${excess} px wider than the screen`);
      await reader.leave();
    });
  }

  test("numbers that change, and readers who come, move nothing on the page", async () => {
    for (const viewport of [desktop, phone]) {
      const ada = await Writer.arrive(stage.browser, { viewport });
      await ada.open(stage.cluster.url("/blog/hello"));
      await ada.watchShifts();
      const bob = await Writer.arrive(stage.browser);
      await bob.open(stage.cluster.url("/blog/hello", 2));
      await bob.like();
      await ada.reads("#readers", "2 people are reading this");
      await bob.like();
      await bob.leave();
      await ada.reads("#readers", "");
      assert.deepEqual(await ada.shifts(), [], `on a screen of ${viewport.width} px`);
      await ada.leave();
    }
  });

  /// Every post there is, and the pages around them.
  async function allPages() {
    const map = await (await fetch(stage.cluster.url("/sitemap.xml"))).text();
    const posts = [...map.matchAll(/\/blog\/[^<]+/g)].map(([address]) => address);
    assert.ok(posts.length >= 10, `the blog has ${posts.length} posts`);
    return ["/", "/blog", "/cluster", ...posts];
  }

  /// Octets over the wire, heads included, of a page that somebody opens who has never been here.
  async function weigh(address, options) {
    const reader = await Writer.arrive(stage.browser, options);
    const wire = await reader.context.newCDPSession(reader.page);
    await wire.send("Network.enable");
    let octets = 0;
    wire.on("Network.loadingFinished", ({ encodedDataLength }) => (octets += encodedDataLength));
    await reader.open(stage.cluster.url(address), { live: options?.javaScriptEnabled !== false });
    await reader.page.waitForLoadState("networkidle");
    return { reader, octets };
  }

  const kib = (octets) => `${(octets / 1024).toFixed(1)} KiB`;

  test("every page with its script and style is light", async () => {
    for (const address of await allPages()) {
      const { reader, octets } = await weigh(address);
      assert.ok(octets > 10_000, `${address}: ${octets} octets were counted: the measurement is wrong`);
      assert.ok(octets <= pageOctetsMax, `${address}: ${octets} octets, expected ${pageOctetsMax} or fewer`);
      console.log(`weight of ${address}: ${kib(octets)}`);
      await reader.leave();
    }
  });

  test("every page is painted without JavaScript, with its words and its style", async () => {
    for (const address of await allPages()) {
      const { reader, octets } = await weigh(address, { javaScriptEnabled: false });
      const { paint, waitedFor } = await reader.page.evaluate(() => ({
        paint: performance.getEntriesByName("first-contentful-paint")[0]?.startTime,
        waitedFor: performance.getEntriesByType("resource")
          .filter(({ renderBlockingStatus }) => renderBlockingStatus === "blocking").map(({ name }) => name),
      }));
      assert.ok(paint > 0, `${address} was not painted`);
      assert.equal(await reader.page.locator("main h1").isVisible(), true, address);
      // What a page waits for before it is shown: its style, nothing else.
      assert.equal(waitedFor.length, 1, `${address} waits for ${waitedFor}`);
      assert.match(waitedFor[0], /\.css$/);
      console.log(`without JavaScript ${address}: ${kib(octets)}, first paint after ${paint.toFixed(0)} ms`);
      await reader.leave();
    }
  });
});
