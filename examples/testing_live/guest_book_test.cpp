// How to test a live view: docs/testing-live.md walks through it.

#include "guest_book.hpp"
#include "testing/live/live_site.hpp"

#include <doctest/doctest.h>

using beamline::testing::live_site;
using beamline::testing::world;

TEST_CASE("a guest signs") {
  world w;
  live_site site{w.start_node()};
  site.view<guest_book::book>("/guests");

  auto page = site.visit("/guests");
  page.form("#entry").submit({{"entry[name]", "Ann"}, {"entry[stars]", 5}});

  CHECK(page.element("#entries li").text() == "Ann: 5 of 5");
  CHECK(page.element("[role=status]", "Thank you, Ann").exists());
  CHECK(page.form("#entry").field("entry[name]").value().empty());
}

TEST_CASE("mistakes are told while the form is filled in, but not before") {
  world w;
  live_site site{w.start_node()};
  auto page = site.mount<guest_book::book>();
  auto form = page.form("#entry");

  form.change({{"entry[stars]", "many"}});
  CHECK(page.element(".error", "whole number").exists());
  CHECK_FALSE(page.has(".error", "blank"));  // Nobody has been in the name's field yet.

  form.submit();
  CHECK(page.has(".error", "blank"));
  CHECK_FALSE(page.has("#entries li"));
}

TEST_CASE("what was typed survives a lost connection") {
  world w;
  live_site site{w.start_node()};
  auto page = site.mount<guest_book::book>();

  page.form("#entry").change({{"entry[name]", "Bob"}});
  page.disconnect().reconnect();
  CHECK(page.form("#entry").field("entry[name]").value() == "Bob");
}
