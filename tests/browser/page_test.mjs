// How a page is made: readable on every screen, by day and by night, for people and for machines.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Reader, desktop, phone } from "./reader.mjs";
import { story } from "./story.mjs";

story("The page", (stage) => {
  for (const [screen, viewport] of Object.entries({ desktop, phone })) {
    for (const colorScheme of ["light", "dark"]) {
      test(`the post is readable on a ${screen} in ${colorScheme} colours`, async () => {
        const reader = await Reader.arrive(stage.browser, { viewport, colorScheme });
        await reader.open(stage.cluster.url("/blog/hello"));
        await reader.screenshot(`post-${screen}-${colorScheme}`, { fullPage: true });
        const wide = await reader.excessWidth();
        const contrast = await reader.page.evaluate(measure);
        assert.ok(wide <= 0, `the page is ${wide} px wider than the screen`);
        assert.ok(contrast >= 7, `text has a contrast of ${contrast.toFixed(1)}:1, expected 7:1 or more`);
        assert.deepEqual(reader.problems, []);
        await reader.leave();
      });
    }
  }

  // Runs in the page.
  function measure() {
    const luminance = (element, property) => {
      const canvas = document.createElement("canvas").getContext("2d");
      canvas.fillStyle = getComputedStyle(element)[property];
      canvas.fillRect(0, 0, 1, 1);
      const [r, g, b] = [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3).map((each) => {
        const share = each / 255;
        return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const levels = [luminance(document.body, "color"), luminance(document.body, "backgroundColor")].sort((a, b) => b - a);
    return (levels[0] + 0.05) / (levels[1] + 0.05);
  }

  test("the page has what screen readers, search engines and bookmarks need", async () => {
    const reader = await Reader.arrive(stage.browser);
    await reader.open(stage.cluster.url("/blog/hello"));
    const found = await reader.page.evaluate(() => ({
      language: document.documentElement.lang,
      title: document.title.trim(),
      mains: document.querySelectorAll("main").length,
      headings: document.querySelectorAll("h1").length,
      like: document.querySelector("#like").textContent.trim(),
      scale: document.querySelector("meta[name=viewport]")?.content ?? "",
      unnamed: [...document.querySelectorAll("img:not([alt])")].length,
      ids: [...document.querySelectorAll("[id]")].map((element) => element.id),
    }));
    assert.match(found.language, /^[a-z]{2}/);
    assert.notEqual(found.title, "");
    assert.deepEqual([found.mains, found.headings, found.unnamed], [1, 1, 0]);
    assert.notEqual(found.like, "");
    assert.match(found.scale, /width=device-width/);
    assert.doesNotMatch(found.scale, /user-scalable=no|maximum-scale/);
    assert.deepEqual(found.ids.filter((id, index) => found.ids.indexOf(id) !== index), [], "ids are unique");
    await reader.leave();
  });

  test("nothing is fetched from elsewhere, and assets may be cached for ever", async () => {
    const reader = await Reader.arrive(stage.browser);
    const fetched = [];
    reader.page.on("response", (response) => fetched.push(response));
    await reader.open(stage.cluster.url("/blog/hello"));
    const origin = new URL(stage.cluster.url("/")).origin;
    for (const response of fetched) {
      const url = new URL(response.url());
      assert.equal(url.origin, origin);
      if (/-[0-9a-f]{16}\.(js|css)$/.test(url.pathname)) {
        assert.match((await response.allHeaders())["cache-control"] ?? "", /immutable/, url.pathname);
      }
    }
    assert.ok(fetched.some((response) => /app-[0-9a-f]{16}\.css$/.test(response.url())), "the style sheet was fetched");
    assert.ok(fetched.some((response) => /app-[0-9a-f]{16}\.js$/.test(response.url())), "the script was fetched");
    await reader.leave();
  });

  test("a page that does not exist says so and leads on", async () => {
    const reader = await Reader.arrive(stage.browser);
    const response = await reader.page.goto(stage.cluster.url("/blog/no-such-post"));
    assert.equal(response.status(), 404);
    assert.equal(await reader.page.locator("h1").count(), 1);
    await reader.screenshot("not-found");
    await reader.leave();
  });
});
