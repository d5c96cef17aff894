// Parts in parts, and ways out of a page, through the testing kit.

#include "testing/live/live_site.hpp"
#include "testing/live/parts/views.hpp"
#include "testing/world.hpp"

#include <doctest/doctest.h>

using namespace beamline;
using namespace beamline::testing;

namespace {

struct fixture {
  world w;
  live_site site{w.start_node()};

  fixture() {
    site.view<parts::workshop>("/workshop");
    site.view<parts::office>("/office");
    site.live().nested<parts::radio>("radio");
  }
  /// Once all its work is done.
  live_page visit() {
    auto page = site.visit("/workshop");
    w.advance(2s);
    return page;
  }
};

}  // namespace

TEST_CASE("a component in a row of a stream keeps its state while its row is updated, and goes with it") {
  fixture f;
  auto page = f.visit();
  page.element("#jobs-1 button").click().click();
  page.element("#jobs-2 button").click();
  page.element("#rename").click();
  CHECK(page.element("#jobs-1 .job").text() == "file 2 run");
  page.element("#add").click();
  CHECK(page.element("#jobs").text() == "glue 0 runfile 2 runplane 1 run");
  page.element("#jobs-1 button").click();
  CHECK(page.element("#jobs-1 i").text() == "3");
  page.element("#drop").click();
  CHECK(page.element("#jobs").text() == "glue 0 runplane 1 run");
  page.element("#jobs-3 button").click();
  CHECK(page.element("#jobs").text() == "glue 1 runplane 1 run");
}

TEST_CASE("a stream in a live component is its own: it grows, is cleared and survives what happens around it") {
  fixture f;
  auto page = f.visit();
  CHECK(page.element("#notes").text() == "first");
  page.element(".note").click().click();
  CHECK(page.element("#journal b").text() == "2");
  CHECK(page.find_all("#notes li").size() == 3);
  page.element("#add").click();  // A render of the view around it.
  CHECK(page.find_all("#notes li").size() == 3);
  page.element(".clear").click();
  CHECK(page.find_all("#notes li").empty());
  page.element(".note").click();
  CHECK(page.find_all("#notes li").size() == 1);
}

TEST_CASE("<.async_result> shows that something is loaded, the value, and what became of it") {
  fixture f;
  CHECK_FALSE(f.site.browser().load("/workshop").has("#weather"));  // Nobody waits for the first HTML.
  auto page = f.site.visit("/workshop");
  CHECK(page.has("#loading"));
  CHECK_FALSE(page.has("#weather"));
  f.w.advance(2s);
  CHECK(page.element("#weather").text() == "sunny");
  CHECK_FALSE(page.has("#loading"));

  page.element("#again").click();  // What is there stays while it is loaded anew, and when that fails.
  CHECK(page.element("#weather").text() == "sunny");
  f.w.advance(2s);
  CHECK(page.element("#weather").text() == "rain");
  page.element("#fail").click();
  f.w.advance(2s);
  CHECK(page.element("#weather").text() == "rain");

  page.element("#reset").click();
  CHECK(page.has("#loading"));
  CHECK_FALSE(page.has("#weather"));
  f.w.advance(2s);
  CHECK(page.element("#failed").text() == "no forecast");
}

TEST_CASE("a form with phx-trigger-action leaves the page by a native submit once the view says so") {
  fixture f;
  auto page = f.visit();
  CHECK_FALSE(page.leaving_to());
  page.form("#login").submit({{"user", "ann"}});
  page.assert_redirect("/login");
}

TEST_CASE("a sticky view plays on while the page navigates between views that show it") {
  fixture f;
  auto page = f.visit();
  page.element("#next").click().click();
  page.navigate("/office");
  CHECK(page.element("h1").text() == "Office");
  CHECK(page.element("#songs").text() == "2");
  page.element("#next").click();
  page.navigate("/workshop");
  CHECK(page.element("#songs").text() == "3");
}

TEST_CASE("the first HTML of a view that watches a count is made without asking the presence") {
  fixture f;
  f.site.view<parts::audience>("/audience");
  CHECK(f.site.browser().load("/audience").status() == 200);  // On a node that has none.
}
