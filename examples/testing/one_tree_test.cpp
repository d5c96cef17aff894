// The third step of docs/testing.md: what restarts, and what it forgets.

#include "box_office.hpp"
#include "supervision/child_spec.hpp"
#include "testing/fixtures/one_tree.hpp"

#include <doctest/doctest.h>

using namespace beamline;
using namespace beamline::testing;
using namespace box_office;
using namespace beamline::supervision;

namespace {

supervisor_spec shop(simulated_node& n) {
  auto books = pid{n.get().identity(), std::string{"ledger"}};  // By name: it may be another process tomorrow.
  return {.flags = {.strategy = strategy::rest_for_one},
          .children = {child<ledger>("ledger").with({.name = "ledger"}),
                       child<office>("office", books, habit::book_first)}};
}

}  // namespace

TEST_CASE("an office without its ledger starts again, too") {
  for_each_seed(100, [](world& w) {
    one_tree t{w, shop(w.start_node("one@sim"))};
    CHECK(t.ask<int>("office", buy{}) == 1);
    t.kill("ledger");
    t.expect_restart("ledger");
    t.run();
    CHECK(t.life("office") == 2);
    CHECK(t.ask<int>("office", buy{}) == 1);  // Both have forgotten the first one: what must not be lost is stored.
    CHECK(t.ask<bool>("ledger", is_sold{1}));
  });
}

TEST_CASE("a ledger outlives its office") {
  for_each_seed(100, [](world& w) {
    one_tree t{w, shop(w.start_node("one@sim"))};
    CHECK(t.ask<int>("office", buy{}) == 1);
    t.kill("office");
    t.expect_restart("office");
    CHECK(t.life("ledger") == 1);
    CHECK(t.ask<bool>("ledger", is_sold{1}));
  });
}
