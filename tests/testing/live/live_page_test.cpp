#include "testing/live/live_page.hpp"

#include "testing/live/client_model.hpp"
#include "testing/live/live_site.hpp"
#include "testing/live/views.hpp"

#include <doctest/doctest.h>

using namespace beamline;
using namespace beamline::testing;

namespace {

/// A site with all sample views.
struct fixture {
  world w;
  simulated_node& node = w.start_node();
  live_site site{node};

  fixture() {
    site.view<sample::counter>("/counter");
    site.view<sample::signup_form>("/form");
    site.view<sample::board>("/board");
    site.live().nested<sample::clock_view>("clock");
  }
};

}  // namespace

TEST_CASE("a page is loaded, connected and clicked") {
  fixture f;
  auto dead = f.site.browser().load("/counter");
  CHECK(dead.status() == 200);
  CHECK(dead.element("#mode").text() == "dead");
  CHECK(dead.title() == "Count 0");
  auto page = dead.connect();
  CHECK(page.element("#mode").text() == "live");
  page.element("#inc").click().click();
  CHECK(page.element("#count").text() == "2");
  CHECK(page.title() == "Count 2");
  page.element("#five b").click();  // Inside of the button.
  CHECK(page.element("#count").text() == "7");
  page.element("button", "+5").click({{"by", "10"}});
  CHECK(page.element("#count").text() == "17");
}

TEST_CASE("a view without a title shows the site's own, connected or not") {
  const auto shown = [](std::string own) {
    world w;
    auto o = live_site::options{};
    o.live.title = {.suffix = " · Site", .fallback = std::move(own)};
    live_site site{w.start_node(), std::move(o)};
    site.view<sample::signup_form>("/form");
    auto dead = site.browser().load("/form");
    const auto before = dead.title();
    CHECK(dead.connect().title() == before);
    return before;
  };
  CHECK(shown("Welcome") == "Welcome · Site");
  CHECK(shown("") == "· Site");
}

TEST_CASE("commands push, and what they do to the page lasts") {
  fixture f;
  auto page = f.site.visit("/counter");
  page.element("#js").click();
  CHECK(page.element("#count").text() == "2");
  CHECK(page.element("#count").has_class("hot"));
  page.element("#inc").click();
  CHECK(page.element("#count").has_class("hot"));
}

TEST_CASE("a look sees what came meanwhile, and virtual time passes when it is told to") {
  fixture f;
  auto page = f.site.visit("/counter");
  page.element("button", "later").click();
  CHECK(page.element("#count").text() == "0");
  f.w.advance(5s);
  CHECK(page.element("#count").text() == "100");
}

TEST_CASE("keys, hooks and pushed events") {
  fixture f;
  auto page = f.site.visit("/counter");
  page.element("body").keydown("a");
  CHECK(page.element("#page").text() == "one");
  page.element("body").keydown("Escape");
  CHECK(page.element("#page").text() == "Escape");
  CHECK(page.element("#hook").push_event("ask", {{"q", 1}}) == json{{"answer", {{"q", 1}}}});
  CHECK(page.expect_event("beep") == json{{"times", 2}});
  CHECK_THROWS_AS(page.expect_event("beep"), page_error);
  CHECK_THROWS_AS(page.element("#count").push_event("ask"), page_error);
}

TEST_CASE("what a visitor cannot do is refused with the HTML around") {
  fixture f;
  auto page = f.site.visit("/counter");
  CHECK_THROWS_WITH_AS(page.element("#nowhere").click(), doctest::Contains("<h1>Counter</h1>"), page_error);
  CHECK_THROWS_WITH_AS((void)page.element("button").text(), doctest::Contains("expected one"), page_error);
  CHECK_THROWS_WITH_AS(page.element("#off").click(), doctest::Contains("is disabled"), page_error);
  CHECK_THROWS_WITH_AS(page.element("h1").click(), doctest::Contains("nothing happens"), page_error);
  CHECK_THROWS_AS((void)page.form("#count"), page_error);
  CHECK_THROWS_AS((void)f.site.visit("/nowhere"), page_error);
}

TEST_CASE("patches from the view, from links and from the address bar") {
  fixture f;
  auto page = f.site.visit("/counter");
  page.element("button", "patch").click();
  page.assert_patch("/counter?page=two");
  CHECK(page.path() == "/counter?page=two");
  CHECK(page.element("#page").text() == "two");
  page.element("#two").click();
  CHECK(page.element("#page").text() == "2");
  page.patch("/counter?page=3");
  CHECK(page.element("#page").text() == "3");
  CHECK_THROWS_AS(page.assert_patch("/counter?page=two"), page_error);
}

TEST_CASE("navigation goes where the view or a link says, when it is followed") {
  fixture f;
  auto page = f.site.visit("/counter");
  page.element("button", "go").click();
  page.assert_redirect("/form");
  CHECK_THROWS_AS(page.element("#inc").click(), page_error);
  page.follow_redirect();
  CHECK(page.path() == "/form");
  CHECK(page.has("form#u"));
  page.navigate("/counter");
  page.element("#form").click();
  CHECK(page.leaving_to() == "/form");
  page.follow_redirect().navigate("/counter").element("#plain").click();
  page.follow_redirect();
  CHECK(page.element("#mode").text() == "live");
  CHECK_THROWS_AS(page.follow_redirect(), page_error);
}

