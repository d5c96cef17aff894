// Every page, on every screen, by day and by night, for everybody.

import assert from "node:assert/strict";
import { objections } from "./accessible.mjs";
import { pages } from "./pages.mjs";
import { story, test } from "./story.mjs";
import { desktop, phone, Visitor } from "./visitor.mjs";

// Ten thousand rows take axe minutes; ten show the same.
const lighter = { "/stream": async (visitor) => {
  await visitor.click("#reset");
  await visitor.counts("#rows > *", 10);
} };

story("Every page", (stage) => {
  for (const page of pages) {
    test(`${page} is fit for phone and desktop, light and dark, eyes and ears`, async () => {
      const visitor = await Visitor.arrive(stage.browser);
      await visitor.open(stage.gallery.url(page));
      await lighter[page]?.(visitor);
      const found = [];
      for (const [screen, viewport] of Object.entries({ phone, desktop })) {
        await visitor.page.setViewportSize(viewport);
        for (const colorScheme of ["light", "dark"]) {
          await visitor.page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
          await visitor.screenshot(`page${page.replaceAll("/", "-")}-${screen}-${colorScheme}`, { fullPage: true });
          const wide = await visitor.excessWidth();
          if (wide > 0) found.push(`${screen}: ${wide} px wider than the screen`);
          found.push(...(await objections(visitor)).map((each) => `${screen}, ${colorScheme}: ${each}`));
        }
      }
      assert.deepEqual(found, []);
      assert.match(await visitor.page.title(), /^[^·]+ · Beamline gallery$/);
      assert.equal(await visitor.find("h1").count(), 1);
      await visitor.leave();
    });
  }

  test("the list of pages leads to each of them", async () => {
    const visitor = await Visitor.arrive(stage.browser);
    await visitor.open(stage.gallery.url("/"));
    const links = await visitor.find("nav[aria-label=Pages] a").evaluateAll((all) => all.map((link) => link.getAttribute("href")));
    assert.deepEqual([...links, "/", "/nested/other"].sort(), [...pages].sort());
    await visitor.leave();
  });

  test("by keyboard, the first stop leads past the list of pages to the content", async () => {
    const visitor = await Visitor.arrive(stage.browser);
    await visitor.open(stage.gallery.url("/counter"));
    await visitor.page.keyboard.press("Tab");
    await visitor.reads(":focus", "Skip to content");
    await visitor.page.keyboard.press("Enter");
    await visitor.counts("main:focus", 1);
    await visitor.leave();
  });

  test("on a phone the list of pages opens and closes, and a page chosen there is opened live", async () => {
    const visitor = await Visitor.arrive(stage.browser, { viewport: phone });
    await visitor.open(stage.gallery.url("/"));
    await visitor.mark();
    const list = visitor.find("nav[aria-label=Pages]");
    assert.equal(await list.isVisible(), false);
    await visitor.click("button.menu");
    assert.equal(await list.isVisible(), true);
    assert.deepEqual(await objections(visitor), []);
    await visitor.page.keyboard.press("Escape");
    assert.equal(await list.isVisible(), false);
    await visitor.click("button.menu");
    await visitor.click("nav[aria-label=Pages] a[href='/form']");
    await visitor.reads("h1", "Form");
    assert.equal(await list.isVisible(), false, "the list covers the page that was chosen");
    await visitor.isStillHere();
    await visitor.leave();
  });

  test("a page that does not exist says so, readable for all", async () => {
    const visitor = await Visitor.arrive(stage.browser);
    const response = await visitor.page.goto(stage.gallery.url("/no-such-page"));
    assert.equal(response.status(), 404);
    assert.deepEqual(await objections(visitor), []);
    await visitor.screenshot("not-found");
    visitor.forgive(/^404 for /, /^error: Failed to load resource: .* 404/);
    await visitor.leave();
  });
});
