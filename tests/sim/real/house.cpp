#include "sim/real/house.hpp"

#include "sim/real/task_outcomes.hpp"
#include "supervision/board.hpp"
#include "supervision/dynamic_supervisor.hpp"
#include "supervision/registry/start.hpp"
#include "supervision/supervisor.hpp"
#include "supervision/tasks/task_supervisor.hpp"
#include "testing/check/default_checkers.hpp"
#include "testing/explore/scenario.hpp"
#include "testing/simulated_node.hpp"

#include <functional>
#include <map>
#include <memory>
#include <utility>

namespace beamline::house {

using namespace supervision;
using testing::cluster;
using testing::simulated_node;

namespace {

// Restarts of the trouble that is made are many; of the inner supervisors some give up all the same.
constexpr supervisor_flags tough{.intensity = 200, .period = 5s};
constexpr supervisor_flags weak{.intensity = 4, .period = 1s};

supervisor_flags with(supervisor_flags f, strategy s) {
  f.strategy = s;
  return f;
}

/// Registered as its label, and what meets the gap between two lives waits.
child_spec member(const names& n, std::string label, temper t) {
  auto s = child<worker>(label, n, label, t);
  s.name = label;
  s.park_max = 20;
  s.shutdown = 20ms;
  s.kill_grace = 10ms;
  return s;
}

child_spec named(child_spec s) {
  s.name = s.id;
  return s;
}

/// Every label that names a worker leads to a living process, in the name table and in the registry to the same one.
std::map<std::string, std::string> who_answers(simulated_node& n, const names& in) {
  std::map<std::string, std::string> all;
  for (const auto& name : worker_names()) {
    auto by_name = n.get().whereis(name);
    auto by_key = in.whereis(name);
    all[name] = !by_name ? "nobody" : by_name == by_key ? "is there" : "another process has its key";
  }
  return all;
}

/// The program ends when its tree does, and is started again by the cluster.
class root final : public process {
public:
  root(process_context& c, supervisor_spec tree, std::function<void()> quit)
      : process{c}, tree_{std::move(tree)}, quit_{std::move(quit)} {}

  behavior init() override {
    auto top = spawn_as<supervisor>({.name = "top", .label = "top"}, std::move(tree_));
    watch(top, [this](const reason&) { quit_(); });
    return handlers();
  }

private:
  supervisor_spec tree_;
  std::function<void()> quit_;
};

class house_scenario final : public testing::scenario {
public:
  void boot(simulated_node& n) override {
    n.env().provide(n.own<board_registry>());
    auto& in = n.own<names>(n.env(), registry_options{.name = "names", .partitions = 2});
    n.env().provide(in);
    n.spawn<root>(tree(in, gate_), [&n] { n.quit_program(); });
  }

  void add_checkers(cluster& c) override {
    testing::add_default_checkers(c);
    tasks_ = &c.check<task_outcomes>();
  }

  void stop_load(cluster&) override { *gate_ = false; }

  bool is_settled(cluster& c, std::string& why) override {
    for (auto* n : c.running())
      for (const auto& [name, state] : who_answers(*n, n->env().get<names>()))
        if (state != "is there") {
          why = n->name() + ": " + name + ": " + state;
          return false;
        }
    why = std::to_string(tasks_->open()) + " tasks are awaited";
    return tasks_->open() == 0;
  }

private:
  std::shared_ptr<bool> gate_ = std::make_shared<bool>(true);
  task_outcomes* tasks_ = nullptr;  // The cluster's.
};

}  // namespace

const std::vector<std::string>& worker_names() {
  static const std::vector<std::string> all{"one.a",  "one.b",  "all.a",   "all.b",   "all.c",     "rest.a",
                                            "rest.b", "rest.c", "moody.a", "moody.b", "patient.a", "patient.b"};
  return all;
}

supervisor_spec tree(const names& n, const load_gate& g) {
  auto transient = [&](std::string label, temper t) {
    auto s = member(n, std::move(label), t);
    s.restart = restart_type::transient;
    return s;
  };
  auto client_of = [&](std::string label) { return child<client>(std::move(label), n, g); };
  return {
      .flags = with(tough, strategy::rest_for_one),
      .children = {
          child_registry("names", n),
          named(child_supervisor("one",
                                 {.flags = tough,
                                  .children = {member(n, "one.a", {.throws = 3, .keeps = 5}),
                                               member(n, "one.b", {.stops = 3}), transient("one.c", {.stops = 20})}})),
          child_supervisor("all", {.flags = with(weak, strategy::one_for_all),
                                   .children = {member(n, "all.a", {.throws = 3}), member(n, "all.b", {.hangs = 2}),
                                                member(n, "all.c", {.stops = 2})}}),
          child_supervisor("rest", {.flags = with(weak, strategy::rest_for_one),
                                    .children = {member(n, "rest.a", {.throws = 2}),
                                                 member(n, "rest.b", {.throws = 3, .slow_stop = 8ms}),
                                                 member(n, "rest.c", {.stops = 3, .slow_stop = 40ms})}}),
          child_supervisor("moody", {.flags = tough,
                                     .children = {member(n, "moody.a", {.throws = 5, .bad_starts = 20}),
                                                  member(n, "moody.b", {.stops = 5, .bad_starts = 5})}}),
          child_supervisor(
              "patient",
              {.flags = {.strategy = strategy::rest_for_one, .intensity = 200, .backoff = {.first = 2ms, .max = 20ms}},
               .children = {member(n, "patient.a", {.throws = 5}), member(n, "patient.b", {.stops = 5})}}),
          named(child_dynamic_supervisor("pool", {.flags = tough, .max_children = 20})),
          child_task_supervisor("tasks", {.name = "tasks", .max_children = 20, .flags = tough}),
          child_supervisor("clients", {.flags = tough, .children = {client_of("client.1"), client_of("client.2")}}),
      }};
}

testing::explorer explore_house(std::string name) {
  using testing::fault_kind;
  return testing::explore(std::move(name), [] { return std::make_unique<house_scenario>(); })
      .horizon(150ms, 2s)
      .kill({"one", "one.a", "all", "all.b", "rest.a", "rest.b", "rest", "moody.a", "patient.a", "pool", "tasks",
             "names", "client.1", "top"})
      .faults({fault_kind::kill, fault_kind::crash, fault_kind::power_loss, fault_kind::pause, fault_kind::clock_step})
      .strike_at({"supervision.report", "process.ended", "process.call_done"});
}

}  // namespace beamline::house
