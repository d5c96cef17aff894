// Which mounts of a page are visits.

#include "apps/event_horizon/post_site.hpp"
#include "apps/event_horizon/whole_site.hpp"

using namespace beamline;
using namespace beamline::event_horizon;
using namespace beamline::test;

TEST_CASE_FIXTURE(post_site, "a tab that comes back after half an hour is no other visit, one that is opened then is") {
  auto page = pages->visit("/blog/hello");
  CHECK(at.visits.size() == 1);
  for (int i = 0; i < 2; ++i) {
    page.disconnect();
    w.advance(31min);
    page.reconnect();
    CHECK(at.visits.size() == 1);
    CHECK(readers().size() == 1);
  }
  (void)pages->visit("/blog/hello");
  CHECK(at.visits.size() == 2);
}

TEST_CASE("a tab with the home page that comes back is no other visit, a reader who goes there is") {
  whole_site s;
  auto page = s.browser().visit("/");
  CHECK(s.script.visits.size() == 1);
  page.disconnect();
  s.w.advance(31min);
  page.reconnect();
  CHECK(s.script.visits.size() == 1);
  page.navigate("/blog");
  page.navigate("/");
  CHECK(s.script.visits.size() == 2);
}
