#include "supervision/supervisor_core.hpp"

// What supervisors show of themselves (S89-S91); always answered at once, from the state as it is.

namespace beamline::supervision {

child_info supervisor_core::info_of(const slot& s) const {
  return {.id = s.spec.id,
          .who = s.has_process() ? s.who : pid{},
          .state = s.state,
          .type = s.spec.type,
          .kind = s.spec.kind,
          .incarnation = s.incarnation};
}

child_list supervisor_core::list() const {
  child_list all;
  all.reserve(slots_.all().size());
  for (auto i = slots_.all().rbegin(); i != slots_.all().rend(); ++i)
    all.push_back(info_of(i->second));
  return all;
}

answer<child_info> supervisor_core::find(const std::string& id) const {
  if (auto* s = slots_.find(id))
    return info_of(*s);
  return child_error{.what = child_error::kind::not_found, .detail = "\"" + id + "\""};
}

child_counts supervisor_core::count() const {
  child_counts c;
  for (const auto& [position, s] : slots_.all()) {
    ++c.specs;
    ++(s.spec.type == child_type::worker ? c.workers : c.supervisors);
    if (s.is_alive() && s.state != slot_state::starting)
      ++c.active;
  }
  return c;
}

answer<child_spec> supervisor_core::spec_of(const std::string& id) const {
  auto* s = slots_.find(id);
  if (s == nullptr)
    return child_error{.what = child_error::kind::not_found, .detail = "\"" + id + "\""};
  auto spec = s->spec;
  spec.shutdown = spec.effective_shutdown();
  return spec;
}

zombie_list supervisor_core::zombies(time_point now) {
  prune_zombies();
  zombie_list all;
  for (const auto& [ref, z] : zombies_) {
    all.push_back(z.info);
    all.back().zombie_for = now - z.since;
    all.back().handling_for += now - z.since;
  }
  return all;
}

supervisor_status supervisor_core::status(time_point now) const {
  return {.flags = flags_,
          .restarts_in_period = window_.count(now),
          .restarts = restarts_,
          .zombies = zombies_.size(),
          .is_stopping = phase_ >= phase::ending};
}

std::vector<pid> supervisor_core::live_children() const {
  std::vector<pid> all;
  for (const auto& [position, s] : slots_.all())
    if (s.is_alive())
      all.push_back(s.who);
  return all;
}

}  // namespace beamline::supervision
