#include "sim/presence/gathering.hpp"

#include "base/json.hpp"
#include "pubsub/directory.hpp"
#include "sim/links/root.hpp"
#include "sim/links/setup.hpp"
#include "sim/presence/checkers/diffs_fold.hpp"
#include "sim/presence/checkers/guest_book.hpp"
#include "sim/presence/checkers/leaves_with_cause.hpp"
#include "sim/presence/checkers/no_endless_transfers.hpp"
#include "sim/presence/checkers/no_way_back.hpp"
#include "sim/presence/checkers/posts_as_subscribed.hpp"
#include "sim/presence/checkers/posts_in_order.hpp"
#include "sim/presence/checkers/refs_in_order.hpp"
#include "sim/presence/checkers/silences.hpp"
#include "sim/presence/messages.hpp"
#include "sim/presence/setup.hpp"
#include "sim/presence/tree.hpp"
#include "supervision/board.hpp"
#include "supervision/partition_table.hpp"
#include "testing/check/default_checkers.hpp"
#include "testing/net/simulated_links.hpp"

#include <map>
#include <string>
#include <tuple>

namespace beamline::gathering {

using testing::cluster;
using testing::simulated_node;

namespace {

// In periods: after so long without a question to another node nobody will ask again.
constexpr int quiet_periods = 6;
constexpr std::uint64_t transfers_max = 2'000;
constexpr duration look_every = 20ms;

silences::limits silences_of(const testing::world& w) { return {grace_of(w), period_of(w), down_period_of(w)}; }

class gathering_scenario final : public testing::scenario {
public:
  gathering_scenario() { load_.nodes = nodes(); }

  void boot(simulated_node& n) override {
    // Steps that take long make machines slow, and there is load for the fast ones.
    load_.slowness = n.world().weather().step_cost.max >= 500us ? 4 : 1;
    n.env().provide(load_);
    n.env().provide(n.own<supervision::board_registry>());
    n.env().provide(n.own<supervision::partition_directory>());
    n.env().provide(n.own<pubsub::directory>());
    n.env().provide(n.own<presence::trackers>());
    links_[n.name()] = &testing::simulated_links::start(n, nodes(), links_of(n.world()));
    n.spawn<linked::root>(tree(n), [&n] { n.quit_program(); });
  }

  void add_checkers(cluster& c) override {
    gathering::add_messages(c.world().contract());
    testing::add_default_checkers(c);
    auto period = period_of(c.world());
    auto& t = c.check<troubles>();
    c.check<posts_as_subscribed>(t, 5 * period, 4 * period);
    c.check<posts_in_order>();
    fold_ = &c.check<diffs_fold>([](simulated_node& n, std::string_view tracker, std::string_view topic) {
      return presence::dirty_count(n.env(), tracker, topic);
    });
    book_ = &c.check<guest_book>(*fold_);
    c.check<no_way_back>();
    c.check<refs_in_order>();
    auto& heard = c.check<silences>(silences_of(c.world()));
    c.check<leaves_with_cause>(*book_, t, heard, 8 * period);
    transfers_ = &c.check<no_endless_transfers>(transfers_max);
  }

  void stop_load(cluster&) override { load_.is_load_on = false; }

  [[nodiscard]] bool is_settled(cluster& c, std::string& why) override {
    // Reading all lists takes long, and is asked for after every step.
    if (c.world().now() < next_look_) {
      why = missing_;
      return false;
    }
    next_look_ = c.world().now() + look_every;
    auto is_done = are_all_linked(c, why) && do_all_run(c, why) && is_quiet(c, why) && is_everybody_listed(c, why)
                && is_everybody_counted(c, why);
    missing_ = why;
    return is_done;
  }

private:
  bool are_all_linked(cluster& c, std::string& why) {
    for (auto* n : c.running())
      for (const auto& other : nodes())
        if (other != n->name() && !links_.at(n->name())->is_linked_with(other)) {
          why = n->name() + " is not linked with " + other;
          return false;
        }
    return true;
  }

  static bool do_all_run(cluster& c, std::string& why) {
    for (auto* n : c.running())
      for (auto name : trackers)
        if (n->env().get<presence::trackers>().find(name) == nullptr) {
          why = std::string{name} + " does not run on " + n->name() + " yet";
          return false;
        }
    return true;
  }

