// The way from page to page: nothing is loaded, the footer stays, and everybody is told where they are.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Reader, desktop, phone, until } from "./reader.mjs";
import { story } from "./story.mjs";

story("The site", (stage) => {
  /// Joins of the footer's view that the page has sent so far. To be called before the page is opened.
  function footerJoins(reader) {
    const seen = { joins: 0, leaves: 0 };
    reader.page.on("websocket", (socket) =>
      socket.on("framesent", ({ payload }) => {
        if (!String(payload).includes('"lv:site-footer"')) return;
        if (String(payload).includes('"phx_join"')) seen.joins += 1;
        if (String(payload).includes('"phx_leave"')) seen.leaves += 1;
      }));
    return seen;
  }

  const heading = (reader) => reader.page.locator("h1");
  const entry = (reader, name) => reader.page.locator(".top nav a", { hasText: name });

  async function shows(reader, title) {
    await until(
      async () => (await heading(reader).textContent()).trim() === title,
      async () => `the page shows "${await heading(reader).textContent()}", expected "${title}"`,
    );
  }

  test("links lead from page to page without a page load, and the footer's view stays", async () => {
    const ada = await Reader.arrive(stage.browser);
    const footer = footerJoins(ada);
    await ada.open(stage.cluster.url("/"));
    await ada.mark();
    await ada.page.evaluate(() => {
      window.footerAtFirst = document.querySelector("#site-footer");
    });
    for (const [name, title, path] of [["Blog", "Blog", "/blog"], ["Cluster", "Cluster", "/cluster"], ["Home", "Event Horizon", "/"]]) {
      await entry(ada, name).click();
      await shows(ada, title);
      assert.equal(new URL(ada.page.url()).pathname, path);
      await ada.page.locator(`.top nav a[aria-current=page]`, { hasText: name }).waitFor();
      assert.equal(await ada.page.locator(".top nav a[aria-current]").count(), 1);
    }
    await ada.page.locator(".posts h3 a").first().click();
    await ada.page.locator("#like").waitFor();
    await ada.page.goBack();
    await shows(ada, "Event Horizon");
    assert.equal(await ada.isUnmarked(), false, "a page was loaded");
    assert.deepEqual(footer, { joins: 1, leaves: 0 });
    assert.equal(await ada.page.evaluate(() => window.footerAtFirst === document.querySelector("#site-footer")), true);
    assert.deepEqual(ada.problems, []);
    await ada.leave();
  });

  test("the numbers of the site follow what readers do, on every page", async () => {
    const ada = await Reader.arrive(stage.browser);
    const bob = await Reader.arrive(stage.browser);
    await ada.open(stage.cluster.url("/", 1));
    await bob.open(stage.cluster.url("/blog/hello", 2));
    const before = await ada.number("#footer-likes");
    await bob.like();
    for (const at of ["#footer-likes", "#site-likes"]) await ada.sees(before + 1, { at });
    await bob.leave();
    await ada.leave();
  });

  test("a reader with two windows is one reader, and leaves with the last of them", async () => {
    const ada = await Reader.arrive(stage.browser);
    await ada.open(stage.cluster.url("/"));
    const reading = async () => (await ada.page.locator("#footer-readers").textContent()).trim();
    const second = await ada.context.newPage();
    await second.goto(stage.cluster.url("/blog"));
    const bob = await Reader.arrive(stage.browser);
    await bob.open(stage.cluster.url("/cluster", 2));
    await until(async () => (await reading()) === "2", async () => `${await reading()} are reading, expected 2`);
    await second.close();
    await bob.leave();
    await until(async () => (await reading()) === "1", async () => `${await reading()} are reading, expected 1`);
    await ada.leave();
  });

  test("the home page counts a reader once, however often it is opened", async () => {
    const { nodes } = await stage.cluster.remote("event_horizon_1", "nodes");
    const owner = nodes.find(({ role }) => role === "accumulator").name;
    const visits = async () => {
      const words = ["call", owner, "accumulator.get_count", '{"metric":"page.home.visits"}'];
      return (await stage.cluster.remote("event_horizon_1", ...words)).value.count;
    };
    const countOnce = async () => {
      const readers = [];
      const arrive = async (options) => {
        readers.push(await Reader.arrive(stage.browser, options));
        return readers.at(-1);
      };
      try {
        const before = await visits();
        const counted = (n) =>
          until(async () => (await visits()) === before + n, async () => `${(await visits()) - before} visits were counted`);
        const ada = await arrive();
        for (let i = 0; i < 3; i++) await ada.open(stage.cluster.url("/"));
        await entry(ada, "Blog").click();
        await shows(ada, "Blog");
        await entry(ada, "Home").click();
        await shows(ada, "Event Horizon");
        await counted(1);
        const plain = await arrive({ javaScriptEnabled: false });
        await plain.open(stage.cluster.url("/"), { live: false });
        const bob = await arrive();
        await bob.open(stage.cluster.url("/"));
        await counted(2);
      } finally {
        for (const reader of readers) await reader.leave();
      }
    };
    // Windows begin with the clock's half hours, in which everybody counts anew: a story that ran into the next is told again.
    const window = () => Math.floor(Date.now() / 1_800_000);
    for (;;) {
      const began = window();
      try {
        await countOnce();
        return;
      } catch (failure) {
        if (window() === began) throw failure;
      }
    }
  });

  test("an unknown post is a whole page with status 404 when it is loaded", async () => {
    const ada = await Reader.arrive(stage.browser);
    for (const path of ["/blog/no-such-post", "/nowhere", "/not-found"]) {
      const response = await ada.page.goto(stage.cluster.url(path));
      assert.equal(response.status(), 404, path);
      await shows(ada, "There is nothing here");
      assert.equal(await ada.page.locator("header.top, main, footer.end").count(), 3);
    }
    await ada.screenshot("not-found-page");
    // Its links work without a view.
    await entry(ada, "Blog").click();
    await ada.connected();
    await shows(ada, "Blog");
    await ada.leave();
  });

  test("an unknown post that is navigated to leads to the page that says so, and back", async () => {
    const ada = await Reader.arrive(stage.browser);
    const footer = footerJoins(ada);
    await ada.open(stage.cluster.url("/blog"));
    await ada.mark();
    await ada.page.evaluate(() => {
      const link = document.querySelector(".top .brand").cloneNode(true);
      link.setAttribute("href", "/blog/no-such-post");
      link.id = "astray";
      document.querySelector("main").append(link);
    });
    await ada.page.locator("#astray").click();
    await shows(ada, "There is nothing here");
    assert.equal(new URL(ada.page.url()).pathname, "/not-found");
    assert.match(await ada.page.title(), /^Not found/);
    assert.equal(await ada.isUnmarked(), false, "a page was loaded");
    assert.equal(footer.joins, 1);
    await ada.page.locator("main a", { hasText: "All posts" }).click();
    await shows(ada, "Blog");
    assert.deepEqual(ada.problems, []);
    await ada.leave();
  });

  test("by keyboard: past the navigation, through it, and into the page it leads to", async () => {
    const ada = await Reader.arrive(stage.browser);
    await ada.open(stage.cluster.url("/"));
    const focused = () => ada.page.evaluate(() => document.activeElement.id || document.activeElement.textContent.trim());
    await ada.page.keyboard.press("Tab");
    assert.equal(await focused(), "Skip to content");
    await ada.page.keyboard.press("Enter");
    assert.equal(await focused(), "main");
    await ada.open(stage.cluster.url("/"));
    for (let i = 0; i < 4; i++) await ada.page.keyboard.press("Tab");
    assert.equal(await focused(), "Blog");
    await ada.page.keyboard.press("Enter");
    await shows(ada, "Blog");
    await until(async () => (await focused()) === "main", async () => `the focus is on "${await focused()}"`);
    await until(
      async () => /^Blog/.test(await ada.page.locator("#arrival").textContent()),
      async () => `the announcement is "${await ada.page.locator("#arrival").textContent()}"`,
    );
    // From there on, the next key reaches what the page begins with.
    await ada.page.keyboard.press("Tab");
    assert.equal(await focused(), "search");
    await ada.page.goBack();
    await shows(ada, "Event Horizon");
    await until(async () => (await focused()) === "main", async () => `the focus is on "${await focused()}"`);
    assert.match(await ada.page.locator("#arrival").textContent(), /^Home/);
    await ada.leave();
  });

  for (const [screen, viewport] of Object.entries({ desktop, phone })) {
    for (const colorScheme of ["light", "dark"]) {
      test(`every page fits a ${screen} in ${colorScheme} colours`, async () => {
        const ada = await Reader.arrive(stage.browser, { viewport, colorScheme });
        for (const [name, path] of Object.entries({ home: "/", index: "/blog", cluster: "/cluster", missing: "/nowhere" })) {
          await ada.open(stage.cluster.url(path), { live: name !== "missing" });
          if (name === "cluster") await ada.page.locator("#latencies td", { hasText: " ms" }).first().waitFor();
          const wide = await ada.excessWidth();
          assert.ok(wide <= 0, `${path} is ${wide} px wider than the screen`);
          await ada.screenshot(`${name}-${screen}-${colorScheme}`, { fullPage: true });
        }
        await ada.leave();
      });
    }
  }

  test("nothing moves when the page has connected and its numbers arrive", async () => {
    const ada = await Reader.arrive(stage.browser);
    for (const path of ["/", "/cluster"]) {
      await ada.open(stage.cluster.url(path));
      await ada.watchShifts();
      await ada.number("#footer-readers");
      assert.deepEqual(await ada.shifts(), [], path);
    }
    await ada.leave();
  });

  test("without JavaScript the pages are there to be read, with their numbers", async () => {
    const ada = await Reader.arrive(stage.browser);
    await ada.open(stage.cluster.url("/blog/hello"));
    const plain = await Reader.arrive(stage.browser, { javaScriptEnabled: false });
    await plain.open(stage.cluster.url("/"), { live: false });
    assert.match(await plain.page.locator("#site-visits").textContent(), /^[\d,]+$/);
    assert.equal(await plain.page.locator("#site-readers").isVisible(), false);
    await entry(plain, "Cluster").click();
    await shows(plain, "Cluster");
    assert.equal(await plain.page.locator("#nodes tbody tr").count(), 3);
    await ada.leave();
    await plain.leave();
  });
});
