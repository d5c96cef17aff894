#include "sim/outbox/disk_strikes.hpp"

#include "base/random.hpp"
#include "base/telemetry.hpp"
#include "sim/outbox/events.hpp"

namespace beamline::sim_outbox {

namespace {

using operation = testing::simulated_disk::operation;
using verdict = testing::simulated_disk::verdict;

// What `world::derive_seed` is asked for.
constexpr std::uint64_t purpose = 0x5d15c;
// Of one run.
constexpr std::uint64_t strikes_max = 4;
// Between two strikes on one machine, or from the start on; a run of a machine has a few hundred operations.
constexpr std::uint64_t operations_max = 240;
constexpr duration down_max = 400ms;
constexpr duration begin_after = 1ms;

std::string_view name_of(operation o) {
  switch (o) {
    case operation::create: return "create";
    case operation::write: return "write";
    case operation::sync: return "sync";
    case operation::truncate: return "truncate";
    case operation::remove: return "remove";
  }
  return "?";
}

}  // namespace

void disk_strikes::arm(testing::cluster& c, const std::vector<std::string>& nodes) {
  cluster_ = &c;
  random_ = std::make_unique<seeded_random>(c.world().derive_seed(purpose));
  left_ = static_cast<int>(random_->below(2) == 0 ? 0 : 1 + random_->below(strikes_max));
  for (const auto& name : nodes) {
    draw(targets_[name]);
    c.world().machine_of(name).disk().set_judge(
        [this, name](operation what, std::string_view file) { return judge(name, what, file); });
  }
}

void disk_strikes::draw(target& t) {
  t.next = t.operations + 1 + random_->below(operations_max);
  t.is_power_lost = random_->below(2) == 0;
}

verdict disk_strikes::judge(const std::string& node, operation what, std::string_view file) {
  auto& t = targets_.at(node);
  ++t.operations;
  auto* n = cluster_->world().find_node(node);
  // The first start of all nodes is not tried again.
  if (left_ == 0 || t.is_stopping || t.operations < t.next || n == nullptr || cluster_->world().elapsed() < begin_after)
    return verdict::allow;
  --left_;
  t.is_stopping = true;
  n->events().emit(struck{name_of(what), file});
  auto& w = cluster_->world();
  w.tell(&w.machine_of(node), [&] {
    return "STRUCK at " + std::string{name_of(what)} + " of " + std::string{file}
         + (t.is_power_lost ? ", power is lost" : ", the process dies");
  });
  w.machine_of(node).disk().node_ended(t.is_power_lost ? testing::node_end::power_loss : testing::node_end::crash);
  // Not from within: the node is in the middle of a step.
  w.at(w.now(), [this, node] { end(node); });
  return verdict::fail;
}

/// The node goes; its disk has gone already.
void disk_strikes::end(const std::string& node) {
  auto& t = targets_.at(node);
  if (!t.is_stopping)
    return;
  t.is_stopping = false;
  auto how = t.is_power_lost ? testing::fault_kind::power_loss : testing::fault_kind::crash;
  draw(t);
  // Who was struck while it started is down already, and will be started again.
  if (!cluster_->is_up(node))
    return;
  auto down = duration{static_cast<std::int64_t>(random_->below(static_cast<std::uint64_t>(down_max.count())))};
  cluster_->inject({.what = how, .node = node, .lasts = down});
}

void disk_strikes::disarm() {
  left_ = 0;
  for (const auto& [node, t] : targets_)
    if (t.is_stopping && cluster_->is_up(node))
      cluster_->inject({.what = testing::fault_kind::crash, .node = node});
}

}  // namespace beamline::sim_outbox
