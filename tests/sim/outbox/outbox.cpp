#include "sim/outbox/outbox.hpp"

#include "net/outbox/server.hpp"
#include "net/rpc/server.hpp"
#include "sim/outbox/book.hpp"
#include "sim/outbox/checkers.hpp"
#include "sim/outbox/events.hpp"
#include "sim/outbox/reader.hpp"
#include "store/database.hpp"
#include "supervision/supervisor.hpp"
#include "testing/check/default_checkers.hpp"
#include "testing/check/effects.hpp"
#include "testing/disk/simulated_database.hpp"
#include "testing/net/simulated_links.hpp"

#include <memory>
#include <utility>

namespace beamline::sim_outbox {

namespace {

namespace ob = net::outbox;
using namespace supervision;

const std::string target_name = "t@sim";
// Small, so that it is reached.
constexpr std::uint64_t entries_max = 12;
// A start that fails because the disk does is tried again for some seconds.
constexpr backoff patient{.first = 20ms, .max = 200ms};

ob::outbox_options prompt() {
  ob::outbox_options o;
  o.entries_max = entries_max;
  o.events_per_s = 2000;
  o.start_delay_max = 50ms;
  o.retry_min = 20ms;
  o.retry_max = 200ms;
  o.call_time = 150ms;
  o.flush_time = 500ms;
  return o;
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

class outbox_scenario final : public testing::scenario {
public:
  [[nodiscard]] std::vector<std::string> nodes() const override { return {"a@sim", "b@sim", target_name}; }

  void boot(testing::simulated_node& n) override {
    auto& database = n.own<testing::simulated_database>(n);
    n.env().provide(database.port());
    n.env().provide(gate_);
    bool is_target = n.name() == target_name;
    testing::simulated_links_options links;
    links.links.role = is_target ? "target" : "host";
    testing::simulated_links::start(n, nodes(), links);
    supervisor_spec tree{.flags = {.strategy = strategy::rest_for_one, .intensity = 30, .backoff = patient},
                         .children = {child<net::rpc::server>("rpc", links.links.role)}};
    if (is_target) {
      tree.children.push_back(child<book>("book"));
    } else {
      ob::outbox_parts p{.classes = classes_, .target_role = "target", .own_role = "host"};
      p.store = database.share();
      tree.children.push_back(
          child<ob::server>("outbox", p, prompt()).with({.shutdown = 2s, .name = std::string{ob::outbox_name}}));
      tree.children.push_back(child<reader>("reader"));
    }
    n.spawn<root>(std::move(tree), [&n] { n.quit_program(); });
  }

  void add_checkers(testing::cluster& c) override {
    testing::add_default_checkers(c);
    net::rpc::add_messages(c.world().contract());
    auto read = [](testing::world& w) { return tokens_of(w, target_name); };
    c.check<testing::effects<promised, applied>>(
        "exactly-once", [](const promised& e) { return std::string{e.token}; },
        [](const applied& e) { return std::string{e.token}; }, [read](testing::world& w) { return count(read(w)); });
    c.check<in_order>(read);
    rest_ = &c.check<bounds_and_rest>(entries_max);
  }

  void stop_load(testing::cluster&) override { gate_.is_load_on = false; }

  [[nodiscard]] bool is_settled(testing::cluster& c, std::string& why) override {
    if (!c.is_up(target_name)) {
      why = "the target is down";
      return false;
    }
    return rest_->is_at_rest({"a@sim", "b@sim"}, why);
  }

private:
  std::shared_ptr<const ob::class_table> classes_ = event_classes();
  load_gate gate_;
  bounds_and_rest* rest_ = nullptr;  // The cluster's.
};

}  // namespace

testing::explorer explore_outbox(std::string name) {
  return testing::explore(std::move(name), [] { return std::make_unique<outbox_scenario>(); })
      .horizon(2s, 15s)
      .kill({"outbox", "rpc", "book", "reader"})
      .strike_at({"sim.promised", "sim.applied", "outbox.accepted", "outbox.batch", "outbox.settled", "store.commit",
                  "event_horizon.cluster.buffer", "event_horizon.cluster.connection"});
}

}  // namespace beamline::sim_outbox
