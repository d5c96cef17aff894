// Faults of view, node, network and browser. Each test has everything of its own: gallery, cable, browser.

import assert from "node:assert/strict";
import { describe } from "node:test";
import { addNumber, beginForm, Bench, crashView, goesOn, pauseMs, typeStreet } from "./faults.mjs";
import { sameAsFresh } from "./fresh.mjs";
import { everNew, pages } from "./pages.mjs";
import { test } from "./story.mjs";
import { refused, until } from "./visitor.mjs";

const brokenView = /^client: view\.crashed: /;

describe("Faults", { concurrency: 2 }, () => {
  test("a view that crashes is mounted anew, and the half-filled form is still there", async () => {
    await Bench.with(async (bench) => {
      const ada = await bench.visitor();
      const before = await beginForm(ada, bench.cable.url("/form"));
      await crashView(ada);
      await until(() => ada.problems.some((each) => brokenView.test(each)), () => "the client noticed the crash");
      await goesOn(ada, before, bench.gallery.url("/form"));
      ada.forgive(brokenView);
      await ada.leave();
    });
  });

  test("kill -9 of the node and a restart: the page goes on where it was", async () => {
    await Bench.with(async (bench) => {
      const ada = await bench.visitor();
      const before = await beginForm(ada, bench.cable.url("/form"));
      await bench.gallery.kill();
      await ada.find("[data-phx-main].phx-error").waitFor({ state: "attached" });
      await typeStreet(ada, "typed while there was no server");
      await bench.gallery.restart();
      await goesOn(ada, before, bench.gallery.url("/form"), { typed: "typed while there was no server" });
      ada.forgive(refused);
      await ada.leave();
    });
  });

  for (const fault of ["hold", "forget", "reset"]) {
    test(`the network is cut for 2 s (${fault}): nothing is lost that was typed meanwhile`, async () => {
      await Bench.with(async (bench) => {
        const ada = await bench.visitor();
        const before = await beginForm(ada, bench.cable.url("/form"));
        bench.cable.cut(fault);
        await typeStreet(ada, "typed in the dark");
        await pauseMs(2000);
        bench.cable.heal();
        await goesOn(ada, before, bench.gallery.url("/form"), { typed: "typed in the dark" });
        if (fault === "reset") ada.forgive(refused);
        await ada.leave();
      });
    });
  }

  test("the server is frozen for 2 s: what was typed and clicked meanwhile is done afterwards", async () => {
    await Bench.with(async (bench) => {
      const ada = await bench.visitor();
      const before = await beginForm(ada, bench.cable.url("/form"));
      bench.gallery.freeze();
      await typeStreet(ada, "typed into the ice");
      // Past its debounce: sent behind the click, the form as it was would take the new row away again.
      await pauseMs(1000);
      await addNumber(ada);
      await pauseMs(1000);
      bench.gallery.thaw();
      await goesOn(ada, before, bench.gallery.url("/form"), { typed: "typed into the ice", isNumberAdded: true });
      await ada.leave();
    });
  });

  test("the browser is frozen for 3 s: it catches up, and the server did not mind", async () => {
    await Bench.with(async (bench) => {
      const ada = await bench.visitor();
      const before = await beginForm(ada, bench.cable.url("/form"));
      await bench.freezeBrowser();
      await pauseMs(3000);
      bench.thawBrowser();
      await goesOn(ada, before, bench.gallery.url("/form"));
      await ada.leave();
    });
  });

  test("after kill -9 and a restart every page is what the server would show now, and none was loaded anew", async () => {
    await Bench.with(async (bench) => {
      const ada = await bench.visitor();
      await ada.open(bench.gallery.url("/account"));
      await ada.find("#login_name").fill("Ada");
      await ada.click("#log-in");
      await ada.reads("h1", "For members");
      await ada.connected();
      await ada.mark();
      const tabs = [ada];
      for (const page of [...pages, "/navigation?page=3&sort=name", "/presence?name=Ada"]) {
        const tab = await ada.tab();
        await tab.open(bench.gallery.url(page));
        await tab.mark();
        tabs.push(tab);
      }
      await bench.gallery.kill();
      await bench.gallery.restart();
      for (const tab of tabs) {
        await tab.settled();
        await tab.counts("[data-phx-session]:not(.phx-connected)", 0);
        await sameAsFresh(tab, { besides: everNew });
        await tab.isStillHere();
        tab.forgive(refused);
        assert.deepEqual(tab.problems, [], tab.page.url());
      }
      await ada.leave();
    });
  }, 180_000); // Twenty pages, each beside a fresh one.

  test("a page that changes twenty times a second shows the newest after each fault", async () => {
    await Bench.with(async (bench) => {
      const ada = await bench.visitor();
      const bob = await bench.visitor();
      await ada.open(bench.cable.url("/clock"));
      await bob.open(bench.gallery.url("/clock"));
      await ada.mark();
      const tick = async (visitor) => Number(await visitor.text("#tick"));
      const faults = {
        "the network was cut": [() => bench.cable.cut("hold"), () => bench.cable.heal()],
        "the connection was reset": [() => bench.cable.cut("reset"), () => bench.cable.heal()],
        "the server was frozen": [() => bench.gallery.freeze(), () => bench.gallery.thaw()],
        "the browser was frozen": [() => bench.freezeBrowser(), () => bench.thawBrowser()],
      };
      for (const [what, [begin, end]] of Object.entries(faults)) {
        await begin();
        await pauseMs(2000);
        await end();
        await ada.settled();
        await until(async () => Math.abs((await tick(ada)) - (await tick(bob))) <= 4, () => `ada is up to date after ${what}`, 5000);
        const seen = await tick(ada);
        await until(async () => (await tick(ada)) > seen, () => `the clock goes on after ${what}`, 5000);
      }
      await ada.isStillHere();
      ada.forgive(refused);
      await ada.leave();
      await bob.leave();
    });
  });
});
