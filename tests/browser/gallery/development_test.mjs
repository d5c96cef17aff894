// What the gallery is like for somebody who is changing it.

import assert from "node:assert/strict";
import { describe } from "node:test";
import { Gallery } from "./gallery.mjs";
import { test } from "./story.mjs";
import { openBrowser, refused, until, Visitor } from "./visitor.mjs";

describe("Development", () => {
  test("pages of another build load anew after a restart, once; those of the same build stay", async () => {
    const gallery = await Gallery.start("--development", "monday");
    const browser = await openBrowser();
    try {
      const ada = await Visitor.arrive(browser);
      await ada.open(gallery.url("/counter"));
      await ada.mark();
      for (const [build, isOther] of [["monday", false], ["tuesday", true], ["tuesday", false]]) {
        await gallery.kill();
        await ada.find("[data-phx-main].phx-error").waitFor({ state: "attached" });
        await gallery.restart("--development", build);
        if (isOther) {
          await until(() => ada.isUnmarked().catch(() => false), () => "the page of the build before loads anew", 30_000);
          await ada.mark();
        }
        await ada.settled();
        await ada.isStillHere();
        await ada.click("#inc");
        await ada.reads("#count", 1);
      }
      ada.forgive(refused, /^client: \S+: unauthorized live_redirect\. Falling back to page request/);
      await ada.leave();
    } finally {
      await browser.close();
      await gallery.stop();
    }
  });

  test("a failure in a template names its file and line in the browser", async () => {
    const gallery = await Gallery.start("--development");
    const browser = await openBrowser();
    try {
      const ada = await Visitor.arrive(browser);
      const response = await ada.page.goto(gallery.url("/crash?crash=render"));
      assert.equal(response.status(), 500);
      assert.match(await ada.text("body"), /crash\.heex:\d+/);
      await ada.screenshot("development-failure");
      ada.forgive(/^500 for /, /^error: Failed to load resource: .* 500/);
      await ada.leave();
    } finally {
      await browser.close();
      await gallery.stop();
    }
  });
});
