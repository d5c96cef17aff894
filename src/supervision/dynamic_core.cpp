#include "supervision/dynamic_core.hpp"

#include "actors/reason_codec.hpp"

#include <algorithm>

namespace beamline::supervision {

namespace {

bool is_active(child_phase p) {
  return p == child_phase::running || p == child_phase::stopping || p == child_phase::killed;
}

child_error stopping_error() {
  return {.what = child_error::kind::stopping, .detail = "the supervisor is ending; it starts no more children"};
}

}  // namespace

dynamic_core::dynamic_core(port& p, child_budget& b, const dynamic_supervisor_spec& s)
    : port_{p},
      budget_{b},
      flags_{s.flags},
      adapt_{s.adapt},
      window_{{.restarts_max = s.flags.intensity, .period = s.flags.period}} {
  budget_.limit(s.max_children);
  if (s.instances) {
    template_ = std::make_shared<const child_template>(*s.instances);
    template_spec_ = std::make_shared<child_spec>(s.instances->spec);
  }
}

result<void> dynamic_core::update(const dynamic_supervisor_spec& s) {
  if (s.instances.has_value() != is_template())
    return error{errc::invalid, is_template()
                                    ? "start_spec: this supervisor has a template and its update brings none; "
                                      "bring the new template in `instances`"
                                    : "start_spec: this supervisor was started without a template and gets none "
                                      "by an update; start another one"};
  flags_ = s.flags;
  adapt_ = s.adapt;
  window_.use({.restarts_max = s.flags.intensity, .period = s.flags.period});
  budget_.limit(s.max_children);
  if (s.instances) {
    template_ = std::make_shared<const child_template>(*s.instances);
    template_spec_ = std::make_shared<child_spec>(s.instances->spec);
  }
  return {};
}

// -- children ----------------------------------------------------------------------------

dynamic_child* dynamic_core::find_ref(birth_ref ref) {
  auto i = children_.find(ref);
  return i == children_.end() ? nullptr : &i->second;
}

dynamic_child& dynamic_core::add(child c) {
  c.position = c.ref;  // They grow.
  supervisors_ += c.spec->type == child_type::supervisor ? 1 : 0;
  auto ref = c.ref;
  return children_.emplace(ref, std::move(c)).first->second;
}

void dynamic_core::enter(child& c, phase p, time_point now) {
  active_ += is_active(p) ? 1 : 0;
  active_ -= is_active(c.is) ? 1 : 0;
  if (p != phase::killed || c.is != phase::stopping)  // A stop is one stretch of time.
    c.since = now;
  auto was = std::exchange(c.is, p);
  if ((was == phase::restarting) != (p == phase::restarting))
    port_.child_waits(c, p == phase::restarting);
}

void dynamic_core::forget(child& c, bool gives_back_its_place) {
  if (c.starter != 0)
    port_.answer_start(std::exchange(c.starter, 0),
                       is_stopping_ ? stopping_error()
                                    : child_error{.what = child_error::kind::start_failed,
                                                  .detail = "it was terminated before it had started",
                                                  .why = reason::shutdown()});
  for (auto [i, end] = terminators_.equal_range(c.ref); i != end; i = terminators_.erase(i))
    port_.answer_change(i->second, nothing{});
  by_id_.erase(c.id);
  by_id_.erase(c.known_id);
  active_ -= is_active(c.is) ? 1 : 0;
  supervisors_ -= c.spec->type == child_type::supervisor ? 1 : 0;
  if (gives_back_its_place)
    budget_.give_back();
  if (c.is == phase::restarting)
    port_.child_waits(c, false);
  port_.child_left(c);
  children_.erase(c.ref);
}

const dynamic_child* dynamic_core::find(std::uint64_t id) const {
  auto i = by_id_.find(id);
  return i == by_id_.end() ? nullptr : i->second;
}

std::vector<const dynamic_child*> dynamic_core::list() const {
  std::vector<const child*> all;
  all.reserve(children_.size());
  for (const auto& [ref, c] : children_)
    all.push_back(&c);
  std::sort(all.begin(), all.end(), [](const auto* a, const auto* b) { return a->position > b->position; });
  return all;
}

child_counts dynamic_core::count() const {
  return {.specs = is_template() ? 1 : children_.size(),
          .active = active_,
          .supervisors = supervisors_,
          .workers = children_.size() - supervisors_};
}

// -- first starts ------------------------------------------------------------------------

bool dynamic_core::refuse_start(token t) {
  if (is_stopping_) {
    port_.answer_start(t, stopping_error());
    return true;
  }
  if (budget_.try_take())
    return false;
  port_.answer_start(t, child_error{.what = child_error::kind::max_children,
                                    .detail = "the supervisor has " + std::to_string(budget_.max())
                                            + " children already; raise max_children"});
  return true;
}

void dynamic_core::start(child_spec s, token t, time_point now, std::uint32_t tag) {
  if (is_template()) {
    port_.answer_start(t, child_error{.what = child_error::kind::unsupported,
                                      .detail = "all children here are instances of one template; use start_instance"});
    return;
  }
  if (auto ok = check_dynamic_child(s); !ok) {
    port_.answer_start(t, child_error{.what = child_error::kind::invalid_spec, .detail = ok.error().message});
    return;
  }
  if (refuse_start(t))
    return;
  auto spec = std::make_shared<child_spec>(std::move(s));
  if (adapt_) {
    try {
      adapt_(*spec);
    } catch (...) {
      budget_.give_back();
      port_.answer_start(t, child_error{.what = child_error::kind::start_failed,
                                        .detail = "adapting its spec failed",
                                        .why = reason_from_exception(std::current_exception())});
      return;
    }
  }
  auto& c = add({.spec = std::move(spec), .ref = port_.next_ref(), .starter = t, .since = now, .tag = tag});
  launch(c, now);
}

void dynamic_core::start_instance(std::any arguments, token t, time_point now) {
  if (!is_template()) {
    port_.answer_start(t, child_error{.what = child_error::kind::unsupported,
                                      .detail = "this supervisor has no template; use start_child"});
    return;
  }
  if (refuse_start(t))
    return;
  auto& c = add({.spec = template_spec_,
                 .arguments = std::move(arguments),
                 .ref = port_.next_ref(),
                 .starter = t,
                 .since = now,
                 .is_instance = true});
  launch(c, now);
}

// Both first starts and restarts.
void dynamic_core::launch(child& c, time_point now) {
  auto outcome = port_.launch(c);
  if (c.spec->restart == restart_type::temporary) {  // It needs neither again (S28, M13).
    c.arguments.reset();
    if (!c.is_instance)
      c.spec->start = nullptr;
  }
  if (std::holds_alternative<start_ignored>(outcome)) {
    was_ignored(c);
  } else if (auto* e = std::get_if<child_error>(&outcome)) {
    start_failed(c, std::move(*e), now);
  } else {
    const auto& l = std::get<launched_child>(outcome);
    c.id = l.id;
    c.is_foreign = l.is_foreign;
    by_id_[c.id] = &c;
    if (c.is_foreign)
      started(c.ref, {}, now);
    else
      set_deadline(c, c.spec->start_timeout, now);
  }
}

void dynamic_core::started(birth_ref ref, std::any info, time_point now) {
  auto* c = find_ref(ref);
  if (c == nullptr || c->is != phase::starting)
    return;
  if (c->known_id != c->id)
    by_id_.erase(c->known_id);
  c->known_id = c->id;
  auto took = now - c->since;
  enter(*c, phase::running, now);
  if (!c->is_instance)  // S181
    port_.report(report::kind::progress, *c, reason::normal(), took, 1);
  if (c->starter != 0)
    port_.answer_start(std::exchange(c->starter, 0), c->id, std::move(info));
  port_.child_up(*c);
}

// Also when a restart is: there is nothing to keep here (S114).
void dynamic_core::was_ignored(child& c) {
  if (c.starter != 0)
    port_.answer_start(std::exchange(c.starter, 0), 0, {});
  forget(c);
}

void dynamic_core::start_failed(child& c, child_error e, time_point now) {
  if (c.incarnation == 1) {  // S113, S184: no report.
    if (c.starter != 0)
      port_.answer_start(std::exchange(c.starter, 0), std::move(e));
    forget(c);
    return;
  }
  auto why = e.what == child_error::kind::start_failed ? e.why : reason::custom(to_string(e));
  port_.report(report::kind::start_error, c, why, now - c.since, 1);
  by_id_.erase(std::exchange(c.id, 0));
  enter(c, phase::restarting, now);
  port_.retry_later(c.ref);
}

// -- children of a nursery ---------------------------------------------------------------

void dynamic_core::adopt(birth_ref ref, std::shared_ptr<child_spec> s, time_point now) {
  auto& c = add({.spec = std::move(s), .ref = ref, .since = now});
  set_deadline(c, c.spec->start_timeout, now);
  if (is_stopping_)
    end_child(c, now);
}

void dynamic_core::adopted(birth_ref ref, std::uint64_t id) {
  auto* c = find_ref(ref);
  if (c == nullptr)
    return;
  c->id = id;
  by_id_[id] = c;
  if (c->is == phase::running)
    c->known_id = id;
  else if (c->is == phase::stopping)
    port_.signal(*c, reason::shutdown());
  else if (c->is == phase::killed)
    port_.signal(*c, reason::kill());
}

void dynamic_core::adoption_failed(birth_ref ref) {
  if (auto* c = find_ref(ref))
    forget(*c, false);
  finish_if_empty();
}

// -- deadlines ---------------------------------------------------------------------------

void dynamic_core::set_deadline(const child& c, duration within, time_point now) {
  if (within >= time_point::max() - now)
    return;
  deadlines_.push_back({now + within, c.ref, c.is});
  std::push_heap(deadlines_.begin(), deadlines_.end(), std::greater<>{});
  sweep_deadlines();
  if (deadlines_.front().due < armed_) {
    armed_ = deadlines_.front().due;
    port_.wake_at(armed_);
  }
}

// Most deadlines are never met: they go when they are more than the children and some.
void dynamic_core::sweep_deadlines() {
  if (deadlines_.size() <= 2 * children_.size() + 1024)
    return;
  std::erase_if(deadlines_, [this](const deadline& d) {
    auto* c = find_ref(d.ref);
    return c == nullptr || c->is != d.during;
  });
  std::make_heap(deadlines_.begin(), deadlines_.end(), std::greater<>{});
}

void dynamic_core::wake(time_point now) {
  armed_ = time_point::max();
  while (!deadlines_.empty() && deadlines_.front().due <= now) {
    auto d = deadlines_.front();
    std::pop_heap(deadlines_.begin(), deadlines_.end(), std::greater<>{});
    deadlines_.pop_back();
    if (auto* c = find_ref(d.ref); c != nullptr && c->is == d.during)
      expire(*c, now);
  }
  if (!deadlines_.empty() && deadlines_.front().due < armed_) {
    armed_ = deadlines_.front().due;
    port_.wake_at(armed_);
  }
  finish_if_empty();
}

void dynamic_core::expire(child& c, time_point now) {
  switch (c.is) {
    case phase::starting:
      c.is_late = true;
      kill(c, now);
      break;
    case phase::stopping: kill(c, now); break;
    case phase::killed: become_zombie(c, now); break;
    case phase::restarting: attempt(c, now); break;
    case phase::running: break;
  }
}

}  // namespace beamline::supervision
