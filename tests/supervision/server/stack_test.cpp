// The stack of the gen_server suite, and its names.

#include "supervision/child_spec.hpp"
#include "supervision/server/stage.hpp"
#include "supervision/supervisor.hpp"

#include <deque>

using namespace beamline;
using namespace beamline::supervision;
using testing::for_each_seed;

namespace {

struct push {
  int value;
};
struct pop {};

/// The stack of the gen_server suite.
class stack : public server {
public:
  explicit stack(process_context& c, std::deque<int> items = {}) : server{c}, items_{std::move(items)} {}
  static child_spec child_spec_for(std::deque<int> items) {
    return child<stack>("stack", std::move(items)).with({.restart = restart_type::transient});
  }
  start_result on_init() override {
    return handlers([this](const push& m) { items_.push_front(m.value); },
                    [this](const pop&) {
                      if (items_.empty())
                        throw std::logic_error{"the stack is empty"};
                      auto top = items_.front();
                      items_.pop_front();
                      return top;
                    });
  }

private:
  std::deque<int> items_;
};

}  // namespace

TEST_CASE("N01 a server class says how it is supervised, and that can be said differently") {
  auto spec = child_of<stack>(std::deque<int>{1});
  CHECK(spec.id == "stack");
  CHECK(spec.restart == restart_type::transient);
  CHECK(spec.type == child_type::worker);
  CHECK(spec.effective_shutdown() == shutdown_policy{5s});
  CHECK(spec.kind.find("stack") != std::string::npos);
  auto other = spec.with({.id = "other", .shutdown = shutdown_policy::infinity()});
  CHECK(other.id == "other");
  CHECK(other.restart == restart_type::transient);
  CHECK(other.effective_shutdown().is_infinity());
}

TEST_CASE("N02 a name that cannot be one is refused at the start") {
  world w;
  auto& n = w.start_node();
  auto too_long = std::string(name_table::name_bytes_max + 1, 'x');
  CHECK_THROWS_AS((void)n.get().spawn_as<stack>(named(too_long)), std::invalid_argument);
  w.run();
  CHECK(n.processes().count() == 0);
}

TEST_CASE("N03 a server is reached under its name, which only one can have") {
  for_each_seed(20, [](world& w) {
    auto& n = w.start_node();
    auto p = n.get().spawn_as<stack>(named("stack"), std::deque<int>{1, 2});
    pid name{n.env().self(), "stack"};
    CHECK(w.ask<int>(name, pop{}) == 1);
    CHECK(w.ask<int>(p, pop{}) == 2);
    try {
      (void)n.get().spawn_as<stack>(named("stack"));
      FAIL("the name is taken");
    } catch (const name_taken& e) {
      CHECK(e.owner() == p);
    }
    auto top = n.spawn<supervisor>(supervisor_spec{});
    auto a = w.ask<start_answer>(top, start_child{child_of<stack>(std::deque<int>{}).with({.name = "stack"})});
    REQUIRE_FALSE(a);
    CHECK(a.error().what == child_error::kind::already_started);
    CHECK(a.error().who == p);
  });
}

TEST_CASE("N04 a server answers calls, takes casts and is stopped; what nobody takes vanishes") {
  for_each_seed(20, [](world& w) {
    auto& n = w.start_node();
    auto p = n.spawn<stack>(std::deque<int>{1});
    CHECK(w.ask<int>(p, pop{}) == 1);
    n.cast(p, push{2});
    n.cast(p, push{3});
    CHECK(w.ask<int>(p, pop{}) == 3);
    CHECK(w.ask<int>(p, pop{}) == 2);
    n.cast(pid{n.env().self(), "nobody"}, push{4});
    n.cast(pid{}, push{4});
    n.cast(p, stop_order{reason::normal()});
    w.run();
    CHECK_FALSE(n.is_alive(p));
    n.cast(p, push{5});
    w.run();
    CHECK(std::get<call_error>(w.try_ask<int>(p, pop{})).what == call_error::kind::noproc);
    auto q = n.spawn<stack>();
    CHECK(std::get<call_error>(w.try_ask<int>(q, pop{}))
          == call_error{call_error::kind::crashed, reason::crashed("the stack is empty")});
  });
}

TEST_CASE("N05 servers without a name are as many as one likes") {
  world w;
  auto& n = w.start_node();
  auto p = n.spawn<stack>(std::deque<int>{1});
  auto q = n.spawn<stack>(std::deque<int>{2});
  w.run();
  CHECK(n.processes().info(p.id(), w.now())->name.empty());
  CHECK(w.ask<int>(p, pop{}) == 1);
  CHECK(w.ask<int>(q, pop{}) == 2);
}

TEST_CASE("N08 a name gives the process that has it, or nobody") {
  world w;
  auto& n = w.start_node();
  CHECK_FALSE(n.get().whereis("stack"));
  auto p = n.get().spawn_as<stack>(named("stack"));
  CHECK(n.get().whereis("stack") == p);
  n.kill(p);
  w.run();
  CHECK_FALSE(n.get().whereis("stack"));
}
