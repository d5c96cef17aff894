#include "sim/links/links.hpp"

#include "actors/remote_processes.hpp"
#include "net/rpc/wire.hpp"
#include "pubsub/groups.hpp"
#include "sim/links/checkers/between_up_and_down.hpp"
#include "sim/links/checkers/detection_times.hpp"
#include "sim/links/checkers/groups_agree.hpp"
#include "sim/links/checkers/no_gaps.hpp"
#include "sim/links/checkers/one_answer.hpp"
#include "sim/links/checkers/one_connection.hpp"
#include "sim/links/checkers/one_end.hpp"
#include "sim/links/checkers/one_that_was_meant.hpp"
#include "sim/links/checkers/proven_only.hpp"
#include "sim/links/earlier_self.hpp"
#include "sim/links/group_members.hpp"
#include "sim/links/messages.hpp"
#include "sim/links/root.hpp"
#include "sim/links/tree.hpp"
#include "supervision/board.hpp"
#include "testing/check/default_checkers.hpp"
#include "testing/net/simulated_network.hpp"

#include <algorithm>
#include <map>

namespace beamline::linked {

namespace groups = pubsub::groups;
using testing::cluster;
using testing::simulated_node;

namespace {

// A machine with an old image of itself: what that does begins so much later.
constexpr duration image_after = 150ms;

class links_scenario final : public testing::scenario {
public:
  links_scenario() { setup_.nodes = nodes(); }

  void boot(simulated_node& n) override {
    // Steps that take long make machines slow, and there is load for the fast ones.
    setup_.slowness = n.world().weather().step_cost.max >= 500us ? 4 : 1;
    n.env().provide(setup_);
    n.env().provide(n.own<supervision::board_registry>());
    n.env().provide(n.own<groups::scope_list>());
    auto o = options_of(n.world().seed(), n.name());
    auto& links = testing::simulated_links::start(n, nodes(), o);
    n.spawn<root>(tree(), [&n] { n.quit_program(); });
    links_[n.name()] = &links;
    if (auto before = std::exchange(runs_[n.name()], n.incarnation()); before != 0 && n.world().seed() % 4 == 1)
      dial_as(n, before, o.port);
  }

  void add_checkers(cluster& c) override {
    linked::add_messages(c.world().contract());
    net::rpc::add_messages(c.world().contract());
    testing::add_default_checkers(c);
    c.check<between_up_and_down>();
    c.check<no_gaps>();
    c.check<one_that_was_meant>();
    ends_ = &c.check<one_end>();
    answers_ = &c.check<one_answer>();
    c.check<proven_only>();
    c.check<one_connection>();
    c.check<groups_agree>();
    auto usual = testing::fast_links();
    c.check<detection_times>(c.world(), usual.tick_time, usual.tick_intensity);
  }

  void stop_load(cluster&) override { setup_.is_load_on = false; }

  [[nodiscard]] bool is_settled(cluster& c, std::string& why) override {
    if (!are_all_linked(c, why) || !do_groups_agree(c, why) || !ends_->have_all_fired(c.world(), why))
      return false;
    setup_.is_at_rest = true;
    if (answers_->open() + ends_->open() > 0)
      why = std::to_string(answers_->open()) + " calls and " + std::to_string(ends_->open()) + " watches go on";
    return why.empty() && is_nothing_left(c, why) && is_one_connection_each(c, why);
  }

private:
  void dial_as(simulated_node& n, std::uint64_t before, std::uint16_t port) {
    auto& image = n.own<earlier_self>(n, before);
    auto& w = n.world();
    for (const auto& other : nodes())
      if (other != n.name())
        w.at(
            w.now() + image_after, [&image, other, port] { image.dial(other, port); }, n.incarnation());
  }

  bool are_all_linked(cluster& c, std::string& why) {
    for (auto* n : c.running())
      for (const auto& other : nodes())
        if (may_be_linked(n->world().seed(), n->name(), other) && !links_.at(n->name())->is_linked_with(other)) {
          why = n->name() + " is not linked with " + other;
          return false;
        }
    return true;
  }

  /// I12.
  bool is_nothing_left(cluster& c, std::string& why) {
    for (auto* n : c.running()) {
      auto left = n->env().remote().count();
      if (left.waits + left.served + left.backlog == 0)
        continue;
      why = n->name() + " waits for " + std::to_string(left.waits) + " ends and answers of other nodes, owes them "
          + std::to_string(left.served) + " and has " + std::to_string(left.backlog) + " signals not sent";
      return false;
    }
    return true;
  }

  /// I4: also those that ended are closed by now, after their goodbyes.
  bool is_one_connection_each(cluster& c, std::string& why) {
    if (cookies_of(c.world().seed()) == cookies::wrong)
      return true;  // Who is let in by nobody goes on trying.
    auto open = c.world().network().connections();
    auto pairs = nodes().size() * (nodes().size() - 1) / 2;
    if (open != pairs)
      why = std::to_string(open) + " connections for " + std::to_string(pairs) + " pairs of nodes";
    return open == pairs;
  }

  /// I14.
  bool do_groups_agree(cluster& c, std::string& why) {
    for (const auto* group : group_names)
      for (auto* n : c.running()) {
        std::vector<pid> there;
        for (auto* other : c.running())
          if (other == n || may_be_linked(n->world().seed(), n->name(), other->name()))
            for (const auto& p : groups::get_local_members(other->env(), group))
              there.push_back(p);
        auto seen = groups::get_members(n->env(), group);
        std::ranges::sort(there);
        std::ranges::sort(seen);
        if (there == seen)
          continue;
        why = n->name() + " sees " + std::to_string(seen.size()) + " members of the group " + group + ", and there are "
            + std::to_string(there.size());
        return false;
      }
    return true;
  }

  setup setup_;
  std::map<std::string, testing::simulated_links*> links_;  // Of the last run of each node.
  std::map<std::string, std::uint64_t> runs_;               // The last one of each.
  one_answer* answers_ = nullptr;                           // The cluster's, as the next.
  one_end* ends_ = nullptr;
};

}  // namespace

std::unique_ptr<testing::scenario> make_links() { return std::make_unique<links_scenario>(); }

testing::explorer explore_links(std::string name) {
  using enum testing::fault_kind;
  return testing::explore(std::move(name), make_links)
      .horizon(1s, 4s)
      .kill({"pg", "rpc", "errand_host", "witness", "speaker", "pond", "mourner", "answerer", "asker", "joiner",
             "follower"})
      .faults({crash, power_loss, kill, partition, partition_one_way, reset, half_open, stall, slow_link, pause,
               clock_step})
      .strike_at({"event_horizon.cluster.connection", "net.connect_failed", "linked.watch_begun", "linked.asked",
                  "linked.served", "linked.heard", "linked.group_followed"});
}

}  // namespace beamline::linked
