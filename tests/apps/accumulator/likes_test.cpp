// Who likes what, as the tables have it.

#include "apps/accumulator/tables.hpp"

using namespace beamline;
using namespace beamline::accumulator;
using namespace beamline::accumulator::test;

TEST_CASE_FIXTURE(fresh_tables, "whether a visitor likes a post can be read, until the like is taken back") {
  auto has = [&](std::string slug, std::string visitor) {
    return with([&](tables& t) { return t.has_like(slug, visitor); });
  };
  CHECK_FALSE(has("hello", "visitor_1"));
  (void)set_like("hello", "visitor_1", true);
  CHECK(has("hello", "visitor_1"));
  CHECK_FALSE(has("hello", "visitor_2"));
  CHECK_FALSE(has("second", "visitor_1"));
  (void)set_like("hello", "visitor_1", false);
  CHECK_FALSE(has("hello", "visitor_1"));
}
