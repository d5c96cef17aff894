#include "supervision/process_view.hpp"

#include "actors/environment.hpp"
#include "actors/process_table.hpp"
#include "actors/process_text.hpp"

#include <algorithm>
#include <unordered_map>

namespace beamline::supervision {

namespace {

// Related ones in a text; more are counted.
constexpr std::size_t named_max = 12;
// A chain of parents longer than this is a mistake somewhere.
constexpr std::size_t ancestors_max = 256;

std::string name_of(const related_process& r) {
  return r.title.empty() ? short_text(r.id) + " (ended)" : printable(r.title, 48) + " " + short_text(r.id);
}

std::string names_of(const std::vector<related_process>& all) {
  std::string out;
  for (std::size_t i = 0; i < std::min(all.size(), named_max); ++i)
    out += (i == 0 ? "" : ", ") + name_of(all[i]);
  if (all.size() > named_max)
    out += ", ... " + grouped(all.size() - named_max) + " more";
  return out;
}

std::uint64_t count(std::int64_t n) { return static_cast<std::uint64_t>(std::max<std::int64_t>(n, 0)); }

std::string state_text(const process_info& p) {
  std::string out{to_string(p.state)};
  if (!p.current.empty())
    out += ", in " + printable(short_kind(p.current), 120) + " for " + span_text(p.current_age);
  if (p.state == process_state::zombie)
    out += "; it was killed and given up " + span_text(p.zombie_for) + " ago, and is gone when its handler returns";
  return out;
}

std::string busy_text(const process_info& p) {
  auto out = span_text(p.busy);
  if (p.age > duration::zero())
    out += " (" + std::to_string(std::clamp<std::int64_t>(p.busy / std::max<duration>(p.age / 100, 1ns), 0, 100))
         + " % of its life)";
  return out;
}

}  // namespace

std::string process_view::path() const {
  std::string out;
  for (auto a = ancestors.rbegin(); a != ancestors.rend(); ++a)
    out += (a->title.empty() ? short_text(a->id) : a->title) + "/";
  return out + title_of(facts);
}

std::optional<process_view> view_process(environment& env, const board_registry* boards, std::uint64_t id) {
  auto& table = env.processes();
  auto now = env.time().now();
  auto facts = table.info(id, now);
  if (!facts || facts->born == 0)
    return std::nullopt;
  process_view v;
  v.node = env.self()->name;
  v.facts = std::move(*facts);
  auto related = [&](const std::vector<std::uint64_t>& ids) {
    std::vector<related_process> all;
    for (auto other : ids) {
      auto& r = all.emplace_back(related_process{other, {}});
      if (auto p = all.size() <= relations_shown_max ? table.info(other, now) : std::nullopt)
        r.title = title_of(*p);
    }
    return all;
  };
  auto relations = table.relations(id);
  v.links = related(relations.links);
  v.watched_by = related(relations.watched_by);
  v.watches = related(relations.watches);
  for (auto up = v.facts.parent; up != 0 && v.ancestors.size() < ancestors_max;) {  // Those of zombies, too.
    auto p = table.info(up, now);
    v.ancestors.push_back({up, p ? title_of(*p) : std::string{}});
    up = p ? p->parent : 0;
  }
  for (const auto& p : table.list(now))
    v.children += p.parent == id && p.born != 0 ? 1 : 0;
  if (auto board = boards != nullptr ? boards->find(id) : nullptr)
    v.supervisor = facts_of(board->read(now));
  return v;
}

std::string process_text(const process_view& v) {
  const auto& p = v.facts;
  auto out = printable(v.path(), 400) + " " + short_text(p.id) + " on " + v.node + "\n";
  auto line = [&](std::string_view what, const std::string& text) {
    if (!text.empty())
      out += "  " + std::string{what} + std::string(14 - what.size(), ' ') + text + "\n";
  };
  line("class", printable(p.kind, 400));
  line("label", printable(p.label, 400));
  line("name", printable(p.name, 400));
  line("state", state_text(p));
  line("supervisor", v.supervisor ? facts_text(*v.supervisor) + ", " + grouped(v.supervisor->restarts) + " ever" : "");
  line("children", v.children == 0 ? "" : grouped(v.children));
  line("life", std::to_string(p.incarnation) + ", age " + span_text(p.age));
  line("mailbox", grouped(count(p.depth)) + " waiting, " + grouped(p.received) + " received, " + grouped(p.handled)
                      + " handled, " + grouped(p.shed) + " shed");
  line("busy", busy_text(p));
  line("last message", printable(p.last, 400));
  line("pending", p.pending == 0 ? ""
                                 : grouped(p.pending) + " timers, calls and watches"
                                       + (p.calls > 0 ? ", waits for " + grouped(p.calls) + " replies" : ""));
  line("memory", bytes_text(p.memory_bytes) + " (estimate; what members own is not seen)");
  line("traps exits", p.traps_exits ? "yes" : "no");
  line("asked to stop", p.is_asked_to_stop ? "yes" : "");
  line("ancestors", names_of(v.ancestors));
  line("links", names_of(v.links));
  line("watched by", names_of(v.watched_by));
  line("watches", names_of(v.watches));
  return out;
}

}  // namespace beamline::supervision
