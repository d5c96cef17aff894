#include "testing/check/supervision_rules.hpp"

#include "actors/process.hpp"
#include "base/telemetry_value.hpp"
#include "supervision/board.hpp"
#include "supervision/supervisor.hpp"
#include "testing/check/evidence.hpp"
#include "testing/world.hpp"

#include <caf/mailbox_element.hpp>

#include <algorithm>
#include <optional>
#include <typeinfo>

namespace beamline::testing {

using supervision::board_registry;
using supervision::report;
using supervision::supervisor_board;

namespace {

std::optional<supervisor_board::snapshot> board_of(simulated_node& n, std::uint64_t supervisor) {
  auto* boards = n.env().find<board_registry>();
  auto board = boards == nullptr ? nullptr : boards->find(supervisor);
  return board == nullptr ? std::nullopt : std::optional{board->read(n.world().now())};
}

/// Ignored, or terminated through the API: it need not come back.
bool is_at_rest(const supervisor_board::snapshot& board, std::string_view child) {
  return std::ranges::any_of(board.empty_slots, [&](const auto& slot) {
    return slot.id == child && slot.state == supervision::slot_state::stopped;
  });
}

}  // namespace

supervision_rules::supervision_rules(duration grace)
    : telemetry_checker{"supervision"},
      grace_{grace},
      supervisor_kind_{readable_name(typeid(supervision::supervisor))} {}

void supervision_rules::on_start(simulated_node& n) {
  nodes_[n.incarnation()];
  listen<process_started>(n, [this, &n](const process_started& e) { started(n, e); });
  listen<process_ended>(n, [this, &n](const process_ended& e) { ended(n, e); });
  listen<supervision::supervisor_reported>(
      n, [this, &n](const supervision::supervisor_reported& e) { reported(n, e.full); });
}

void supervision_rules::on_end(simulated_node& n, node_end how) {
  telemetry_checker::on_end(n, how);
  nodes_.erase(n.incarnation());
}

void supervision_rules::judge(simulated_node& n, const std::string& broken) {
  if (!broken.empty())
    fail(n.name() + " at " + moment(n.world()) + ": " + broken);
}

void supervision_rules::started(simulated_node& n, const process_started& e) {
  auto& s = nodes_[n.incarnation()];
  auto name = who(n, e.id, e.label.empty() ? e.name : e.label);
  if (e.kind == supervisor_kind_)
    s.supervisors.try_emplace(e.id, name, false);
  if (auto parent = s.supervisors.find(e.parent); parent != s.supervisors.end()) {
    s.supervisor_of[e.id] = e.parent;
    if (auto broken = parent->second.started({e.id, std::string{e.label}, e.position}); !broken.empty())
      judge(n, parent->second.name() + " " + broken);
  }
}

void supervision_rules::ended(simulated_node& n, const process_ended& e) {
  auto& s = nodes_[n.incarnation()];
  s.orphans.erase(e.id);
  if (auto parent = s.supervisor_of.find(e.id); parent != s.supervisor_of.end()) {
    if (auto by = s.supervisors.find(parent->second); by != s.supervisors.end())
      by->second.ended(e.id);
    s.supervisor_of.erase(parent);
  }
  auto self = s.supervisors.find(e.id);
  if (self == s.supervisors.end())
    return;
  for (const auto& [process, child] : self->second.children())
    if (!child.is_zombie)
      s.orphans.try_emplace(process, orphan{who(n, process, child.id), self->second.name(), n.world().now()});
  s.supervisors.erase(self);
}

void supervision_rules::on_send(const process* from, const process& to, const caf::mailbox_element& m) {
  if (from == nullptr || !m.content().match_elements<exit_signal>())
    return;
  const auto& why = m.content().get_as<exit_signal>(0).why;
  if (!why.is_kill() && why.why != reason::kind::shutdown)
    return;
  auto sender = from->self();
  auto s = nodes_.find(sender.node().incarnation);
  if (s == nodes_.end())
    return;
  auto by = s->second.supervisors.find(sender.id());
  if (by == s->second.supervisors.end())
    return;
  if (auto broken = by->second.tells_to_stop(to.self().id()); !broken.empty())
    fail(sender.node().name + ": " + by->second.name() + " " + broken);
}

void supervision_rules::reported(simulated_node& n, const report& r) {
  auto& s = nodes_[n.incarnation()];
  auto id = r.supervisor.id();
  // Dynamic ones are known by what they say: their class is open.
  auto& by = s.supervisors.try_emplace(id, who(n, id, r.supervisor_label), true).first->second;
  auto board = board_of(n, id);
  auto flags = board ? std::optional{board->flags} : std::nullopt;
  if (auto broken = by.reported(r, n.world().now(), flags); !broken.empty())
    judge(n, by.name() + " " + broken);
}

void supervision_rules::at_end(world& w) {
  for (const auto& m : w.machines())
    if (auto* n = m->running())
      if (auto s = nodes_.find(n->incarnation()); s != nodes_.end())
        judge_end(*n, s->second);
}

void supervision_rules::judge_end(simulated_node& n, node_state& s) {
  auto now = n.world().now();
  // A node that stood still could do nothing.
  auto is_late = [&](time_point since) { return now - std::max(since, n.paused_until()) > grace_; };
  for (const auto& [id, by] : s.supervisors) {
    if (!by.must_end().empty() && by.children().empty() && is_late(by.must_end_since()))
      judge(n, by.name() + " still runs, although it " + by.must_end());
    auto board = board_of(n, id);
    for (const auto& [child, since] : by.missing()) {
      if (!is_late(since) || (board && board->flags.backoff.is_on() && now - since <= board->flags.backoff.max * 2))
        continue;
      if (board && is_at_rest(*board, child))
        continue;
      judge(n, by.name() + " has not started \"" + child + "\" again, which was due since "
                   + to_text(event_value{since - time_point{}}) + " (S40)");
    }
  }
  for (const auto& [process, o] : s.orphans)
    if (auto info = n.processes().info(process, now);
        is_late(o.since) && info && !info->traps_exits && info->zombie_for == duration{})
      judge(n, o.what + " is still there, although its supervisor " + o.supervisor + " has ended (S17)");
}

}  // namespace beamline::testing
