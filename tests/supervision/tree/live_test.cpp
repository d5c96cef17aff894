#include "base/json.hpp"
#include "base/time.hpp"
#include "supervision/supervisor.hpp"
#include "supervision/tree.hpp"
#include "supervision/workers.hpp"
#include "testing/simulated_node.hpp"

#include <doctest/doctest.h>

using namespace beamline;
using namespace beamline::supervision;
using namespace beamline::supervision::workers;

namespace {

struct fixture {
  explicit fixture(testing::world& world) : w{world} { n.env().provide(boards); }
  ~fixture() { w.crash_node(n); }  // Before its boards go.
  fixture(const fixture&) = delete;
  fixture& operator=(const fixture&) = delete;

  testing::world& w;
  testing::simulated_node& n = w.start_node();
  board_registry boards;

  tree_node read(tree_options o = {}) { return read_tree(n.env(), &boards, o); }
};

/// Asks a supervisor something whose answer takes its time.
class asker : public process {
public:
  asker(process_context& c, pid sup, child_spec added) : process{c}, sup_{std::move(sup)}, added_{std::move(added)} {}
  asker(process_context& c, pid sup, std::function<void(const start_answer&)> tell)
      : process{c}, sup_{std::move(sup)}, tell_{std::move(tell)} {}

  behavior init() override {
    if (!tell_) {
      call<start_answer>(sup_, start_child{added_}, 60s).then([](const start_answer&) {}, [](const call_error&) {});
      return {};
    }
    call<change_answer>(sup_, terminate_child{.id = "a"}, 60s)
        .then(
            [this](const change_answer&) {
              call<start_answer>(sup_, restart_child{.id = "a"}, 60s).then(tell_, [](const call_error&) {});
            },
            [](const call_error&) {});
    return {};
  }

private:
  pid sup_;
  child_spec added_;
  std::function<void(const start_answer&)> tell_;
};

const tree_node* find(const tree_node& in, std::string_view label) {
  if (in.facts.label == label)
    return &in;
  for (const auto& c : in.children)
    if (const auto* found = find(c, label))
      return found;
  return nullptr;
}

child_spec stuck_child(std::string id) {
  auto c = w_child(std::move(id));
  c.shutdown = shutdown_policy::brutal_kill();
  c.kill_grace = 500ms;
  return c;
}

}  // namespace

TEST_CASE("the tree of a node shows supervisors, their budgets and their children") {
  testing::for_each_seed(20, [](testing::world& w) {
    fixture f{w};
    auto inner = supervisor_spec{.flags = {.strategy = strategy::one_for_all, .intensity = 4, .period = 9s},
                                 .children = {w_child("x"), w_child("y")}};
    f.n.spawn<supervisor>(supervisor_spec{.children = {w_child("a"), child_supervisor("inner", inner), w_child("b")}});
    w.run();
    auto t = f.read();
    REQUIRE(t.children.size() == 1);
    REQUIRE(t.children[0].children.size() == 3);
    CHECK(t.children[0].children[0].facts.label == "a");
    CHECK(t.children[0].children[2].facts.label == "b");
    const auto& in = t.children[0].children[1];
    REQUIRE(in.supervisor.has_value());
    CHECK(facts_text(*in.supervisor) == "one_for_all 0/4 in 9s");
    REQUIRE(in.children.size() == 2);
    CHECK(in.children[1].facts.label == "y");
  });
}

TEST_CASE("restarts show as lives and in the budget, and the budget recovers") {
  testing::world w;
  fixture f{w};
  f.n.spawn<supervisor>(supervisor_spec{.flags = {.intensity = 3, .period = 5s}, .children = {w_child("a")}});
  w.run();
  for (int i = 0; i < 2; ++i) {
    f.n.kill(pid{f.n.env().self(), find(f.read(), "a")->facts.id});
    w.run();
  }
  auto t = f.read();
  CHECK(find(t, "a")->facts.incarnation == 3);
  CHECK(t.children[0].supervisor->restarts_in_period == 2);
  CHECK(t.children[0].is_in_trouble);
  CHECK(tree_text(t).find("one_for_one 2/3 in 5s (half used)") != std::string::npos);
  w.advance(6s);
  CHECK(f.read().children[0].supervisor->restarts_in_period == 0);
  CHECK(f.read().children[0].supervisor->restarts == 2);
}

TEST_CASE("children that do not run are shown as slots") {
  testing::world w;
  fixture f{w};
  auto sup = f.n.spawn<supervisor>(supervisor_spec{.children = {w_child("a"), w_child("b"), w_child("c")}});
  w.run();
  CHECK(w.ask<change_answer>(sup, terminate_child{.id = "b"}).ok());
  auto t = f.read();
  REQUIRE(t.children[0].children.size() == 3);
  CHECK(t.children[0].children[1].what == tree_node::role::slot);
  CHECK(t.children[0].children[1].slot == slot_state::stopped);
}

TEST_CASE("a child that waits for its restart shows as restarting") {
  testing::world w;
  fixture f{w};
  f.n.spawn<supervisor>(supervisor_spec{.flags = {.backoff = {.first = 10s}}, .children = {w_child("a")}});
  w.run();
  f.n.kill(pid{f.n.env().self(), find(f.read(), "a")->facts.id});
  w.advance(1s);
  auto t = f.read();
  REQUIRE(find(t, "a") != nullptr);
  CHECK(find(t, "a")->slot == slot_state::restarting);
  CHECK(find(t, "a")->is_in_trouble);
}

