// The first two steps of docs/testing.md: one actor, and a race that only some schedules show.

#include "box_office.hpp"
#include "testing/fixtures/one_actor.hpp"

#include <doctest/doctest.h>

using namespace beamline;
using namespace beamline::testing;
using namespace box_office;

TEST_CASE("the office numbers its tickets and books each of them") {
  for_each_seed(50, [](world& w) {
    auto& n = w.start_node("one@sim");
    probe books{n};
    one_actor<office> desk{w, books.address(), habit::book_first};

    CHECK(desk.ask<int>(buy{}) == 1);
    CHECK(books.expect<sold>().ticket == 1);

    CHECK(desk.ask<int>(buy{}) == 2);
    CHECK(books.expect<sold>().ticket == 2);
    books.expect_nothing(1min);
  });
}

namespace {

/// A customer who has a ticket finds it in the ledger.
void buy_and_look_up(world& w, habit h) {
  bool is_content = false;
  auto& n = w.start_node();
  auto books = n.spawn<ledger>();
  auto desk = n.spawn<office>(books, h);
  n.spawn<customer>(desk, books, is_content);
  w.expect("the customer finds the ticket in the ledger", [&] { return is_content; });
}

}  // namespace

TEST_CASE("who has a ticket is in the ledger") {
  for_each_seed(500, [](world& w) { buy_and_look_up(w, habit::book_first); });
}

TEST_CASE("answering first is a race, and some seed finds it") {
  try {
    for_each_seed(500, [](world& w) { buy_and_look_up(w, habit::answer_first); });
    FAIL("no seed found it");
  } catch (const simulation_error& found) {
    MESSAGE(std::string{found.what()});
  }
}
