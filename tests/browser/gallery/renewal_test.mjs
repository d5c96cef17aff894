// A release with other scripts and styles: open pages go on, and say that they are of yesterday.

import assert from "node:assert/strict";
import { describe } from "node:test";
import { Gallery } from "./gallery.mjs";
import { test } from "./story.mjs";
import { openBrowser, refused, Visitor } from "./visitor.mjs";

const banner = ".flash-info";
const sentence = /This site has been renewed/;

describe("Renewal", () => {
  test("a page of the release before is told so, goes on, and is as new when it is loaded anew", async () => {
    const gallery = await Gallery.start();
    const browser = await openBrowser();
    try {
      const ada = await Visitor.arrive(browser);
      await ada.open(gallery.url("/counter"));
      await ada.counts(banner, 0);
      await ada.mark();

      await gallery.kill();
      await ada.find("[data-phx-main].phx-error").waitFor({ state: "attached" });
      await gallery.restart();
      await ada.settled();
      await ada.counts(banner, 0); // The same release.

      await gallery.kill();
      await ada.find("[data-phx-main].phx-error").waitFor({ state: "attached" });
      await gallery.renew();
      await ada.reads(banner, sentence);
      await ada.click("#inc");
      await ada.reads("#count", 1);
      await ada.isStillHere();

      const bob = await Visitor.arrive(browser);
      await bob.open(gallery.url("/counter"));
      await bob.counts(banner, 0); // A page of today.
      await bob.leave();

      await ada.page.reload();
      await ada.settled();
      await ada.counts(banner, 0);
      assert.equal(await ada.isUnmarked(), true);
      ada.forgive(refused);
      await ada.leave();
    } finally {
      await browser.close();
      await gallery.stop();
    }
  });
});
