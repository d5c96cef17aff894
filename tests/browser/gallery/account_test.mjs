// The account: a hook guards the members' page, and a logout reaches every tab.

import assert from "node:assert/strict";
import { objections } from "./accessible.mjs";
import { story, test } from "./story.mjs";
import { Visitor } from "./visitor.mjs";

async function logIn(visitor, name) {
  await visitor.find("#login_name").fill(name);
  await visitor.click("#log-in");
  await visitor.reads("#user", name);
}

story("Account", (stage) => {
  async function arrive(options) {
    const ada = await Visitor.arrive(stage.browser, options);
    await ada.open(stage.gallery.url("/account"), { live: options?.javaScriptEnabled ?? true });
    return ada;
  }

  test("the members' page is closed to others, by link and by address", async () => {
    const ada = await arrive();
    await ada.page.goto(stage.gallery.url("/account/secret"));
    await ada.reads("h1", "Account");
    await ada.reads(".flash-error", /for members/);
    await ada.connected();
    await ada.click("#to-secret");
    await ada.reads(".flash-error", /for members/);
    await ada.reads("h1", "Account");
    ada.forgive(/^client: view\.unauthorized-live-redirect: /);
    await ada.leave();
  });

  test("after a login the page is open, and looks as well as the others", async () => {
    const ada = await arrive();
    await ada.find("#login_name").fill("A");
    await ada.reads("#login_name-note", "A name has 2 to 30 characters.");
    await logIn(ada, "Ada");
    await ada.reads("h1", "For members");
    await ada.connected();
    assert.deepEqual(await objections(ada), []);
    await ada.screenshot("account-secret");
    await ada.page.goto(stage.gallery.url("/account"));
    await ada.connected();
    await ada.click("#to-secret");
    await ada.reads("h1", "For members");
    await ada.connected();
    ada.forgive(/^client: view\.unauthorized-live-redirect: /);
    await ada.leave();
  });

  test("a logout sends every tab away at once, and leaves other people alone", async () => {
    const ada = await arrive();
    const bob = await arrive();
    await logIn(ada, "Ada");
    await logIn(bob, "Bob");
    const tab = await ada.tab();
    for (const each of [ada, tab, bob]) await each.open(stage.gallery.url("/account/secret"));
    const bobs = await bob.text("#process");
    await ada.click("#log-out");
    for (const each of [ada, tab]) {
      await each.reads("h1", "Account");
      await each.connected();
      await each.counts("#login", 1);
    }
    await tab.page.goto(stage.gallery.url("/account/secret"));
    await tab.reads("h1", "Account");
    assert.equal(await bob.text("#process"), bobs, "the other person's view is the same as before");
    await bob.connected();
    assert.deepEqual(tab.problems, []);
    await ada.leave();
    await bob.leave();
  });

  test("login and logout work without scripts", async () => {
    const plain = await arrive({ javaScriptEnabled: false });
    await plain.find("#login_name").fill("Ada");
    await plain.click("#log-in");
    await plain.reads("#user", "Ada");
    await plain.page.goto(stage.gallery.url("/account/secret"));
    await plain.reads("h1", "For members");
    await plain.click("#log-out");
    await plain.counts("#login", 1);
    await plain.leave();
  });
});
