#include "sim/presence/checkers/leaves_with_cause.hpp"

#include "pubsub/presence/tracker/shard.hpp"
#include "testing/check/evidence.hpp"
#include "testing/simulated_node.hpp"

#include <utility>

namespace beamline::gathering {

void leaves_with_cause::on_start(testing::simulated_node& n) {
  auto run = runs_[n.name()] = n.incarnation();
  listen<entry_shown>(n, [this, &n, run](const entry_shown& e) {
    if (e.owner == n.name() || e.guest == 0)
      return;
    entry_id id{std::string{e.owner}, guest_book::guest_id{e.tracker, e.topic, e.guest, e.key}};
    if (e.is_join)
      left_[run].erase(id);
    else
      left_[run][id] = e.ref;
  });
  listen<diff_told>(n, [this, &n](const diff_told& d) { judge(n, presence::shard_name(d.tracker, d.shard)); });
}

void leaves_with_cause::judge(testing::simulated_node& n, const std::string& shard) {
  silences::shard_id at{n.incarnation(), shard};
  for (const auto& [id, ref] : std::exchange(left_[n.incarnation()], {})) {
    const auto& [owner, g] = id;
    if (book_.ref_of(runs_[owner], g) != ref)
      continue;  // It was untracked in the meantime, or is on its way to be shown anew.
    auto now = n.world().now();
    auto since = now - recently_;
    if (troubles_.was_any_on(owner, "presence", since, now) || troubles_.was_any_on(n.name(), "presence", since, now)
        || silences_.is_cause(at, owner, now))
      continue;
    const auto& [tracker, topic, guest, key] = g;
    fail(n.name() + " at " + moment(n.world()) + ", " + tracker + ": <" + owner + "." + std::to_string(guest)
         + "> leaves " + topic + "/" + key
         + ", and is tracked there, on a node that was not away for long: " + silences_.story(at, owner) + " (I30)");
  }
}

}  // namespace beamline::gathering
