#include "supervision/supervisor_core.hpp"

#include <unordered_set>

// What supervisors are asked (S85-S91, S101, S102).

namespace beamline::supervision {

namespace {

child_error not_found(const std::string& id) {
  return {.what = child_error::kind::not_found, .detail = "\"" + id + "\""};
}

/// S87, S88: only a slot without a life may be restarted by hand or deleted.
std::optional<child_error> must_be_stopped(const slot* s, const std::string& id) {
  if (s == nullptr)
    return not_found(id);
  if (s->state == slot_state::stopped)
    return {};
  if (s->state == slot_state::restarting)
    return child_error{.what = child_error::kind::restarting, .detail = "\"" + id + "\""};
  return child_error{.what = child_error::kind::running, .detail = "\"" + id + "\"", .who = s->who};
}

}  // namespace

void supervisor_core::begin_request(start_child& r, std::uint64_t token, time_point now) {
  if (auto ok = check_child_spec(r.spec, flags_.auto_shutdown); !ok)
    return port_.reply(
        token, start_answer{child_error{.what = child_error::kind::invalid_spec, .detail = ok.error().message}});
  if (auto* s = slots_.find(r.spec.id)) {
    auto has_child = s->has_process();  // Even if it is dead and unnoticed.
    return port_.reply(token, start_answer{child_error{.what = has_child ? child_error::kind::already_started
                                                                         : child_error::kind::already_present,
                                                       .detail = "\"" + r.spec.id + "\"",
                                                       .who = has_child ? s->who : pid{}}});
  }
  auto& s = add_slot(std::move(r.spec), true, now);
  begin({.what = operation::kind::add, .token = token, .to_start = {s.position}});
}

void supervisor_core::begin_request(terminate_child& r, std::uint64_t token, time_point) {
  auto* s = slots_.find(r.id);
  if (s == nullptr)
    return port_.reply(token, change_answer{not_found(r.id)});
  begin({.what = operation::kind::terminate, .token = token, .to_stop = {s->position}});
}

void supervisor_core::begin_request(restart_child& r, std::uint64_t token, time_point) {
  auto* s = slots_.find(r.id);
  if (auto e = must_be_stopped(s, r.id))
    return port_.reply(token, start_answer{*e});
  begin({.what = operation::kind::start_again, .token = token, .to_start = {s->position}});
}

void supervisor_core::begin_request(delete_child& r, std::uint64_t token, time_point) {
  auto* s = slots_.find(r.id);
  if (auto e = must_be_stopped(s, r.id))
    return port_.reply(token, change_answer{*e});
  remove_slot(*s);
  port_.reply(token, change_answer{nothing{}});
}

void supervisor_core::begin_request(update_supervisor& r, std::uint64_t token, time_point now) {
  if (auto ok = check_spec(r.spec); !ok)
    return port_.reply(
        token, change_answer{child_error{.what = child_error::kind::invalid_spec, .detail = ok.error().message}});
  flags_ = r.spec.flags;
  window_.use({.restarts_max = flags_.intensity, .period = flags_.period});
  std::vector<slot*> unlisted;
  std::unordered_set<std::string_view> ids;
  for (const auto& c : r.spec.children)
    ids.insert(c.id);
  for (auto& [position, s] : slots_.all())
    if (!ids.contains(s.spec.id))
      unlisted.push_back(&s);
  for (auto& c : r.spec.children) {
    auto* s = slots_.find(c.id);
    if (s == nullptr) {
      add_slot(std::move(c), false, now);
      continue;
    }
    replace_spec(*s, std::move(c));
    s->is_added = false;
    move_to_end(*s);
  }
  for (auto* s : unlisted)
    move_to_end(*s);
  port_.flags_changed(flags_);
  port_.reply(token, change_answer{nothing{}});
}

void supervisor_core::refuse(const any_request& r, std::uint64_t token, const child_error& e) {
  if (std::holds_alternative<start_child>(r) || std::holds_alternative<restart_child>(r))
    port_.reply(token, start_answer{e});
  else
    port_.reply(token, change_answer{e});
}

/// Answers whoever waits for the operation under way.
void supervisor_core::answer_operation(const child_error& e) {
  if (op_->token == 0)
    return;
  if (op_->what == operation::kind::terminate)
    port_.reply(op_->token, change_answer{e});
  else
    port_.reply(op_->token, start_answer{e});
  op_->token = 0;
}

}  // namespace beamline::supervision