TEST_CASE("a redirect loads a page, with the flash in a cookie") {
  fixture f;
  auto page = f.site.visit("/counter");
  page.element("button", "leave").click();
  page.follow_redirect();
  CHECK(page.element("#page").text() == "gone");
  CHECK(page.element("#flash").text() == "bye");
}

TEST_CASE("a mount that redirects is a redirect of the page") {
  fixture f;
  auto page = f.site.visit("/counter?deny=1");
  page.assert_redirect("/form");
  CHECK(page.follow_redirect().has("form#u"));
}

TEST_CASE("a cookie session reaches the view") {
  fixture f;
  CHECK(f.site.visit("/counter", {{"user", "ann"}}).element("#user").text() == "ann");
}

TEST_CASE("a form is validated while it is filled in, and sent") {
  fixture f;
  auto page = f.site.visit("/form");
  auto form = page.form("#u");
  form.change({{"u[name]", "a"}});
  CHECK(page.element("#name-error").text() == "should have at least 2 character(s)");
  CHECK(page.element("#age-error").text().empty());  // Not touched yet.
  CHECK(page.element("#target").text() == "name");
  CHECK(form.field("u[name]").value() == "a");
  form.submit();
  CHECK(page.element("#age-error").text() == "must be from 18 to 130");
  form.field("u[terms]").click();
  CHECK(form.field("u[terms]").is_checked());
  form.submit({{"u[name]", "ann"}, {"u[age]", 30}});
  page.assert_redirect("/counter?page=saved");
  page.follow_redirect();
  CHECK(page.element("#flash").text() == "welcome ann");
}

TEST_CASE("a crash is reported, and after the rejoin the form is filled in again") {
  fixture f;
  auto page = f.site.visit("/form");
  page.form("#u").change({{"u[name]", "ann"}, {"u[age]", "7"}});
  CHECK_THROWS_WITH_AS(page.element("#crash").click(), doctest::Contains("has crashed"), page_error);
  page.rejoin();
  CHECK(page.form("#u").field("u[name]").value() == "ann");
  CHECK(page.element("#age-error").text() == "must be from 18 to 130");
  page.expect_crash([&] { page.element("#crash").click(); });
  CHECK_THROWS_AS(page.expect_crash([] {}), page_error);
}

TEST_CASE("a lost connection leaves the page as it is until it is back") {
  fixture f;
  auto page = f.site.visit("/counter");
  page.element("#inc").click();
  page.disconnect();
  CHECK(page.element("#count").text() == "1");
  CHECK_THROWS_AS(page.element("#inc").click(), page_error);
  page.reconnect();
  CHECK(page.element("#count").text() == "0");  // A fresh mount.
  page.element("#inc").click();
  CHECK(page.element("#count").text() == "1");
}

TEST_CASE("streams keep in the page what the server has forgotten") {
  fixture f;
  auto page = f.site.visit("/board");
  const auto lines = [&] { return page.element("#lines").text(); };
  CHECK(lines() == "onetwo");
  page.element("#add").click();
  CHECK(lines() == "threeonetwo");
  page.element("#drop").click();
  CHECK(lines() == "threetwo");
  page.element("#reset").click();
  CHECK(lines() == "nine");
  page.disconnect().reconnect();
  CHECK(lines() == "onetwo");
}

TEST_CASE("components hear what is addressed to them, and are deleted when they leave the page") {
  fixture f;
  auto page = f.site.visit("/board");
  CHECK(page.find_all(".leaf").size() == 2);
  page.find_all(".leaf")[1].element("button").click();
  page.find_all(".leaf")[1].element("button").click();
  CHECK(page.find_all(".leaf")[0].text() == "a: 0bump");
  CHECK(page.find_all(".leaf")[1].text() == "b: 2bump");
  page.element("#prune").click();
  CHECK(page.element(".leaf").text() == "b: 2bump");
  CHECK(page.wire_log().find("\"cids_destroyed\",{\"cids\":[1]}") != std::string::npos);
}

TEST_CASE("a nested view lives and crashes by itself") {
  fixture f;
  auto page = f.site.visit("/board");
  page.element("#tick").click();
  CHECK(page.element("#kid #ticks").text() == "1");
  page.element("#add").click();
  CHECK(page.element("#kid #ticks").text() == "1");
  page.expect_crash([&] { page.element("#kid-boom").click(); });
  page.element("#drop").click();
  page.rejoin();
  CHECK(page.element("#kid #ticks").text() == "0");
  CHECK(page.element("#lines").text() == "threetwo");
}

TEST_CASE("two browsers are two visitors, and casts reach their views") {
  fixture f;
  auto ann = f.site.visit("/counter");
  auto bob = f.site.visit("/counter");
  ann.element("#inc").click();
  CHECK(ann.element("#count").text() == "1");
  CHECK(bob.element("#count").text() == "0");
}

TEST_CASE("a view is mounted without a route of its own") {
  world w;
  live_site site{w.start_node()};
  auto page = site.mount<sample::counter>({{"user", "eve"}}, "page=seven");
  CHECK(page.element("#user").text() == "eve");
  CHECK(page.element("#page").text() == "seven");
}

TEST_CASE("a hundred visits take milliseconds and give the same in any order of steps") {
  for_each_seed(100, [](world& w) {
    live_site site{w.start_node()};
    site.view<sample::counter>("/counter");
    auto page = site.visit("/counter");
    page.element("#inc").click();
    CHECK(page.element("#count").text() == "1");
  });
}
