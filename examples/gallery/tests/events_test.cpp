// /, /counter, /form, /js, /hooks.
#include "gallery/tests/gallery.hpp"

#include "gallery/pages.hpp"
#include "gallery/views/signup.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace beamline;
using gallery::fixture;

TEST_CASE("the index leads to every page, and every page to its neighbours") {
  fixture f;
  auto home = f.visit("/");
  CHECK(home.title() == "What a live page can do · Beamline gallery");
  for (const auto& group : gallery::page_groups())
    for (const auto& entry : group.pages) {
      CAPTURE(entry.path);
      CHECK(home.has(".index a[href=\"" + std::string{entry.path} + "\"]", entry.title));
      auto page = f.visit(entry.path);
      CHECK(page.element("h1").text() == entry.title);
      CHECK(page.element("#pages a[aria-current=page]").text() == entry.title);
      const auto around = gallery::neighbours_of(entry.path);
      CHECK(page.has(".end a.next") == (around.next != nullptr));
      CHECK(page.has(".end a.previous") == (around.previous != nullptr));
    }
}

TEST_CASE("links between pages keep the connection") {
  fixture f;
  auto page = f.visit("/");
  page.element("#pages a[href=\"/counter\"]").click();
  page.follow_redirect();
  CHECK(page.title() == "Counter · Beamline gallery");
  CHECK(page.is_connected());
}

TEST_CASE("the counter counts clicks and arrow keys, and begins again") {
  fixture f;
  auto page = f.visit("/counter");
  page.element("#inc").click().click();
  page.element("#dec").click();
  CHECK(page.element("#count").text() == "1");
  page.element(".display").keydown("ArrowUp").keydown("ArrowUp").keydown("ArrowDown").keydown("x");
  CHECK(page.element("#count").text() == "2");
  page.element("#reset").click();
  CHECK(page.element("#count").text() == "0");
}

TEST_CASE("the form tells of mistakes in fields where the visitor has been, and saves when there is none") {
  fixture f;
  auto page = f.visit("/form");
  auto form = page.form("#signup");
  form.change({{"signup[email]", "ann"}});
  CHECK(page.element("#signup_email-note").text() == "should look like name@example.org");
  CHECK(page.element("#signup_name-note").text() == "2 to 40 characters");

  form.submit();
  CHECK(page.element("#signup_name-note").text() == "can't be blank");
  CHECK(page.has("#signup_home_city-note .wrong"));
  CHECK_FALSE(page.has("#saved"));

  page.element("#add-phone").click();
  form.submit({{"signup[name]", "Ann"},
               {"signup[email]", "ann@example.org"},
               {"signup[age]", 33},
               {"signup[home][city]", "Bern"},
               {"signup[phones][0][kind]", "work"},
               {"signup[phones][0][number]", "+41 31 000"}});
  CHECK(page.element("#saved").text().find("Ann") != std::string::npos);
  CHECK(page.element("#saved dd", "+41 31 000").exists());
  CHECK(page.has(".flash-info", "Welcome, Ann"));
  CHECK(form.field("signup[name]").value().empty());
  page.element(".flash-info button").click();
  CHECK_FALSE(page.has(".flash-info"));
}

TEST_CASE("rows are added up to the limit and removed one by one") {
  fixture f;
  auto page = f.visit("/form");
  for (std::size_t n = 0; n < gallery::phones_max; ++n)
    page.element("#add-phone").click();
  CHECK(page.find_all(".phone").size() == gallery::phones_max);
  CHECK(page.element("#add-phone").has_attribute("disabled"));
  page.form("#signup").change({{"signup[phones][1][number]", "second"}});
  page.find_all(".phone button")[0].click();
  CHECK(page.find_all(".phone").size() == gallery::phones_max - 1);
  CHECK(page.form("#signup").field("signup[phones][0][number]").value() == "second");
}

TEST_CASE("a half-filled form survives a lost connection") {
  fixture f;
  auto page = f.visit("/form");
  page.element("#add-phone").click();
  page.form("#signup").change({{"signup[name]", "Bob"}, {"signup[phones][0][number]", "123"}});
  page.disconnect().reconnect();
  CHECK(page.form("#signup").field("signup[name]").value() == "Bob");
  CHECK(page.form("#signup").field("signup[phones][0][number]").value() == "123");
}

TEST_CASE("commands work without the server, and its renders leave alone what they did") {
  fixture f;
  auto page = f.visit("/js");
  const auto silent = page.wire_log().size();
  page.element("#menu-toggle").click();
  CHECK(page.element("#menu-toggle").attribute("aria-expanded") == "true");
  page.element("#add-class").click();
  page.element("#toggle-class").click();
  page.element("#set-attr").click();
  page.element("#exec").click();
  page.element("#tab-second").click();
  CHECK(page.wire_log().size() == silent);

  page.element("#render").click();
  CHECK(page.element("#renders").text() == "1");
  CHECK(page.element("#box").has_class("is-lit"));
  CHECK(page.element("#box").has_class("is-round"));
  CHECK(page.element("#box").attribute("data-mood") == "merry");
  CHECK(page.element("#lamp").has_class("is-lit"));
  CHECK(page.element("#tab-second").attribute("aria-selected") == "true");
  page.element("#remove-class").click();
  CHECK_FALSE(page.element("#box").has_class("is-lit"));

  page.element("#patch").click();
  page.assert_patch("/js?step=two");
  CHECK(page.element("#step").text() == "two");
  page.element("#navigate").click();
  page.assert_redirect("/counter");
}

TEST_CASE("hooks ask and are answered, and hear what is pushed") {
  fixture f;
  auto page = f.visit("/hooks");
  CHECK(page.element("#ask").push_event("factors", {{"number", 360}})["answer"] == "360 = 2 × 2 × 2 × 3 × 3 × 5");
  CHECK(page.element("#ask").push_event("factors", {{"number", 1}})["answer"] == "1 has none");
  CHECK(page.element("#ask").push_event("factors", {{"number", 97}})["answer"] == "97 is prime");
  for (const auto& wrong : {json{{"number", 0}}, json{{"number", "7"}}, json{{"number", 10'000'000}}, json::object()})
    CHECK(page.element("#ask").push_event("factors", wrong).contains("error"));

  page.element("#ring").click().click();
  CHECK(page.expect_event("ring")["times"] == 1);
  CHECK(page.expect_event("ring")["times"] == 2);

  page.element("#highlight").click();
  CHECK(page.expect_event("js-exec") == json{{"to", "#lamp"}, {"attr", "data-switch"}});
  CHECK(page.element("#lamp").exec("data-switch").has_class("is-lit"));

  (void)page.take_events();
  f.world().advance(std::chrono::seconds{3});
  CHECK(page.take_events().size() == 3);
  CHECK(page.element("#points").text() == "4");
}