  /// I44.
  bool is_quiet(cluster& c, std::string& why) {
    if (c.world().now() - transfers_->last() >= quiet_periods * period_of(c.world()))
      return true;
    why = "nodes go on asking each other for entries (I44)";
    return false;
  }

  using listed = std::map<std::tuple<std::string, std::uint64_t, std::string>, std::string>;

  static listed list(simulated_node& n, std::string_view topic) {
    listed all;
    for (const auto& t : presence::dirty_list(n.env(), guests_tracker, topic))
      all[{t.at.replica.name, t.key.actor, t.key.key}] = parse_json(*t.meta).value().value("phx_ref", std::string{});
    return all;
  }

  /// I22, I23, I24: everywhere those are listed who are tracked on a node that runs, and nobody else.
  bool is_everybody_listed(cluster& c, std::string& why) {
    for (const auto* topic : rooms)
      for (auto* at : c.running()) {
        auto all = list(*at, topic);
        auto where = at->name() + " lists in " + std::string{guests_tracker} + "/" + topic;
        for (auto* n : c.running())
          for (const auto& [g, ref] : book_->here(n->incarnation())) {
            const auto& [tracker, room, guest, key] = g;
            if (tracker != guests_tracker || room != topic)
              continue;
            auto there = all.find({n->name(), guest, key});
            if (there == all.end() || there->second != ref) {
              why = where + (there == all.end() ? " nobody" : " with ref " + there->second + " somebody") + " as " + key
                  + " of <" + n->name() + "." + std::to_string(guest) + ">, whose ref is " + ref;
              return false;
            }
          }
        for (const auto& [who, ref] : all) {
          const auto& [name, guest, key] = who;
          auto run = c[name].incarnation();
          if (book_->of(run, {std::string{guests_tracker}, topic, guest, key}) == guest_book::whereabouts::gone) {
            why =
                where + " <" + name + "." + std::to_string(guest) + "> as " + key + ", who is not tracked there (I24)";
            return false;
          }
        }
        if (all != list(*c.running().front(), topic)
            || all.size() != fold_->shown(at->incarnation(), guests_tracker, topic).size()) {
          why = where + " others than " + c.running().front()->name() + ", or than its diffs say (I22, I25)";
          return false;
        }
      }
    return true;
  }

  bool is_everybody_counted(cluster& c, std::string& why) {
    for (const auto* topic : rooms) {
      guest_book::count expected;
      for (auto* n : c.running()) {
        auto own = book_->in(n->incarnation(), crowd_tracker, topic);
        expected.least += own.least;
        expected.most += own.most;
      }
      auto first = presence::dirty_count(c.running().front()->env(), crowd_tracker, topic);
      for (auto* n : c.running()) {
        auto seen = presence::dirty_count(n->env(), crowd_tracker, topic);
        if (seen == first && expected.least <= seen && seen <= expected.most)
          continue;
        why = n->name() + " counts " + std::to_string(seen) + " in " + std::string{crowd_tracker} + "/" + topic + ", "
            + c.running().front()->name() + " " + std::to_string(first) + ", and there are "
            + std::to_string(expected.least) + " to " + std::to_string(expected.most) + " (I22)";
        return false;
      }
    }
    return true;
  }

  linked::setup load_;
  std::map<std::string, testing::simulated_links*> links_;  // Of the last run of each node.
  diffs_fold* fold_ = nullptr;                              // The cluster's, as the next.
  guest_book* book_ = nullptr;
  no_endless_transfers* transfers_ = nullptr;
  time_point next_look_{};
  std::string missing_;  // When it last looked.
};

}  // namespace

std::unique_ptr<testing::scenario> make_gathering() { return std::make_unique<gathering_scenario>(); }

testing::explorer explore_gathering(std::string name) {
  using enum testing::fault_kind;
  return testing::explore(std::move(name), make_gathering)
      .horizon(1500ms, 8s)
      .kill({"presence:guests:0", "presence:guests:1", "presence:crowd:0", "pubsub:main", "receiver", "herald", "0",
             "1", "broadcaster", "listener", "host"})
      .faults({crash, power_loss, kill, partition, partition_one_way, reset, half_open, stall, slow_link, pause,
               clock_step})
      .strike_at({"event_horizon.cluster.connection", "presence.replica", "presence.transfer", "presence.changed",
                  "gathering.guest_changed", "gathering.posted", "gathering.subscriptions_changed"});
}

}  // namespace beamline::gathering
