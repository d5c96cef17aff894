#include "sim/outbox/outbox.hpp"

#include "apps/accumulator/contracts.hpp"
#include "apps/event_horizon/facade.hpp"
#include "net/rpc/server.hpp"
#include "pubsub/directory.hpp"
#include "sim/links/root.hpp"
#include "sim/outbox/checkers/in_order.hpp"
#include "sim/outbox/checkers/ledger.hpp"
#include "sim/outbox/checkers/shown_numbers.hpp"
#include "sim/outbox/checkers/within_bounds.hpp"
#include "sim/outbox/disk_strikes.hpp"
#include "sim/outbox/setup.hpp"
#include "sim/outbox/tables.hpp"
#include "sim/outbox/tree.hpp"
#include "supervision/board.hpp"
#include "supervision/partition_table.hpp"
#include "testing/check/default_checkers.hpp"
#include "testing/disk/simulated_database.hpp"

#include <memory>
#include <utility>

namespace beamline::sim_outbox {

namespace {

const std::vector<std::string> hosts{"a@sim", "b@sim"};
// Numbers that are not shown yet are looked for again after this.
constexpr duration look_every = 20ms;

class outbox_scenario final : public testing::scenario {
public:
  explicit outbox_scenario(event_horizon::catalogue posts) : posts_{std::move(posts)} {}

  [[nodiscard]] std::vector<std::string> nodes() const override { return {hosts[0], hosts[1], accumulator_node}; }

  void boot(testing::simulated_node& n) override {
    auto& database = n.own<testing::simulated_database>(n);
    n.env().provide(database.port());
    n.env().provide(gate_);
    n.env().provide(n.own<supervision::board_registry>());
    n.env().provide(n.own<supervision::partition_directory>());
    n.env().provide(n.own<pubsub::directory>());
    bool is_host = n.name() != accumulator_node;
    testing::simulated_links::start(n, nodes(), links_of(is_host ? host_role : accumulator::role));
    if (is_host) {
      auto& blog = n.own<event_horizon::blog>(n.get(), posts_, event_horizon::event_horizon_options{});
      n.env().provide(blog);
      n.spawn<linked::root>(host_tree(blog, database.share(), n.world()), [&n] { n.quit_program(); });
    } else {
      n.spawn<linked::root>(accumulator_tree(database.share()), [&n] { n.quit_program(); });
    }
  }

  void add_checkers(testing::cluster& c) override {
    net::rpc::add_messages(c.world().contract());
    accumulator::add_messages(c.world().contract());
    testing::add_default_checkers(c);
    c.check<ledger>(hosts, may_drop(c.world()));
    c.check<in_order>();
    rest_ = &c.check<within_bounds>(outbox_options_of(c.world()));
    c.check<shown_numbers>();
    strikes_.arm(c, nodes());
  }

  void stop_load(testing::cluster&) override {
    gate_.is_load_on = false;
    strikes_.disarm();
  }

  [[nodiscard]] bool is_settled(testing::cluster& c, std::string& why) override {
    if (!c.is_up(accumulator_node)) {
      why = "the accumulator is down";
      return false;
    }
    return rest_->is_at_rest(hosts, why) && is_shown_what_stands(c, why);
  }

private:
  /// I42: when all is quiet, hosts show what stands in the database.
  bool is_shown_what_stands(testing::cluster& c, std::string& why) {
    why = "the database does not say which versions it has";
    const auto* stands = c.world().now() < next_look_ ? nullptr : versions_.look(c.world(), accumulator_node);
    if (stands == nullptr) {
      if (!missing_.empty())
        why = missing_;
      return false;
    }
    missing_.clear();
    for (const auto& host : hosts)
      for (const auto& [slug, version] : *stands) {
        auto shown = c[host].env().get<event_horizon::blog>().stats(slug);
        if (shown && shown->version == version)
          continue;
        missing_ = host + " shows " + (shown ? "version " + std::to_string(shown->version) : "nothing") + " of " + slug
                 + ", and version " + std::to_string(version) + " stands in the database (I42)";
      }
    versions_.forget();
    next_look_ = c.world().now() + look_every;
    why = missing_;
    return missing_.empty();
  }

  event_horizon::catalogue posts_;
  load_gate gate_;
  disk_strikes strikes_;
  within_bounds* rest_ = nullptr;  // The cluster's.
  version_look versions_;
  time_point next_look_{};
  std::string missing_;
};

}  // namespace

testing::scenario_factory outbox_factory() {
  return [posts = make_catalogue()] { return std::make_unique<outbox_scenario>(posts); };
}

testing::explorer explore_outbox(std::string name, testing::scenario_factory make) {
  return testing::explore(std::move(name), std::move(make))
      .horizon(2s, 15s)
      .kill({"outbox", "rpc", "pubsub:main", "analytics", "reader", "counter", "sweeper"})
      .strike_at({"sim.offered", "sim.promised", "outbox.accepted", "outbox.batch", "outbox.settled", "store.commit",
                  "accumulator.applied", "accumulator.event", "event_horizon.stats", "event_horizon.cluster.buffer",
                  "event_horizon.cluster.connection"});
}

}  // namespace beamline::sim_outbox
