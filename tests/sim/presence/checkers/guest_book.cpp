#include "sim/presence/checkers/guest_book.hpp"

#include "actors/events.hpp"
#include "sim/presence/setup.hpp"
#include "testing/check/evidence.hpp"

#include <utility>

namespace beamline::gathering {

namespace {

std::string name_of(const guest_book::guest_id& g) {
  const auto& [tracker, topic, guest, key] = g;
  return "process " + std::to_string(guest) + " in " + tracker + "/" + topic + " as " + key;
}

}  // namespace

void guest_book::on_start(testing::simulated_node& n) {
  auto run = n.incarnation();
  listen<guest_changed>(n, [this, &n](const guest_changed& e) { note(n, e); });
  listen<process_ended>(n, [this, run](const process_ended& e) { end(run, e.id); });
  listen<entry_shown>(n, [this, &n, run](const entry_shown& e) {
    if (e.owner != n.name() || e.guest == 0)
      return;
    guest_id g{e.tracker, e.topic, e.guest, e.key};
    if (e.is_join)
      houses_[run].left.erase(g);
    else
      houses_[run].left.insert(g);
  });
  listen<diff_told>(n, [this, &n](const diff_told&) { judge(n); });
}

void guest_book::on_end(testing::simulated_node& n, testing::node_end how) {
  houses_.erase(n.incarnation());
  telemetry_checker::on_end(n, how);
}

void guest_book::end(std::uint64_t run, std::uint64_t process) {
  auto& h = houses_[run];
  h.ended.insert(process);
  std::erase_if(h.entries, [&](const auto& e) { return std::get<2>(e.first) == process; });
}

void guest_book::note(testing::simulated_node& n, const guest_changed& e) {
  auto& h = houses_[n.incarnation()];
  guest_id g{e.tracker, e.topic, e.guest, e.key};
  if (e.is == "gone" || h.ended.contains(e.guest)) {
    h.entries.erase(g);
    return;
  }
  h.entries[g] = {e.is == "there" ? whereabouts::here : whereabouts::perhaps, std::string{e.ref}};
  if (e.is != "there" || e.tracker != guests_tracker)
    return;
  auto listed = fold_.shown(n.incarnation(), e.tracker, e.topic);
  auto at = listed.find({n.name(), e.guest, std::string{e.key}});
  if (at == listed.end() || at->second.ref != e.ref)
    fail(n.name() + " at " + moment(n.world()) + ": " + name_of(g) + " was answered to be tracked as "
         + std::string{e.ref} + ", and its own node lists " + (at == listed.end() ? "nothing" : at->second.ref)
         + " (I23)");
}

void guest_book::judge(testing::simulated_node& n) {
  auto& h = houses_[n.incarnation()];
  for (const auto& g : std::exchange(h.left, {}))
    if (auto known = h.entries.find(g); known != h.entries.end() && known->second.is == whereabouts::here)
      fail(n.name() + " at " + moment(n.world()) + ": " + name_of(g)
           + " left its own node's list, and neither did it end nor did its host ask for that (I26)");
}

guest_book::whereabouts guest_book::of(std::uint64_t run, const guest_id& g) const {
  auto h = houses_.find(run);
  if (h == houses_.end())
    return whereabouts::gone;
  auto e = h->second.entries.find(g);
  return e == h->second.entries.end() ? whereabouts::gone : e->second.is;
}

std::string guest_book::ref_of(std::uint64_t run, const guest_id& g) const {
  if (of(run, g) != whereabouts::here)
    return {};
  return houses_.at(run).entries.at(g).ref;
}

guest_book::count guest_book::in(std::uint64_t run, std::string_view tracker, std::string_view topic) const {
  count c;
  if (auto h = houses_.find(run); h != houses_.end())
    for (const auto& [g, e] : h->second.entries)
      if (std::get<0>(g) == tracker && std::get<1>(g) == topic) {
        ++c.most;
        c.least += e.is == whereabouts::here ? 1 : 0;
      }
  return c;
}

std::map<guest_book::guest_id, std::string> guest_book::here(std::uint64_t run) const {
  std::map<guest_id, std::string> all;
  if (auto h = houses_.find(run); h != houses_.end())
    for (const auto& [g, e] : h->second.entries)
      if (e.is == whereabouts::here)
        all.emplace(g, e.ref);
  return all;
}

}  // namespace beamline::gathering
