// A story about a page of the gallery: tests that share one gallery and one browser with all other stories of the run.

import { after, before, describe, test as plainTest } from "node:test";
import { Gallery } from "./gallery.mjs";
import { openBrowser } from "./visitor.mjs";

const testMs = 60_000; // A test that waits for ever, in the page say, fails by this.
const shared = { users: 0, gallery: undefined, browser: undefined };

export function test(title, tell, timeout = testMs) {
  plainTest(title, { timeout }, tell);
}

/// Calls `tell(stage)` to declare the tests; `stage.gallery` and `stage.browser` are there when they run. No test may
/// harm the shared gallery; those that do start one of their own.
export function story(title, tell) {
  shared.users += 1;
  describe(title, { concurrency: 1 }, () => {
    const stage = {};
    before(async () => {
      shared.gallery ??= Gallery.start();
      shared.browser ??= openBrowser();
      stage.gallery = await shared.gallery;
      stage.browser = await shared.browser;
    });
    after(async () => {
      shared.users -= 1;
      if (shared.users > 0) return;
      await (await shared.browser)?.close();
      await (await shared.gallery)?.stop();
    });
    tell(stage);
  });
}
