#include "agent.hpp"

#include "supervision/supervisor.hpp"
#include "testing/simulated_node.hpp"

#include <doctest/doctest.h>

using namespace beamline;
using namespace beamline::supervision;
using testing::for_each_seed;
using testing::world;
using counter = workers::agent<int>;

namespace {

std::function<int()> from(int n) {
  return [n] { return n; };
}

int change(world& w, const pid& p, std::function<std::any(int&)> fn) {
  return std::any_cast<int>(w.ask<std::any>(p, counter::get_and_update{std::move(fn)}));
}
int read(world& w, const pid& p) {
  return change(w, p, [](int& n) { return std::any{n}; });
}

/// Starts an agent, links to it, and notes how it ended.
class linked : public process {
public:
  linked(process_context& c, pid& agent, reason& told) : process{c}, agent_{agent}, told_{told} {}
  behavior init() override {
    trap_exits([this](const exit_signal& e) { told_ = e.why; });
    agent_ = spawn<counter>(from(0));
    link(agent_);
    return handlers();
  }

private:
  pid& agent_;
  reason& told_;
};

}  // namespace

TEST_CASE("N09 an agent says how it is supervised, and is restarted with its first value") {
  for_each_seed(20, [](world& w) {
    auto& n = w.start_node();
    auto spec = child_of<counter>(from(42));
    CHECK(spec.id == "agent");
    CHECK(spec.restart == restart_type::permanent);
    auto top = n.spawn<supervisor>(supervisor_spec{.flags = {}, .children = {spec}});
    w.run();
    auto first = w.ask<child_list>(top, which_children{}).at(0).who;
    CHECK(read(w, first) == 42);
    CHECK(change(w, first, [](int& v) { return std::any{v = 7}; }) == 7);
    n.kill(first);
    w.run();
    auto second = w.ask<child_list>(top, which_children{}).at(0).who;
    CHECK(second != first);
    CHECK(read(w, second) == 42);
  });
}

TEST_CASE("N10 an agent is updated, asked and stopped, and who is linked to it is told") {
  for_each_seed(20, [](world& w) {
    auto& n = w.start_node();
    pid p;
    auto told = reason::custom("nothing");
    n.spawn<linked>(p, told);
    w.run();
    n.cast(p, counter::update{[](int& v) { v += 1; }});
    CHECK(read(w, p) == 1);
    CHECK(change(w, p, [](int& v) { return std::any{v++}; }) == 1);
    CHECK(read(w, p) == 2);
    for (int i = 0; i < 10; ++i)
      n.cast(p, counter::update{[i](int& v) { v = v * 2 + i % 2; }});  // In order.
    CHECK(read(w, p) == 2389);
    n.cast(p, stop_order{reason::normal()});
    w.run();
    CHECK_FALSE(n.is_alive(p));
    CHECK(told == reason::normal());
  });
}

TEST_CASE("a function that throws ends its agent, and the caller is told why") {
  for_each_seed(20, [](world& w) {
    auto& n = w.start_node();
    auto p = n.spawn<counter>(from(0));
    auto outcome =
        w.try_ask<std::any>(p, counter::get_and_update{[](int&) -> std::any { throw std::runtime_error{"oops"}; }});
    CHECK(std::get<call_error>(outcome) == call_error{call_error::kind::crashed, reason::crashed("oops")});
    CHECK_FALSE(n.is_alive(p));
  });
}
