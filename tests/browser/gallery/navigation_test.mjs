// Navigation: patch, navigate, redirect, load; each does what its name says and no more.

import assert from "node:assert/strict";
import { sameAsFresh } from "./fresh.mjs";
import { story, test } from "./story.mjs";
import { until, Visitor } from "./visitor.mjs";

const place = (visitor) => visitor.page.url().replace(/^http:\/\/[^/]+/, "");

async function titled(visitor, wanted) {
  await until(
    async () => (await visitor.page.title()) === wanted,
    async () => `the title is "${await visitor.page.title()}", expected "${wanted}"`,
  );
}

story("Navigation", (stage) => {
  async function arrive(path = "/navigation") {
    const ada = await Visitor.arrive(stage.browser);
    await ada.open(stage.gallery.url(path));
    await ada.mark();
    return ada;
  }

  test("a patch changes the address, the title and the rows, and back and forward go the same way", async () => {
    const ada = await arrive();
    await ada.click("#page-2");
    await ada.reads("#where", "Page 2 by distance");
    assert.equal(place(ada), "/navigation?page=2&sort=distance");
    await titled(ada, "Navigation, page 2 · Beamline gallery");
    await ada.click("#sort-name");
    await ada.reads("#where", "Page 1 by name");
    await ada.click("#page-4");
    await ada.reads("#where", "Page 4 by name");
    await ada.page.goBack();
    await ada.reads("#where", "Page 1 by name");
    await ada.page.goBack();
    await ada.reads("#where", "Page 2 by distance");
    await titled(ada, "Navigation, page 2 · Beamline gallery");
    await ada.page.goForward();
    await ada.reads("#where", "Page 1 by name");
    await sameAsFresh(ada);
    await ada.isStillHere();
    await ada.leave();
  });

  test("an address that is typed leads to the same place as clicks", async () => {
    const ada = await arrive("/navigation?page=3&sort=name");
    await ada.reads("#where", "Page 3 by name");
    await ada.leave();
  });

  test("navigating takes another view, over the same connection, and back again", async () => {
    const ada = await Visitor.arrive(stage.browser);
    let sockets = 0;
    ada.page.on("websocket", () => (sockets += 1));
    await ada.open(stage.gallery.url("/navigation?page=2"));
    await ada.mark();
    await ada.click("#to-there");
    await ada.reads("h1", "Another place");
    await titled(ada, "Another place · Beamline gallery");
    assert.equal(place(ada), "/navigation/there");
    await sameAsFresh(ada);
    await ada.page.goBack();
    await ada.reads("#where", "Page 2 by distance");
    await ada.page.goForward();
    await ada.reads("h1", "Another place");
    await ada.isStillHere();
    assert.equal(sockets, 1, "one connection served all of it");
    await ada.leave();
  });

  test("the server can patch, navigate and send back, with a word about it", async () => {
    const ada = await arrive();
    await ada.click("#push-patch");
    await ada.reads("#where", "Page 4 by distance");
    await ada.reads(".flash-info", /The view stayed/);
    await ada.click("#push-navigate");
    await ada.reads("h1", "Another place");
    await ada.reads(".flash-info", /Nothing was loaded/);
    await ada.click("#back-push");
    await ada.reads("h1", "Navigation");
    await ada.reads(".flash-info", /Welcome back/);
    await ada.click("#push-error");
    await ada.reads(".flash-error", /told why/);
    await ada.click(".flash-error button");
    await ada.counts(".flash-error", 0);
    await ada.isStillHere();
    await ada.leave();
  });

  test("a redirect loads the page and brings its message along, once", async () => {
    const ada = await arrive();
    await ada.click("#push-redirect");
    await ada.reads("h1", "Another place");
    await ada.connected();
    await ada.reads(".flash-info", /has loaded this page/);
    assert.equal(await ada.isUnmarked(), true, "the page was loaded");
    await ada.page.reload();
    await ada.connected();
    await ada.counts(".flash-info", 0);
    await ada.leave();
  });

  test("a link into another live session loads the page, and its guard decides", async () => {
    const ada = await arrive();
    await ada.click("#out");
    await ada.reads("h1", "Account");
    await ada.reads(".flash-error", /for members/);
    assert.equal(await ada.isUnmarked(), true, "the page was loaded");
    ada.forgive(/^client: view\.unauthorized-live-redirect: /);
    await ada.leave();
  });

  test("a link to nowhere is a page that says so, and the way back is whole", async () => {
    const ada = await arrive();
    await ada.click("#missing");
    await until(async () => place(ada) === "/navigation/missing", () => `at ${place(ada)}`);
    await ada.reads("h1", /^404/);
    await ada.page.goBack();
    await ada.connected();
    await ada.click("#page-3");
    await ada.reads("#where", "Page 3 by distance");
    ada.forgive(/^404 for .*missing/, /^error: Failed to load resource: .* 404/);
    await ada.leave();
  });

  test("without scripts every link still leads somewhere", async () => {
    const plain = await Visitor.arrive(stage.browser, { javaScriptEnabled: false });
    await plain.open(stage.gallery.url("/navigation"), { live: false });
    await plain.click("#page-2");
    await plain.reads("#where", "Page 2 by distance");
    await plain.click("#to-there");
    await plain.reads("h1", "Another place");
    await plain.leave();
  });
});
