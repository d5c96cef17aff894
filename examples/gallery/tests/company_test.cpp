// /clock, /presence, /async, /crash, /recovery.
#include "gallery/tests/gallery.hpp"

#include "gallery/views/clock.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <string>

using namespace beamline;
using namespace std::chrono_literals;
using gallery::fixture;

TEST_CASE("everybody sees the same tick, twenty a second") {
  fixture f;
  auto one = f.visit("/clock");
  auto two = f.visit("/clock");
  const auto before = std::stoull(one.element("#tick").text());
  f.world().advance(1s);
  CHECK(std::stoull(one.element("#tick").text()) - before == 20);
  CHECK(two.element("#tick").text() == one.element("#tick").text());
}

TEST_CASE("the time of a tick is that of the day, in UTC") {
  CHECK(gallery::time_text(0) == "00:00:00");
  CHECK(gallery::time_text(20ULL * (86'400 * 3 + 7 * 3600 + 5 * 60 + 9)) == "07:05:09");
}

TEST_CASE("two browsers see each other come and go") {
  fixture f;
  auto ann = f.visit("/presence");
  auto bob = f.visit("/presence");
  CHECK(ann.has("#nobody"));

  ann.form("#come").submit({{"name", "Ann"}});
  ann.assert_patch("/presence?name=Ann");
  CHECK(ann.element("#you").text() == "You are here as Ann.");
  bob.form("#come").submit({{"name", "Bob & Co"}});
  f.world().advance(1s);
  CHECK(ann.find_all("#people li").size() == 2);
  CHECK(bob.element("#people li.is-you").text() == "Bob & Co");
  CHECK(ann.element("#here-count").text() == "2");

  bob.disconnect();
  f.world().advance(1s);
  CHECK(ann.find_all("#people li").size() == 1);
  bob.reconnect();  // The address says who he is.
  f.world().advance(1s);
  CHECK(ann.find_all("#people li").size() == 2);

  ann.element("#leave").click();
  f.world().advance(1s);
  CHECK(bob.find_all("#people li").size() == 1);
  CHECK(ann.has("#come"));
}

TEST_CASE("two windows of one name are one person") {
  fixture f;
  auto one = f.visit("/presence?name=Ann");
  auto two = f.visit("/presence?name=Ann");
  f.world().advance(1s);
  CHECK(one.element("#people li").text() == "Ann in 2 windows");
  CHECK(one.element("#here-count").text() == "1");
}

TEST_CASE("a name that will not do is refused with the reason, from the form and from the address") {
  fixture f;
  auto page = f.visit("/presence");
  page.form("#come").submit({{"name", "A"}});
  CHECK(page.element("#name-note").text() == "A name has 2 to 30 characters.");
  CHECK(f.visit("/presence?name=A").has("#come"));
}

TEST_CASE("a value is loaded, kept while it is loaded anew, and kept when that fails") {
  fixture f;
  auto page = f.visit("/async");
  CHECK(page.has("#forecast .is-loading"));
  f.world().advance(2s);
  CHECK(page.has("#forecast .is-ok"));
  page.element("#load").click();
  CHECK(page.has("#forecast .is-ok", "being loaded anew"));
  f.world().advance(2s);
  page.element("#load-fail").click();
  f.world().advance(2s);
  CHECK(page.has("#forecast .is-ok"));
  CHECK(page.has("#forecast .wrong", "does not answer"));
  page.element("#load-reset").click();
  CHECK(page.has("#forecast .is-loading"));
  CHECK_FALSE(page.has("#forecast .is-ok"));
}

TEST_CASE("a job is done, cancelled, or out of time, and the page goes on meanwhile") {
  fixture f;
  auto page = f.visit("/async");
  page.element("#start-job").click();
  page.element("#click").click();
  CHECK(page.element("#clicks").text() == "1");
  CHECK(page.element("#job").text() == "running");
  f.world().advance(5s);
  CHECK(page.element("#job").text() == "done: 42");

  page.element("#start-job").click();
  page.element("#cancel-job").click();
  CHECK(page.element("#job").text() == "cancelled");
  CHECK(page.element("#cancel-job").has_attribute("disabled"));

  page.element("#start-short").click();
  f.world().advance(2s);
  CHECK(page.element("#job").text() == "it took too long and was ended");
}

TEST_CASE("whatever breaks, it is this page's process that ends, and another takes its place") {
  fixture f;
  auto page = f.visit("/crash");
  auto bystander = f.visit("/crash");
  bystander.element("#inc").click();
  for (const char* button : {"#crash-event", "#crash-info", "#crash-component", "#crash-render", "#kill"}) {
    CAPTURE(button);
    page.element("#inc").click();
    const auto before = page.element("#process").text();
    page.expect_crash([&] { page.element(button).click(); });
    page.rejoin();
    CHECK(page.element("#count").text() == "0");
    CHECK(page.element("#process").text() != before);
    CHECK(page.element("#rendering").text() == "in order");
  }
  CHECK(bystander.element("#count").text() == "1");
}

TEST_CASE("work that crashes elsewhere leaves the page as it is") {
  fixture f;
  auto page = f.visit("/crash");
  page.element("#inc").click();
  page.element("#crash-async").click();
  CHECK(page.element("#work").text() == "crashed, and only the work");
  CHECK(page.element("#count").text() == "1");
}

TEST_CASE("a page that breaks before it is shown is answered 500") {
  fixture f;
  CHECK(f.browser().get("/crash?crash=mount").status == 500);
}

TEST_CASE("what was typed and chosen survives a reconnect to another process") {
  fixture f;
  auto page = f.visit("/recovery");
  auto form = page.form("#notes");
  CHECK(page.element("#heard").text() == "0 octets of notes, blue, medium");
  form.change({{"notes[text]", "Dear diary"}, {"notes[colour]", "green"}, {"notes[size]", "large"}});
  const auto before = page.element("#process").text();
  page.disconnect();
  f.world().advance(10s);
  page.reconnect();
  CHECK(page.element("#process").text() != before);
  CHECK(form.field("notes[text]").value() == "Dear diary");
  CHECK(form.field("notes[colour]").value() == "green");
  CHECK(page.element("#notes_size_large").is_checked());
  CHECK(page.element("#heard").text() == "10 octets of notes, green, large");
}
