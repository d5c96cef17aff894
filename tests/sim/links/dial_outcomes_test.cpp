// Whoever dials is told once how that went, whatever happens to the connections on the way. Found by the campaign of
// links_test.cpp, seed 37: a dial that had ended in favour of an accepted connection was never answered when that
// failed.

#include "net/links/linked_cluster.hpp"

using namespace beamline;
using namespace beamline::testing;
using namespace beamline::testing::test;

TEST_CASE("every dial has one outcome, also when both nodes dial and their connections break") {
  std::size_t linked = 0, broken = 0;
  for_each_seed(400, [&](world& w) {
    linked_cluster c{w, {"a@sim", "b@sim"}, {}, false};
    w.advance(10ms);
    seeded_random random{w.derive_seed(5)};
    std::size_t dials = 0, outcomes = 0;
    auto dial = [&](const std::string& from, const std::string& to) {
      ++dials;
      c.links[from]->links().connect(w.network().address_of(to, 4400), {}, [&](const net::connect_outcome& o) {
        ++outcomes;
        ++(o.ok() ? linked : broken);
      });
    };
    dial("a@sim", "b@sim");
    w.pass(duration{static_cast<duration::rep>(random.below(4'000'000))});
    dial("b@sim", "a@sim");
    for (int i = 0; i < 2; ++i) {
      w.pass(duration{static_cast<duration::rep>(random.below(8'000'000))});
      switch (random.below(4)) {
        case 0: w.network().half_open("a@sim", "b@sim"); break;
        case 1: w.network().half_open("b@sim", "a@sim"); break;
        case 2: w.network().reset("a@sim", "b@sim"); break;
        default: dial("a@sim", "b@sim");
      }
    }
    w.advance(2s);
    CHECK(outcomes == dials);
  });
  CHECK(linked > 100);
  CHECK(broken > 100);
}
