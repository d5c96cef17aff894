#include "sim/presence/checkers/diffs_fold.hpp"

#include "testing/check/evidence.hpp"
#include "testing/simulated_node.hpp"

#include <utility>

namespace beamline::gathering {

namespace {

std::string name_of(const entry_shown& e) {
  return std::string{e.topic} + "/" + std::string{e.key} + " of <" + std::string{e.owner} + "."
       + std::to_string(e.guest) + ">";
}

}  // namespace

diffs_fold::diffs_fold(count_function count) : telemetry_checker{"diffs as listed"}, count_{std::move(count)} {}

void diffs_fold::on_start(testing::simulated_node& n) {
  listen<entry_shown>(n, [this, &n](const entry_shown& e) { show(n, e); });
  listen<diff_told>(n, [this, &n](const diff_told&) { compare(n); });
}

void diffs_fold::on_end(testing::simulated_node& n, testing::node_end how) {
  std::erase_if(shown_, [&](const auto& s) { return std::get<0>(s.first) == n.incarnation(); });
  touched_.erase(n.incarnation());
  telemetry_checker::on_end(n, how);
}

shown_entries diffs_fold::shown(std::uint64_t run, std::string_view tracker, std::string_view topic) const {
  auto i = shown_.find({run, std::string{tracker}, std::string{topic}});
  return i == shown_.end() ? shown_entries{} : i->second;
}

void diffs_fold::show(testing::simulated_node& n, const entry_shown& e) {
  place where{n.incarnation(), std::string{e.tracker}, std::string{e.topic}};
  touched_[n.incarnation()].insert(where);
  auto& all = shown_[where];
  auto told = n.name() + " at " + moment(n.world()) + ", " + std::string{e.tracker} + ": " + name_of(e);
  shown_entries::key_type who{e.owner, e.guest, e.key};
  if (!e.is_join) {
    if (all.erase(who) == 0)
      fail(told + " leaves, and was not listed (I25)");
  } else if (!all.emplace(who, shown_entry{e.version, std::string{e.ref}, e.weight}).second) {
    fail(told + " joins, and is listed already (I25)");
  }
}

void diffs_fold::compare(testing::simulated_node& n) {
  for (const auto& where : std::exchange(touched_[n.incarnation()], {})) {
    std::uint64_t folded = 0;
    for (const auto& [who, e] : shown_[where])
      folded += e.weight;
    auto listed = count_(n, std::get<1>(where), std::get<2>(where));
    if (folded != listed)
      return fail(n.name() + " at " + moment(n.world()) + ", " + std::get<1>(where) + ": " + std::to_string(listed)
                  + " are listed in " + std::get<2>(where) + ", and its diffs lead to " + std::to_string(folded)
                  + " (I25)");
  }
}

}  // namespace beamline::gathering
