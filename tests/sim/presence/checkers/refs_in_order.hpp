#pragma once

#include "sim/presence/events.hpp"
#include "testing/check/evidence.hpp"
#include "testing/check/telemetry_checker.hpp"
#include "testing/simulated_node.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <tuple>

namespace beamline::gathering {

/// No phx_ref is given twice; on its own node each update of an entry names the ref before it; other nodes may miss
/// some, and show the rest in order (I31). Judges mode `members`.
class refs_in_order final : public testing::telemetry_checker {
public:
  refs_in_order() : telemetry_checker{"refs in order"} {}

  void on_start(testing::simulated_node& n) override {
    listen<entry_shown>(n, [this, &n](const entry_shown& e) {
      if (e.is_join && !e.ref.empty())
        show(n, e);
    });
  }

private:
  // Tracker, topic, owner, process, key.
  using entry_id = std::tuple<std::string, std::string, std::string, std::uint64_t, std::string>;
  struct given {
    entry_id to;
    std::uint64_t run = 0;     // Of its node.
    std::uint64_t number = 0;  // Among all refs.
  };

  void show(testing::simulated_node& n, const entry_shown& e) {
    entry_id id{e.tracker, e.topic, e.owner, e.guest, e.key};
    const std::string ref{e.ref};
    auto told = n.name() + " at " + moment(n.world()) + ", " + std::string{e.tracker} + ": ref " + ref + " of "
              + std::string{e.topic} + "/" + std::string{e.key} + " of <" + std::string{e.owner} + "."
              + std::to_string(e.guest) + ">";
    auto& last = last_[{n.incarnation(), id}];
    auto known = refs_.find(ref);
    if (n.name() == e.owner) {
      if (known == refs_.end())
        known = refs_.emplace(ref, given{id, n.incarnation(), refs_.size() + 1}).first;
      else if (known->second.to != id || known->second.run != n.incarnation() || last != ref)
        return fail(told + " was given before (I31)");
      else
        return;
      if (!e.ref_prev.empty() && e.ref_prev != last)
        return fail(told + " names " + std::string{e.ref_prev} + " before it, and that was " + last + " (I31)");
    } else if (known == refs_.end()) {
      return fail(told + " was given by nobody (I31)");
    } else if (!last.empty() && known->second.number < refs_.at(last).number) {
      return fail(told + " comes after " + last + ", and was given before it (I31)");
    }
    last = ref;
  }

  std::map<std::string, given> refs_;
  std::map<std::pair<std::uint64_t, entry_id>, std::string> last_;  // By run of the node that shows it.
};

}  // namespace beamline::gathering
