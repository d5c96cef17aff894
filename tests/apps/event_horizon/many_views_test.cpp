// A post with many readers: its views are told of changes together.

#include "apps/event_horizon/host.hpp"
#include "apps/event_horizon/telling_pace.hpp"

#include <cstdint>
#include <deque>
#include <vector>

using namespace beamline;
using namespace beamline::event_horizon;
using namespace beamline::test;
using testing::world;

namespace {

/// Subscribes to a post as a view does, and keeps the versions that it is cast.
class viewer final : public process {
public:
  viewer(process_context& c, std::vector<std::int64_t>& heard) : process{c}, heard_{heard} {}

private:
  behavior init() override {
    call<watch_answer>(pid{env().self(), std::string{analytics_name}}, watch_stats{"hello", self()}, 1s)
        .then([](const watch_answer&) {}, [](const call_error&) { FAIL_CHECK("analytics did not answer"); });
    return handlers([this](const stats_updated& m) { heard_.push_back(m.stats.version); });
  }
  std::vector<std::int64_t>& heard_;
};

}  // namespace

TEST_CASE("many views are told of the first change at once and then of the newest, few of every change") {
  std::size_t views = unpaced_views_max + 50;
  std::vector<std::int64_t> expected{10, 12, 13};
  SUBCASE("many") {}
  SUBCASE("few") {
    views = 3;
    expected = {10, 11, 12, 13};
  }
  auto w = world{};
  auto h = host{w};
  h.know_posts();
  h.start();
  std::deque<std::vector<std::int64_t>> heard(views);
  for (auto& one : heard)
    h.n.spawn<viewer>(one);
  w.advance(1s);
  for (std::int64_t version : {10, 11, 12}) {
    h.tell({"hello", version, version});
    w.advance(1ms);
  }
  for (const auto& one : heard) {
    REQUIRE_FALSE(one.empty());
    CHECK(one.front() == 10);
  }
  w.advance(1s);
  h.tell({"hello", 13, 13});
  w.advance(1ms);
  for (const auto& one : heard)
    CHECK(one == expected);
}
