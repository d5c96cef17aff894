// A story: tests that share one cluster and one browser, told one after another.

import { after, before, describe } from "node:test";
import { Cluster } from "./cluster.mjs";
import { openBrowser } from "./reader.mjs";

/// Calls `tell(stage)` to declare the tests; `stage.cluster` and `stage.browser` are there when they run.
export function story(title, tell) {
  describe(title, { concurrency: 1 }, () => {
    const stage = { cluster: undefined, browser: undefined };
    before(async () => {
      stage.cluster = await Cluster.start();
      stage.browser = await openBrowser();
    });
    after(async () => {
      await stage.browser?.close();
      await stage.cluster?.stop();
    });
    tell(stage);
  });
}
