#include "web/live/stale_guard.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace beamline;
using beamline::web::live::load_chain;

namespace {

/// A browser that keeps the cookie of each page it loads.
struct browser {
  manual_clock time = manual_clock{};
  std::string cookie;

  void load() { cookie = chain().next(time.wall_now()).to_cookie_value(); }
  [[nodiscard]] load_chain chain() const {
    return load_chain{cookie.empty() ? std::nullopt : std::optional<std::string_view>{cookie}};
  }
  [[nodiscard]] bool is_loop() const { return chain().is_loop(time.wall_now()); }
};

}  // namespace

TEST_CASE("a page that is stale as soon as it is loaded is a loop at the fifth time") {
  auto b = browser{};
  for (auto n = 1; n < load_chain::loads_suspicious; ++n) {
    b.load();
    b.time.advance(90ms);
    CHECK_FALSE(b.is_loop());
  }
  b.load();
  b.time.advance(90ms);
  CHECK(b.is_loop());
  SUBCASE("and stays one at the pace of failed joins, 5 to 30 seconds") {
    for (const auto pause : {5s, 10s, 30s, 30s}) {
      b.time.advance(pause);
      b.load();
      CHECK(b.is_loop());
    }
  }
  SUBCASE("but not on a page that was opened a while ago: a deploy has made it stale") {
    b.time.advance(11s);
    CHECK_FALSE(b.is_loop());
  }
}

TEST_CASE("who loads pages at leisure never looks like a loop") {
  auto b = browser{};
  for (int n = 0; n < 20; ++n) {
    b.load();
    CHECK_FALSE(b.is_loop());
    b.time.advance(46s);
  }
}

TEST_CASE("a cookie that is not one of ours counts for nothing") {
  const auto now = manual_clock{}.wall_now();
  for (const std::string_view bad : {"", "-", "7", "7-", "-7", "x-1", "7-x", "7-1x", "-1-1", "7--1", " 7-1",
                                     "99999999999999999999-1", "7-99999999999999999999"}) {
    CAPTURE(bad);
    CHECK(load_chain{bad}.loads() == 0);
    CHECK(load_chain{bad}.next(now).loads() == 1);
  }
  CHECK(load_chain{std::nullopt}.next(now).loads() == 1);
}

TEST_CASE("a forged or far-away clock does no harm beyond its own browser") {
  const auto now = manual_clock{}.wall_now();
  CHECK(load_chain{"9223372036854775807-9223372036854775807"}.next(now).loads() == load_chain::loads_max);
  CHECK(load_chain{"0-0"}.next(now).loads() == 1);
}
