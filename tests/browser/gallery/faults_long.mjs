// Faults that outlast the patience of client and server: heartbeats stay unanswered, the server closes silent sockets.
// They wait beside each other, so that all of them take little more than the longest.

import { describe } from "node:test";
import { beginForm, Bench, goesOn, pauseMs, typeStreet } from "./faults.mjs";
import { test } from "./story.mjs";
import { refused } from "./visitor.mjs";

const limitMs = 240_000;

describe("Long faults", { concurrency: 8 }, () => {
  for (const fault of ["hold", "forget", "reset"]) {
    test(`the network is cut for 60 s (${fault}): nothing is lost that was typed before and meanwhile`, async () => {
      await Bench.with(async (bench) => {
        const ada = await bench.visitor();
        const before = await beginForm(ada, bench.cable.url("/form"));
        bench.cable.cut(fault);
        await pauseMs(1000);
        await typeStreet(ada, "typed in the dark");
        await pauseMs(59_000);
        bench.cable.heal();
        await goesOn(ada, before, bench.gallery.url("/form"), { typed: "typed in the dark" });
        if (fault === "reset") ada.forgive(refused);
        await ada.leave();
      });
    }, limitMs);
  }

  test("the server is frozen for 40 s: what was typed meanwhile is there afterwards", async () => {
    await Bench.with(async (bench) => {
      const ada = await bench.visitor();
      const before = await beginForm(ada, bench.cable.url("/form"));
      bench.gallery.freeze();
      await typeStreet(ada, "typed into the ice");
      await pauseMs(40_000);
      bench.gallery.thaw();
      await goesOn(ada, before, bench.gallery.url("/form"), { typed: "typed into the ice" });
      await ada.leave();
    });
  }, limitMs);

  test("the browser is frozen until the server has given it up: it comes back where it was", async () => {
    await Bench.with(async (bench) => {
      const ada = await bench.visitor();
      const before = await beginForm(ada, bench.cable.url("/form"));
      await bench.freezeBrowser();
      await pauseMs(75_000);
      bench.thawBrowser();
      await goesOn(ada, before, bench.gallery.url("/form"));
      await ada.leave();
    });
  }, limitMs);
});
