// Finding posts and finding one's way in them.

import assert from "node:assert/strict";
import { test } from "node:test";
import { objections } from "./gallery/accessible.mjs";
import { Reader, desktop, phone, until } from "./reader.mjs";
import { story } from "./story.mjs";

story("Posts", (stage) => {
  const titles = (reader) => reader.page.locator(".posts h2").allTextContents();

  test("what is typed into the search is looked for at once, and the address keeps it", async () => {
    const reader = await Reader.arrive(stage.browser);
    await reader.open(stage.cluster.url("/blog"));
    await reader.mark();
    assert.ok((await titles(reader)).length >= 2);
    await reader.page.locator("#search").pressSequentially("transaction");
    // The list follows each pause of the typing, and the address follows the list.
    await until(
      async () => reader.page.url().endsWith("/blog?q=transaction"),
      async () => `the address is ${reader.page.url()}, the list shows ${await titles(reader)}`,
    );
    assert.match(await reader.page.locator(".snippet mark").first().textContent(), /^transaction/i);
    assert.equal(await reader.isUnmarked(), false, "the page was loaded anew");
    assert.equal(await reader.page.locator("#search:focus").count(), 1);
    await reader.page.locator("#search").fill("nothing-is-called-so");
    await until(
      async () => (await reader.page.locator(".posts").count()) === 0,
      async () => `the list shows ${await titles(reader)}`,
    );
    assert.match(await reader.page.locator("#found").textContent(), /No post/);
    assert.deepEqual(reader.problems, []);
    await reader.leave();
  });

  test("tags narrow the list without a page load", async () => {
    const reader = await Reader.arrive(stage.browser);
    await reader.open(stage.cluster.url("/blog"));
    await reader.mark();
    await reader.page.locator(".tags a", { hasText: "distributed-systems" }).click();
    await until(
      async () => (await titles(reader)).join() === "Likes that count once",
      async () => `the list shows ${await titles(reader)}`,
    );
    assert.match(reader.page.url(), /\?tag=distributed-systems$/);
    assert.equal(await reader.isUnmarked(), false, "the page was loaded anew");
    await reader.page.goBack();
    await until(
      async () => (await titles(reader)).length >= 2,
      async () => `the list shows ${await titles(reader)}`,
    );
    await reader.leave();
  });

  test("without JavaScript the search is a plain form", async () => {
    const reader = await Reader.arrive(stage.browser, { javaScriptEnabled: false });
    await reader.open(stage.cluster.url("/blog"), { live: false });
    await reader.page.locator("#search").fill("TRANSACTIÓN");
    await reader.page.locator("#search").press("Enter");
    await reader.page.waitForURL(/\?q=/);
    assert.ok((await reader.page.locator(".snippet mark").count()) > 0);
    assert.equal(await reader.page.locator("#search").inputValue(), "TRANSACTIÓN");
    await reader.leave();
  });

  test("the table of contents and the neighbours lead on", async () => {
    const reader = await Reader.arrive(stage.browser);
    await reader.open(stage.cluster.url("/blog/hello"));
    await reader.page.locator(".toc a").first().click();
    assert.equal(new URL(reader.page.url()).hash, "#try-it");
    assert.equal(await reader.page.locator("#try-it").isVisible(), true);
    await reader.page.locator(".adjacent a[rel=prev]").click();
    await reader.connected();
    assert.match(reader.page.url(), /\/blog\/[a-z0-9-]+$/);
    assert.deepEqual(reader.problems, []);
    await reader.leave();
  });

  for (const colorScheme of ["light", "dark"]) {
    for (const [screen, viewport] of Object.entries({ desktop, phone })) {
      test(`axe objects to nothing on a ${screen} in ${colorScheme} colours`, async () => {
        // axe runs in the page, which forbids scripts that are not its own.
        const reader = await Reader.arrive(stage.browser, { viewport, colorScheme, bypassCSP: true });
        // The last one has footnotes, tasks and a wide table.
        const pages = {
          ...{ home: "/", index: "/blog", search: "/blog?q=like" },
          ...{ post: "/blog/hello", footnotes: "/blog/likes-that-wait" },
        };
        for (const [name, page] of Object.entries(pages)) {
          await reader.open(stage.cluster.url(page), { live: page !== "/" });
          assert.deepEqual(await objections(reader), [], `of ${page}`);
          await reader.screenshot(`${name}-${screen}-${colorScheme}`, { fullPage: true });
        }
        await reader.leave();
      });
    }
  }

  test("programs find feeds, the site map and what they may look at", async () => {
    for (const [path, type, part] of [
      ["/feed.xml", "application/atom+xml", "/blog/hello</id>"],
      ["/rss.xml", "application/rss+xml", "/blog/hello</link>"],
      ["/sitemap.xml", "application/xml", "/blog/hello</loc>"],
      ["/robots.txt", "text/plain", "Sitemap: http"],
      ["/blog/hello", "text/html", '<script type="application/ld+json">{"@context":"https://schema.org"'],
      ["/blog/hello", "text/html", '<meta property="og:title" content="Hello from two nodes">'],
      ["/blog?tag=actors", "text/html", '<link rel="canonical" href="/blog?tag=actors">'],
    ]) {
      const answer = await fetch(stage.cluster.url(path));
      assert.equal(answer.status, 200, path);
      assert.ok(answer.headers.get("content-type").startsWith(type), path);
      assert.ok((await answer.text()).includes(part), path);
    }
  });
});