TEST_CASE("a stuck process shows with its handler and for how long") {
  testing::world w;
  fixture f{w};
  f.n.spawn<supervisor>(supervisor_spec{.children = {stuck_child("a")}});
  w.run();
  f.n.cast(pid{f.n.env().self(), find(f.read(), "a")->facts.id}, busy_for{60s});
  w.advance(12'300ms);
  auto t = f.read();
  auto* a = find(t, "a");
  CHECK(a->facts.state == process_state::running);
  CHECK(a->is_in_trouble);
  CHECK(tree_text(t).find("in supervision::workers::busy_for for 12.3s") != std::string::npos);
  CHECK(find(t, "a")->facts.current_age >= 12s);
}

TEST_CASE("a zombie and its successor stand side by side until it returns") {
  testing::for_each_seed(20, [](testing::world& w) {
    fixture f{w};
    auto sup = f.n.spawn<supervisor>(supervisor_spec{.children = {stuck_child("a")}});
    w.run();
    f.n.cast(pid{f.n.env().self(), find(f.read(), "a")->facts.id}, busy_for{60s});
    w.advance(100ms);
    std::optional<start_answer> started;
    f.n.spawn<asker>(sup, [&](const start_answer& a) { started = a; });
    w.advance(3s);
    REQUIRE(started.has_value());
    auto t = f.read();
    CHECK(t.zombies == 1);
    REQUIRE(t.children[0].children.size() == 2);
    CHECK(t.children[0].children[0].facts.state == process_state::zombie);
    CHECK(t.children[0].children[0].is_in_trouble);
    CHECK(t.children[0].children[1].facts.incarnation == 2);
    CHECK(t.children[0].supervisor->zombies == 1);
    CHECK(tree_text(t).find("ZOMBIE") != std::string::npos);
    w.advance(60s);
    CHECK(f.read().zombies == 0);
    CHECK(f.read().children[0].children.size() == 1);
  });
}

TEST_CASE("a supervisor that is busy does not delay the reader, and shows that it is") {
  testing::world w;
  fixture f{w};
  auto slow = w_child("slow");
  slow.start = [](starter& by) -> start_outcome {
    testing::block(30s);
    return by.spawn<workers::w>();
  };
  auto sup = f.n.spawn<supervisor>(supervisor_spec{.children = {w_child("a")}});
  w.run();
  f.n.spawn<asker>(sup, slow);
  w.advance(5s);
  auto before = w.steps();
  auto t = f.read();
  CHECK(w.steps() == before);
  REQUIRE(t.children[0].supervisor.has_value());
  CHECK(t.children[0].facts.state == process_state::running);
  CHECK(t.children[0].facts.current_age >= 4s);
  CHECK(find(t, "a") != nullptr);
}

TEST_CASE("a supervisor that stops says so, and shows what still runs") {
  testing::world w;
  fixture f{w};
  auto slow = child<w2>("slow", 20s, journal{}, "slow").with({.shutdown = shutdown_policy{60s}});
  auto sup = f.n.spawn<supervisor>(supervisor_spec{.children = {slow, w_child("b")}});
  w.run();
  f.n.exit(sup, reason::shutdown());
  w.advance(5s);
  auto t = f.read();
  REQUIRE(t.children.size() == 1);
  CHECK(t.children[0].supervisor->is_stopping);
  CHECK(find(t, "slow") != nullptr);
  CHECK(find(t, "b") == nullptr);
}

TEST_CASE("while children are restarted in masses every reading of the tree is whole") {
  testing::world w{4711};
  fixture f{w};
  std::vector<child_spec> children;
  for (int i = 0; i < 200; ++i)
    children.push_back(w_child("c" + std::to_string(i)));
  f.n.spawn<supervisor>(supervisor_spec{.flags = {.intensity = 1'000'000}, .children = std::move(children)});
  w.run();
  const auto before = f.read({.children_shown_max = 1'000});
  for (const auto& c : before.children[0].children)
    f.n.kill(pid{f.n.env().self(), c.facts.id});
  std::size_t readings = 0;
  while (w.step()) {
    if (++readings % 16 != 0)
      continue;
    auto t = f.read({.children_shown_max = 1'000});
    REQUIRE(t.children.size() >= 1);
    // A child whose end the supervisor has not heard of yet stands nowhere; nobody stands twice.
    CHECK(t.children[0].children.size() <= 200);
  }
  CHECK(readings > 200);
  CHECK(f.read({.children_shown_max = 1'000}).children[0].children.size() == 200);
  CHECK(f.read().children[0].supervisor->restarts == 200);
}

TEST_CASE("the same world gives the same tree") {
  std::string first;
  for (int i = 0; i < 2; ++i) {
    testing::world w{99};
    fixture f{w};
    f.n.spawn<supervisor>(supervisor_spec{.children = {w_child("a"), w_child("b")}});
    w.run();
    f.n.kill(pid{f.n.env().self(), find(f.read(), "b")->facts.id});
    w.run();
    auto text = tree_text(f.read()) + dump_json(tree_json(f.read()));
    CHECK((i == 0 || text == first));
    first = text;
  }
}

TEST_CASE("without boards supervisors are shown as plain processes") {
  testing::world w;
  fixture f{w};
  f.n.spawn<supervisor>(supervisor_spec{.children = {w_child("a")}});
  w.run();
  auto t = read_tree(f.n.env(), nullptr);
  CHECK_FALSE(t.children[0].supervisor.has_value());
  CHECK(find(t, "a") != nullptr);
}
