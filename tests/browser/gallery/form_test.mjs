// The form: told at once what is wrong, never about a field one has not been in yet.

import assert from "node:assert/strict";
import { story, test } from "./story.mjs";
import { Visitor } from "./visitor.mjs";

const note = (field) => `#${field}-note`;

story("Form", (stage) => {
  test("what is wrong is said while typing, and only about fields that were touched", async () => {
    const ada = await Visitor.arrive(stage.browser);
    await ada.open(stage.gallery.url("/form"));
    await ada.find("#signup_email").pressSequentially("ada@");
    await ada.reads(note("signup_email"), "should look like name@example.org");
    assert.equal(await ada.find("#signup_email").getAttribute("aria-invalid"), "true");
    await ada.counts(".wrong", 1);
    await ada.find("#signup_email").pressSequentially("example.org");
    await ada.counts(".wrong", 0);
    assert.equal(await ada.find("#signup_email").inputValue(), "ada@example.org");
    assert.equal(await ada.find("#signup_email:focus").count(), 1, "the field kept the focus");
    await ada.leave();
  });

  test("an empty form that is sent says everything that is missing, and saves nothing", async () => {
    const ada = await Visitor.arrive(stage.browser);
    await ada.open(stage.gallery.url("/form"));
    await ada.click("#signup button.primary");
    await ada.reads(note("signup_name"), /./);
    for (const field of ["signup_name", "signup_email", "signup_age", "signup_home_city"]) {
      await ada.counts(`${note(field)} .wrong`, 1);
    }
    await ada.counts("#saved", 0);
    await ada.leave();
  });

  test("a filled form with nested fields and rows is saved and confirmed", async () => {
    const ada = await Visitor.arrive(stage.browser);
    await ada.open(stage.gallery.url("/form"));
    await ada.mark();
    await ada.find("#signup_name").fill("Ada Lovelace");
    await ada.find("#signup_email").fill("ada@example.org");
    await ada.find("#signup_age").fill("36");
    await ada.find("#signup_home_city").fill("London");
    await ada.click("#add-phone");
    await ada.counts(".phone", 1);
    await ada.click("#add-phone");
    await ada.counts(".phone", 2);
    await ada.find("#signup_phones_0_number").fill("020 7946 0001");
    await ada.find("#signup_phones_1_number").fill("020 7946 0002");
    await ada.find("#signup_phones_1_kind").selectOption("work");
    await ada.click(".phone:nth-of-type(1) button >> nth=0");
    await ada.counts(".phone", 1);
    assert.equal(await ada.find(".phone input[type=tel]").inputValue(), "020 7946 0002", "the other row stays, typed text and all");
    assert.equal(await ada.find(".phone select").inputValue(), "work");
    assert.equal(await ada.find("#signup_name").inputValue(), "Ada Lovelace");
    await ada.click("#signup button.primary");
    await ada.reads("#saved", /Ada Lovelace.*ada@example\.org.*36.*London.*020 7946 0002/);
    await ada.reads("[role=status]:has-text('Saved'), [role=alert]:has-text('Saved')", /Saved\. Welcome, Ada Lovelace\./);
    assert.equal(await ada.find("#signup_name").inputValue(), "", "the form is empty again");
    await ada.screenshot("form-saved");
    await ada.isStillHere();
    await ada.leave();
  });

  test("text that looks like HTML is text", async () => {
    const ada = await Visitor.arrive(stage.browser);
    await ada.open(stage.gallery.url("/form"));
    const name = "<b onclick=x>&amp;\"'";
    await ada.find("#signup_name").fill(name);
    await ada.find("#signup_email").fill("ada@example.org");
    await ada.find("#signup_age").fill("36");
    await ada.find("#signup_home_city").fill("London");
    await ada.click("#signup button.primary");
    await ada.reads("#saved dd >> nth=0", name);
    await ada.leave();
  });
});
