#include "supervision/applications/core.hpp"

// The life of one application, step by step; core.cpp has the requests that it serves.

#include <algorithm>

namespace beamline::supervision {

namespace {

using kind = application_error::kind;

std::string in_quotes(const std::string& text) { return "\"" + text + "\""; }

}  // namespace

// -- one application ------------------------------------------------------------------------

void application_core::begin_start(entry& e, const operation& o) {
  e.type = o.type.value_or(e.facts.type);
  e.order = ++last_order_;
  e.phase = 0;
  e.is_killed = false;
  e.failure.reset();
  if (e.facts.has_start)
    return run_hook(e, stage::start_hook, application_hook::start);
  begin_phase(e);
}

void application_core::begin_phase(entry& e) {
  if (e.phase < e.facts.phases.size())
    return run_hook(e, stage::phase, application_hook::phase);
  now_running(e);
}

void application_core::begin_stop(entry& e) {
  if (e.facts.has_prep_stop)
    return run_hook(e, stage::prep_stop, application_hook::prep_stop);
  begin_tree_end(e, false);
}

void application_core::begin_tree_end(entry& e, bool is_kill) {
  if (e.tree == 0)
    return begin_stop_hook(e);
  e.at = stage::tree_end;
  e.is_killed = is_kill;
  new_step(e);
  emit(effects::end_tree{e.facts.name, is_kill});
  limit(e);
}

void application_core::begin_stop_hook(entry& e) {
  if (e.facts.has_stop)
    return run_hook(e, stage::stop_hook, application_hook::stop);
  now_loaded(e);
}

void application_core::fail_start(entry& e, reason why, std::string where) {
  if (!e.failure)
    e.failure = application_error{
        .what = kind::start_failed, .application = e.facts.name, .detail = std::move(where), .why = std::move(why)};
}

/// Everything is being stopped: it does not come up any more. A hook that runs is waited for, within the limit.
void application_core::abort(entry& e) {
  if (!e.failure)
    e.failure = application_error{.what = kind::stopping, .application = e.facts.name};
  if (e.at == stage::tree)
    begin_tree_end(e, false);
  else
    limit(e);
}

void application_core::now_running(entry& e) {
  e.at = stage::running;
  e.step = 0;
  emit(effects::changed{e.facts.name, true});
  if (auto* t = task_of(e); t != nullptr && t->is_start) {
    auto& o = operations_.front();
    o.outcome.applications.push_back(e.facts.name);
    task_done(o);
  }
  proceed();
}

void application_core::now_loaded(entry& e) {
  bool has_run = !e.failure.has_value();
  e.at = stage::loaded;
  e.step = 0;
  e.tree = 0;
  if (has_run) {
    emit(effects::changed{e.facts.name, false});
    if (is_stopping_)
      report_.stopped.push_back(e.facts.name);
  }
  if (auto* t = task_of(e); t != nullptr) {
    auto& o = operations_.front();
    if (!t->is_start) {
      task_done(o);
      if (o.what == operation::kind::stop)
        o.outcome.applications.push_back(e.facts.name);
    } else if (e.failure) {
      task_failed(o, *e.failure);
    }
  }
  proceed();
}

// -- what happened ---------------------------------------------------------------------------

void application_core::hook_done(std::uint64_t step, std::optional<reason> failed, bool has_tree) {
  auto* e = with_step(step);
  if (e == nullptr)
    return;
  switch (e->at) {
    case stage::start_hook:
      if (failed) {
        fail_start(*e, *std::move(failed), "start");
        return now_loaded(*e);
      }
      if (e->failure)  // Meanwhile everything is being stopped.
        return begin_stop_hook(*e);
      if (!has_tree)
        return begin_phase(*e);
      e->at = stage::tree;
      new_step(*e);
      e->tree = e->step;
      return emit(effects::start_tree{e->facts.name, e->tree});
    case stage::phase:
      if (failed)
        fail_start(*e, *std::move(failed), "phase " + in_quotes(e->facts.phases[e->phase]));
      if (e->failure)
        return begin_tree_end(*e, false);
      ++e->phase;
      return begin_phase(*e);
    case stage::prep_stop:
      if (failed)
        emit(effects::complain{e->facts.name, "prep_stop failed: " + to_string(*failed)});
      return begin_tree_end(*e, false);
    case stage::stop_hook:
      if (failed)
        emit(effects::complain{e->facts.name, "stop failed: " + to_string(*failed)});
      return now_loaded(*e);
    default: return;
  }
}

void application_core::tree_started(std::uint64_t step) {
  auto* e = with_tree(step);
  if (e != nullptr && e->at == stage::tree)
    begin_phase(*e);
}

void application_core::tree_gone(std::uint64_t step, const reason& why) {
  auto* e = with_tree(step);
  if (e == nullptr)
    return;
  e->tree = 0;
  switch (e->at) {
    case stage::tree: fail_start(*e, why); return begin_stop_hook(*e);
    case stage::phase:
      fail_start(*e, why, "its tree ended in phase " + in_quotes(e->facts.phases[e->phase]));
      return begin_stop_hook(*e);
    case stage::tree_end:
      if (!e->is_killed && !why.is_graceful())
        emit(effects::complain{e->facts.name, "its tree ended with " + to_string(why) + " when it was stopped"});
      return begin_stop_hook(*e);
    case stage::running: emit(effects::ended{{e->facts.name, e->type, why}}); return begin_stop(*e);
    default: return;  // In prep_stop: what follows finds no tree.
  }
}

// -- limits: only while everything is being stopped ------------------------------------------------

void application_core::time_is_up(std::uint64_t step) {
  auto* e = with_step(step);
  if (e == nullptr || !deadline_)
    return;
  switch (e->at) {
    case stage::start_hook: hang(*e, "its start hook did not answer"); return now_loaded(*e);
    case stage::phase:
      hang(*e, "phase " + in_quotes(e->facts.phases[e->phase]) + " did not answer");
      return begin_tree_end(*e, false);
    case stage::prep_stop: hang(*e, "its prep_stop hook did not answer"); return begin_tree_end(*e, false);
    case stage::stop_hook: hang(*e, "its stop hook did not answer"); return now_loaded(*e);
    case stage::tree_end:
      if (!e->is_killed) {
        hang(*e, "its tree did not end and was killed");
        return begin_tree_end(*e, true);
      }
      hang(*e, "its tree is still there");
      e->tree = 0;
      return begin_stop_hook(*e);
    default: return;
  }
}

void application_core::hang(const entry& e, std::string what) {
  emit(effects::complain{e.facts.name, what});
  report_.hung.push_back(e.facts.name + ": " + std::move(what));
}

void application_core::limit(const entry& e) {
  if (!deadline_ || *deadline_ == time_point::max() || e.step == 0)
    return;
  emit(effects::limit_step{e.step, std::max(duration{0}, *deadline_ - now_) / 2});
}

// -- helpers ---------------------------------------------------------------------------------

void application_core::run_hook(entry& e, stage at, application_hook what) {
  e.at = at;
  new_step(e);
  emit(effects::run_hook{e.facts.name, e.step, what, e.phase});
  limit(e);
}

void application_core::new_step(entry& e) { e.step = ++last_step_; }

application_core::entry* application_core::with_step(std::uint64_t step) {
  for (auto& [name, e] : applications_)
    if (e.step == step && step != 0)
      return &e;
  return nullptr;
}

application_core::entry* application_core::with_tree(std::uint64_t step) {
  for (auto& [name, e] : applications_)
    if (e.tree == step && step != 0)
      return &e;
  return nullptr;
}

}  // namespace beamline::supervision
