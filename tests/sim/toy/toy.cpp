#include "sim/toy/toy.hpp"

#include "sim/toy/checkers/come_and_go.hpp"
#include "sim/toy/checkers/no_way_back.hpp"
#include "sim/toy/checkers/one_outcome.hpp"
#include "sim/toy/checkers/post_order.hpp"
#include "sim/toy/events.hpp"
#include "sim/toy/model.hpp"
#include "sim/toy/setup.hpp"
#include "sim/toy/tree.hpp"
#include "supervision/board.hpp"
#include "supervision/supervisor.hpp"
#include "testing/check/default_checkers.hpp"
#include "testing/net/simulated_links.hpp"

#include <utility>

namespace beamline::toy {

namespace {

/// The program ends when its tree does, and is started again by the cluster.
class init_process final : public process {
public:
  init_process(process_context& c, supervision::supervisor_spec tree, std::function<void()> quit)
      : process{c}, tree_{std::move(tree)}, quit_{std::move(quit)} {}

  behavior init() override {
    auto top = spawn_as<supervision::supervisor>({.name = "toy", .label = "toy"}, std::move(tree_));
    watch(top, [this](const reason&) { quit_(); });
    return handlers();
  }

private:
  supervision::supervisor_spec tree_;
  std::function<void()> quit_;
};

class toy_scenario final : public testing::scenario {
public:
  void boot(testing::simulated_node& n) override {
    auto& env = n.env();
    env.provide(setup_);
    testing::simulated_links::start(n, nodes());
    auto& registry = n.own<names>(env, supervision::registry_options{.name = "toy"});
    env.provide(registry);
    env.provide(n.own<supervision::board_registry>());
    n.spawn<init_process>(toy_tree(registry, nodes()), [&n] { n.quit_program(); });
  }

  void add_checkers(testing::cluster& c) override {
    testing::add_default_checkers(c);
    model_ = &c.check<model>();
    c.check<come_and_go>();
    c.check<post_order>();
    c.check<no_way_back>();
    c.check<one_outcome>();
    c.check<right_answer>();
  }

  void stop_load(testing::cluster&) override { setup_.is_load_on = false; }

  [[nodiscard]] bool is_settled(testing::cluster& c, std::string& why) override {
    return model_->is_at_rest(nodes(), c.world().now(), why);
  }

private:
  setup setup_;
  model* model_ = nullptr;  // The cluster's.
};

}  // namespace

std::unique_ptr<testing::scenario> make_toy() { return std::make_unique<toy_scenario>(); }

testing::explorer explore_toy(std::string name) {
  return testing::explore(std::move(name), make_toy)
      .kill({"monitor", "pubsub", "presence", "responder", "asker", "load", "core"})
      .strike_at({"toy.up", "toy.down", "toy.post", "toy.presence", "toy.asked", "toy.outcome"});
}

}  // namespace beamline::toy
