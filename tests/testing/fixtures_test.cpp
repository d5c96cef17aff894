#include "testing/fixtures/one_actor.hpp"
#include "testing/fixtures/one_tree.hpp"
#include "testing/fixtures/probe.hpp"

#include "supervision/child_spec.hpp"

#include <doctest/doctest.h>

using namespace beamline;
using namespace beamline::testing;
using supervision::child;

namespace {

struct add {
  int by;
};
struct get {};
struct overflow {};
struct price_of {
  std::string what;
};
struct price {
  std::string what;
  int cents;
};

/// Counts up to ten and tells somebody when it is full; asks somebody for prices.
class counter final : public process {
public:
  explicit counter(process_context& c, int first = 0, pid informed = {})
      : process{c}, total_{first}, informed_{std::move(informed)} {}
  behavior init() override {
    return handlers(
        [this](const add& m) {
          total_ += m.by;
          if (total_ > 10)
            cast(informed_, overflow{});
          if (total_ > 100)
            throw std::runtime_error{"too much"};
        },
        [this](const get&) { return total_; },
        [this](const price_of& m) {
          call<int>(informed_, m, 1s)
              .then(
                  [this, what = m.what](int cents) {
                    cast(informed_, price{what, cents});
                  },
                  [this](const call_error&) { cast(informed_, overflow{}); });
        });
  }

private:
  int total_;
  pid informed_;
};

}  // namespace

TEST_CASE("one actor: told, asked, ended") {
  for_each_seed(30, [](world& w) {
    one_actor<counter> c{w, 5};
    c.cast(add{2});
    CHECK(c.ask<int>(get{}) == 7);
    CHECK_FALSE(c.ended());
    c.cast(add{1000});
    c.expect("it ends", [&] { return !c.is_alive(); });
    CHECK(to_string(*c.ended()) == "crashed: too much");
  });
}

TEST_CASE("a probe keeps what it is sent, in order, and complains about anything else") {
  for_each_seed(30, [](world& w) {
    auto& n = w.start_node("one@sim");
    probe told{n};
    one_actor<counter> c{w, 9, told.address()};
    told.expect_nothing(10s);
    c.cast(add{1});
    told.expect_nothing(1s);
    c.cast(add{1});
    told.expect<overflow>();
    CHECK_THROWS_WITH_AS(told.expect<overflow>(), doctest::Contains("nothing came"), simulation_error);
    c.cast(add{1});
    CHECK_THROWS_WITH_AS(told.expect<get>(), doctest::Contains("got"), simulation_error);
    c.cast(add{1});
    CHECK_THROWS_AS(told.expect_nothing(1s), simulation_error);
  });
}

TEST_CASE("a probe answers calls when the test says so, or never") {
  for_each_seed(30, [](world& w) {
    auto& n = w.start_node("one@sim");
    probe shop{n};
    one_actor<counter> c{w, 0, shop.address()};
    c.cast(price_of{"tea"});
    CHECK(shop.expect<price_of>().what == "tea");
    CHECK(shop.caller() == c.address());
    shop.reply(250);
    auto told = shop.expect<price>();
    CHECK(told.what == "tea");
    CHECK(told.cents == 250);
    CHECK_THROWS_WITH_AS(shop.reply(1), doctest::Contains("no call to answer"), simulation_error);
    c.cast(price_of{"coffee"});
    (void)shop.expect<price_of>();
    shop.expect<overflow>(2s);  // Its call timed out.
  });
}

TEST_CASE("a probe with handlers answers at once") {
  world w;
  auto& n = w.start_node("one@sim");
  probe shop{n, [](const price_of& q) { return static_cast<int>(q.what.size()); }};
  one_actor<counter> c{w, 0, shop.address()};
  c.cast(add{11});
  c.cast(price_of{"milk"});
  CHECK(shop.fish<price>().cents == 4);
}

TEST_CASE("one tree: processes by name, lives, restarts, reports") {
  for_each_seed(30, [](world& w) {
    one_tree shop{w,
                  {.children = {child<counter>("stock", 3),
                                supervision::child_supervisor("desks", {.children = {child<counter>("desk")}})}}};
    CHECK(shop.ask<int>("stock", get{}) == 3);
    shop.cast("stock", add{1});
    CHECK(shop.ask<int>("stock", get{}) == 4);
    shop.kill("stock");
    shop.expect_restart("stock");
    CHECK(shop.ask<int>("stock", get{}) == 3);
    CHECK(shop.life("stock") == 2);
    CHECK(shop.life("desks/desk") == 1);
    CHECK_FALSE(shop.is_up("cellar"));
    CHECK_THROWS_AS((void)shop["cellar"], simulation_error);
    CHECK_FALSE(shop.reports().empty());
    CHECK(shop.text().find("desk") != std::string::npos);
    CHECK(shop.is_alive());
  });
}

TEST_CASE("one tree: a tree that gives up, and one that does not start") {
  world w;
  one_tree shop{w, {.flags = {.intensity = 0}, .children = {child<counter>("stock", 0)}}};
  shop.cast("stock", add{1000});
  shop.expect("it gives up", [&] { return !shop.is_alive(); });
  class broken final : public process {
  public:
    using process::process;
    behavior init() override { return refuse_start(reason::custom("no cellar")); }
  };
  CHECK_THROWS_WITH_AS((one_tree{w, {.children = {child<broken>("cellar")}}}), doctest::Contains("no cellar"),
                       simulation_error);
}
