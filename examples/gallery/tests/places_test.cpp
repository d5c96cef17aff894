// /navigation, /nested, /account.
#include "gallery/tests/gallery.hpp"

#include "testing/live/live_page.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace beamline;
using gallery::fixture;
using testing::live_page;

TEST_CASE("patches change page and order of the list, its address and title, and nothing else") {
  fixture f;
  auto page = f.visit("/navigation");
  CHECK(page.element("#where").text() == "Page 1 by distance");
  page.element("#page-2").click();
  page.assert_patch("/navigation?page=2&sort=distance");
  CHECK(page.title() == "Navigation, page 2 · Beamline gallery");
  CHECK(page.has("#planets td", "Earth"));
  page.element("#sort-name").click();
  CHECK(page.element("#where").text() == "Page 1 by name");
  page.element("#push-patch").click();
  page.assert_patch("/navigation?page=4&sort=name");
  CHECK(page.has(".flash-info", "The view stayed"));
  page.patch("/navigation?page=99&sort=nonsense");
  CHECK(page.element("#where").text() == "Page 4 by distance");
}

TEST_CASE("navigation and redirects lead to the other view, and messages go along") {
  fixture f;
  const auto goes = [&](const char* button, const char* kind, const char* says) {
    CAPTURE(button);
    auto page = f.visit("/navigation");
    page.element(button).click();
    page.assert_redirect("/navigation/there");
    page.follow_redirect();
    CHECK(page.element("h1").text() == "Another place");
    CHECK(page.has(kind, says));
    page.element("#back-push").click();
    page.follow_redirect();
    CHECK(page.has(".flash-info", "Welcome back."));
  };
  goes("#push-navigate", ".flash-info", "Nothing was loaded");
  goes("#push-error", ".flash-error", "told why");
  goes("#push-redirect", ".flash-info", "has loaded");
}

TEST_CASE("an address that leads nowhere is answered 404") {
  fixture f;
  CHECK(f.browser().get("/navigation/missing").status == 404);
}

TEST_CASE("a nested view crashes alone, with what is in it") {
  fixture f;
  auto page = f.visit("/nested");
  for (const char* which : {"#child-inc", "#grandchild-inc"})
    page.element(which).click();
  const auto outside = page.element("#process").text();

  page.expect_crash([&] { page.element("#grandchild-crash").click(); });
  page.rejoin();
  CHECK(page.element("#child-count").text() == "1");
  CHECK(page.element("#grandchild-count").text() == "0");

  page.expect_crash([&] { page.element("#child-crash").click(); });
  page.rejoin();
  CHECK(page.element("#child-count").text() == "0");
  CHECK(page.element("#process").text() == outside);
}

TEST_CASE("the player plays on while the pages around it change") {
  fixture f;
  auto page = f.visit("/nested");
  f.world().advance(std::chrono::seconds{3});
  CHECK(page.element("#player-time").text() == "0:03");
  page.element("#child-inc").click();
  page.element("#to-other").click();
  page.follow_redirect();
  CHECK(page.element("h1").text() == "Nested views, the other page");
  CHECK(page.element("#child-count").text() == "0");
  f.world().advance(std::chrono::seconds{2});
  CHECK(page.element("#player-time").text() == "0:05");
  page.element("#player-toggle").click();
  f.world().advance(std::chrono::seconds{60});
  CHECK(page.element("#player-time").text() == "0:05");
  page.element("#player-toggle").click();
  f.world().advance(std::chrono::seconds{55});
  CHECK(page.element("#player-time").text() == "1:00");
}

namespace {

/// Logs in as a visitor does: the form is checked, then goes off by itself.
live_page log_in(testing::browser& b, const char* name) {
  auto page = b.visit("/account");
  page.form("#login").submit({{"login[name]", name}});
  page.follow_redirect();
  return page;
}

}  // namespace

TEST_CASE("who is not logged in is sent away from the members' page, and told why") {
  fixture f;
  auto ann = f.browser();
  CHECK(ann.get("/account/secret").status == 302);
  auto page = ann.visit("/account");
  page.navigate("/account/secret");
  CHECK(page.path() == "/account");
  CHECK(page.has(".flash-error", "for members"));
}

TEST_CASE("a name is checked before the login form goes off") {
  fixture f;
  auto page = f.visit("/account");
  page.form("#login").submit({{"login[name]", "A"}});
  CHECK(page.element("#login_name-note").text() == "A name has 2 to 30 characters.");
  CHECK_FALSE(page.leaving_to());
}

TEST_CASE("a login opens the members' page, and a logout closes all its windows") {
  fixture f;
  auto ann = f.browser();
  auto one = log_in(ann, "Ann");
  CHECK(one.path() == "/account/secret");
  CHECK(one.element("#user").text() == "Ann");
  auto two = ann.visit("/account/secret");
  auto bob = f.browser();
  auto other = log_in(bob, "Bob");

  one.form("#logout").submit();
  one.follow_redirect();
  CHECK(one.path() == "/account");
  CHECK(one.has("#login"));
  CHECK(two.close_code() == 1001);
  two.reconnect();
  CHECK(two.leaving_to() == "/account");
  two.follow_redirect();
  CHECK(two.has(".flash-error", "for members"));
  CHECK(other.close_code() == 0);
  CHECK(other.element("#user").text() == "Bob");
}

TEST_CASE("a cookie that was kept from before the logout opens nothing") {
  fixture f;
  auto ann = f.browser();
  auto page = log_in(ann, "Ann");
  const auto kept = *ann.cookie("_beamline_session");
  page.form("#logout").submit();
  page.follow_redirect();
  ann.set_cookie("_beamline_session", kept);
  CHECK(ann.get("/account/secret").status == 302);
  CHECK(ann.visit("/account").has("#login"));
}

TEST_CASE("forms of other sites log nobody in") {
  fixture f;
  CHECK(f.browser().post("/account/login", "login[name]=Eve").status == 403);
}
