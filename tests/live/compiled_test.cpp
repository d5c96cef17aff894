#include "live/compiled/changing_page.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <stdexcept>

// Templates that were drawn at random and compiled: what changes is sent, whatever an expression reads it through, and
// nothing else is.

namespace {

using namespace compiled;

constexpr std::uint64_t seeds = 12;  // For each template.

void update_all(changing_page& page) {
  for (auto messages = 0; page.has_more(); ++messages) {
    REQUIRE(messages < 20);
    (void)page.update();
  }
}

/// False if the update would have left the page stuck: what a condition without a mark let appear is said to be
/// unchanged.
bool is_accepted(changing_page& page) {
  try {
    (void)page.update();
    return true;
  } catch (const std::logic_error&) {
    return false;
  }
}

/// Some histories of each template, from the join on.
template <class F>
void each_history(const F& goes_on) {
  for (const auto& t : pages()) {
    CAPTURE(t.name);
    for (std::uint64_t seed = 0; seed < seeds; ++seed) {
      CAPTURE(seed);
      auto page = changing_page{t, seed};
      (void)page.join();
      goes_on(t, page);
    }
  }
}

}  // namespace

TEST_CASE("after any changes the client of a compiled template shows what a fresh render shows") {
  auto changed = 0;
  each_history([&](const auto&, changing_page& page) {
    REQUIRE(page.shown() == page.fresh());
    for (int step = 0; step < 15; ++step) {
      CAPTURE(step);
      const auto before = page.shown();
      page.change();
      if (page.chance(10)) {
        page.lose_update();
        page.change();
      }
      if (page.chance(20))
        (void)page.join();
      update_all(page);
      REQUIRE(page.shown() == page.fresh());
      changed += page.shown() != before ? 1 : 0;
      if (page.chance(4))
        page.forget_components();
    }
  });
  CHECK(changed > 1000);  // Else the test says little.
}

TEST_CASE("a compiled template of which nothing changed sends nothing") {
  each_history([](const auto& t, changing_page& page) {
    for (int step = 0; step < 3; ++step) {
      page.change();
      update_all(page);
      page.ask_again();
      REQUIRE(page.update().empty());
      for (const auto name : member_names())
        if (std::ranges::find(t.members, name) == t.members.end())
          page.change(name);
      REQUIRE(page.update().empty());
      REQUIRE(page.shown() == page.fresh());
    }
  });
}

// What the first test would say if the compiler overlooked a member: here one changes and is not marked.
TEST_CASE("a member that changes without being marked leaves the page stale until it is marked") {
  for (const auto& t : pages()) {
    CAPTURE(t.name);
    if (std::ranges::find(t.members, "plain") != t.members.end())
      continue;  // Needs no mark, and what stands in a loop with it needs none either.
    for (const auto name : t.members) {
      CAPTURE(name);
      auto stale = 0;
      // Some members are shown in rare states only.
      for (std::uint64_t seed = 0; seed < 400 && stale < 3; ++seed) {
        CAPTURE(seed);
        auto page = changing_page{t, seed};
        (void)page.join();
        for (int step = 0; step < 6; ++step) {
          page.change();
          update_all(page);
          page.change_silently(name);
          if (!is_accepted(page)) {
            ++stale;
            break;
          }
          stale += page.shown() != page.fresh() ? 1 : 0;
          page.mark(name);
          update_all(page);
          REQUIRE(page.shown() == page.fresh());
        }
      }
      CHECK(stale >= 3);
    }
  }
}
