#include "actors/process_text.hpp"
#include "base/json.hpp"
#include "supervision/process_view.hpp"

#include <algorithm>

namespace beamline::supervision {

namespace {

json ms(duration d) { return static_cast<double>(d.count()) / 1e6; }

json text_or_null(const std::string& text) { return text.empty() ? json(nullptr) : json(text); }

json related_json(const std::vector<related_process>& all) {
  auto some = json::array();
  for (std::size_t i = 0; i < std::min(all.size(), relations_shown_max); ++i)
    some.push_back({{"pid", short_text(all[i].id)}, {"title", text_or_null(all[i].title)}});
  return {{"count", all.size()}, {"some", std::move(some)}};
}

json slot_json(const tree_node& n) {
  const auto& p = n.facts;
  return {{"label", p.label},
          {"kind", p.kind},
          {"state", to_string(n.slot)},
          {"incarnation", p.incarnation},
          {"position", p.position}};
}

}  // namespace

json facts_json(const process_info& p) {
  return {{"pid", short_text(p.id)},
          {"parent", p.parent == 0 ? json(nullptr) : json(short_text(p.parent))},
          {"name", text_or_null(p.name)},
          {"label", text_or_null(p.label)},
          {"kind", p.kind},
          {"state", to_string(p.state)},
          {"incarnation", p.incarnation},
          {"position", p.position},
          {"age_ms", ms(p.age)},
          {"mailbox", p.depth},
          {"received", p.received},
          {"handled", p.handled},
          {"shed", p.shed},
          {"busy_ms", ms(p.busy)},
          {"handling", text_or_null(p.current)},
          {"handling_for_ms", p.current.empty() ? json(nullptr) : ms(p.current_age)},
          {"last_message", text_or_null(p.last)},
          {"pending", p.pending},
          {"calls", p.calls},
          {"links", p.links},
          {"watchers", p.watchers},
          {"traps_exits", p.traps_exits},
          {"is_asked_to_stop", p.is_asked_to_stop},
          {"zombie_for_ms", p.state == process_state::zombie ? ms(p.zombie_for) : json(nullptr)},
          {"memory_bytes", p.memory_bytes}};
}

json facts_json(const supervisor_facts& s) {
  return {{"strategy", to_string(s.strategy)},
          {"intensity", s.intensity},
          {"period_ms", ms(s.period)},
          {"restarts_in_period", s.restarts_in_period},
          {"restarts", s.restarts},
          {"is_budget_half_used", s.is_budget_half_used()},
          {"zombies", s.zombies},
          {"is_stopping", s.is_stopping}};
}

json process_json(const process_view& v) {
  auto out = facts_json(v.facts);
  out["node"] = v.node;
  out["path"] = v.path();
  out["children"] = v.children;
  out["ancestors"] = related_json(v.ancestors);
  out["linked_with"] = related_json(v.links);
  out["watched_by"] = related_json(v.watched_by);
  out["watches"] = related_json(v.watches);
  out["supervisor"] = v.supervisor ? facts_json(*v.supervisor) : json(nullptr);
  return out;
}

json tree_json(const tree_node& n) {
  auto out = n.what == tree_node::role::node ? json{{"node", n.facts.name}}
           : n.what == tree_node::role::slot ? slot_json(n)
                                             : facts_json(n.facts);
  if (n.what == tree_node::role::node) {
    out["processes"] = n.processes;
    out["zombies"] = n.zombies;
  } else {
    out["is_slot"] = n.what == tree_node::role::slot;
    out["is_in_trouble"] = n.is_in_trouble;
  }
  if (n.supervisor)
    out["supervisor"] = facts_json(*n.supervisor);
  if (n.gone_parent != 0)
    out["gone_parent"] = short_text(n.gone_parent);
  auto& children = out["children"] = json::array();
  for (const auto& c : n.children)
    children.push_back(tree_json(c));
  if (n.children_left_out > 0)
    out["left_out"] = {
        {"children", n.children_left_out}, {"processes", n.left_out}, {"in_trouble", n.left_out_in_trouble}};
  return out;
}

}  // namespace beamline::supervision
