#include "supervision/applications/core.hpp"

#include "supervision/applications/start_order.hpp"

#include <algorithm>

namespace beamline::supervision {

namespace {

using kind = application_error::kind;

std::string in_quotes(const std::string& text) { return "\"" + text + "\""; }

}  // namespace

application_facts facts_of(const application& a) {
  application_facts out{a.name,
                        a.description,
                        a.dependencies,
                        a.type,
                        {},
                        static_cast<bool>(a.start),
                        static_cast<bool>(a.prep_stop),
                        static_cast<bool>(a.stop)};
  for (const auto& p : a.phases)
    out.phases.push_back(p.name);
  return out;
}

// -- requests -----------------------------------------------------------------------------

application_answer application_core::load(application_facts a) {
  if (a.name.empty())
    return {{}, application_error{.what = kind::invalid, .detail = "it has no name; give it one"}};
  if (applications_.contains(a.name))
    return {{}, application_error{.what = kind::already_loaded, .application = a.name}};
  if (applications_.size() >= applications_max)
    return {{},
            application_error{.what = kind::busy,
                              .application = a.name,
                              .detail = std::to_string(applications_max)
                                      + " applications are loaded, the most there "
                                        "may be"}};
  if (std::find(a.dependencies.begin(), a.dependencies.end(), a.name) != a.dependencies.end())
    return {{},
            application_error{
                .what = kind::cycle, .application = a.name, .detail = in_quotes(a.name) + " -> " + in_quotes(a.name)}};
  auto name = a.name;
  applications_[name].facts = std::move(a);
  return {{name}, {}};
}

application_answer application_core::unload(const std::string& name) {
  auto i = applications_.find(name);
  if (i == applications_.end())
    return {{}, application_error{.what = kind::not_found, .application = name}};
  if (i->second.at != stage::loaded)
    return {{}, application_error{.what = kind::still_running, .application = name}};
  applications_.erase(i);
  return {{name}, {}};
}

void application_core::start(std::uint64_t request, const start_application& m) {
  enqueue({operation::kind::start, request, {m.name}, m.type});
}

void application_core::ensure(std::uint64_t request, const ensure_all_started& m) {
  enqueue({operation::kind::ensure, request, m.names, m.type});
}

void application_core::stop(std::uint64_t request, const stop_application& m) {
  enqueue({operation::kind::stop, request, {m.name}, {}});
}

void application_core::stop_all(std::uint64_t request, duration budget) {
  auto latest = budget > time_point::max() - now_ ? time_point::max() : now_ + budget;
  deadline_ = std::min(deadline_.value_or(latest), latest);
  operations_.push_back({operation::kind::stop_all, request, {}, {}});
  bool is_first = !std::exchange(is_stopping_, true);
  for (auto& [name, e] : applications_) {
    // Who is being started does not come up any more.
    if (is_first && (e.at == stage::start_hook || e.at == stage::tree || e.at == stage::phase))
      abort(e);
    else
      limit(e);
  }
  proceed();
}

void application_core::enqueue(operation o) {
  if (is_stopping_ || operations_.size() >= application_requests_max) {
    auto first = o.names.empty() ? std::string{} : o.names.front();
    application_error why{.what = kind::stopping, .application = first};
    if (!is_stopping_)
      why = {.what = kind::busy,
             .application = first,
             .detail = std::to_string(application_requests_max) + " requests wait already; try again later"};
    return emit(effects::answer{o.request, {{}, std::move(why)}});
  }
  operations_.push_back(std::move(o));
  proceed();
}

// -- operations ----------------------------------------------------------------------------

/// Carries out requests until one has to wait for something.
void application_core::proceed() {
  if (std::exchange(is_proceeding_, true))
    return;  // The loop below is at it.
  while (!operations_.empty()) {
    auto& o = operations_.front();
    if (!std::exchange(o.is_prepared, true))
      prepare(o);
    if (o.tasks.empty()) {
      finish_operation();
      continue;
    }
    auto before = progress_;
    do_task(o);
    if (progress_ == before)
      break;
  }
  is_proceeding_ = false;
}

/// Works out the tasks; with none the outcome is known already.
void application_core::prepare(operation& o) {
  if (o.what == operation::kind::stop_all)
    return plan_stop_all(o);
  if (is_stopping_) {
    o.outcome.failed = application_error{.what = kind::stopping, .application = o.names.empty() ? "" : o.names.front()};
    return;
  }
  if (o.what != operation::kind::ensure) {
    o.tasks.push_back({o.names.front(), o.what == operation::kind::start});
    return;
  }
  auto order = start_order(o.names, [this](const std::string& name) {
    auto i = applications_.find(name);
    return i == applications_.end() ? nullptr : &i->second.facts.dependencies;
  });
  if (auto* wrong = std::get_if<application_error>(&order)) {
    o.outcome.failed = std::move(*wrong);
    return;
  }
  for (auto& name : std::get<0>(order))
    o.tasks.push_back({std::move(name), true});
}

void application_core::plan_stop_all(operation& o) const {
  auto started = which();
  for (auto a = started.rbegin(); a != started.rend(); ++a)
    o.tasks.push_back({a->name, false});
}

/// Starts the first task, or notices that it is done. Otherwise `now_running` or `now_loaded` will.
void application_core::do_task(operation& o) {
  const auto& t = o.tasks.front();
  auto i = applications_.find(t.name);
  if (i == applications_.end())
    return task_failed(o, {.what = kind::not_found, .application = t.name});
  auto& e = i->second;
  bool is_at_rest = e.at == stage::loaded || e.at == stage::running;
  if (!is_at_rest)
    return;  // On its way to what the task wants, or down: then the task begins behind that.
  if (!t.is_start) {
    if (e.at == stage::running)
      begin_stop(e);
    else if (o.what == operation::kind::stop)
      task_failed(o, {.what = kind::not_started, .application = t.name});
    else
      task_done(o);
  } else if (o.what == operation::kind::ensure && e.at == stage::running) {
    task_done(o);
  } else if (auto wrong = objection_to_start(e)) {
    task_failed(o, *std::move(wrong));
  } else {
    begin_start(e, o);
  }
}

std::optional<application_error> application_core::objection_to_start(const entry& e) const {
  if (is_stopping_)
    return application_error{.what = kind::stopping, .application = e.facts.name};
  if (e.at == stage::running)
    return application_error{.what = kind::already_started, .application = e.facts.name};
  for (const auto& d : e.facts.dependencies)
    if (!is_running(d))
      return application_error{.what = kind::not_started, .application = e.facts.name, .other = d};
  return std::nullopt;
}

void application_core::task_done(operation& o) {
  o.tasks.pop_front();
  ++progress_;
}

/// Gives up the rest; what this request has started is stopped again.
void application_core::task_failed(operation& o, application_error why) {
  o.tasks.clear();
  ++progress_;
  for (const auto& name : o.outcome.applications)
    o.tasks.push_front({name, false});
  o.outcome.applications.clear();
  if (!o.outcome.failed)
    o.outcome.failed = std::move(why);
}

void application_core::finish_operation() {
  auto o = std::move(operations_.front());
  operations_.pop_front();
  if (o.what == operation::kind::stop_all)
    emit(effects::answer_stop_all{o.request, report_});
  else
    emit(effects::answer{o.request, std::move(o.outcome)});
}

/// The task under way, if it is about this application.
application_core::task* application_core::task_of(const entry& e) {
  if (operations_.empty() || operations_.front().tasks.empty())
    return nullptr;
  auto& t = operations_.front().tasks.front();
  return t.name == e.facts.name ? &t : nullptr;
}

// -- questions ----------------------------------------------------------------------------

bool application_core::is_running(const std::string& name) const {
  auto i = applications_.find(name);
  return i != applications_.end() && i->second.at == stage::running;
}

application_info application_core::info_of(const entry& e) const {
  auto state = [&] {
    switch (e.at) {
      case stage::loaded: return application_state::loaded;
      case stage::start_hook:
      case stage::tree:
      case stage::phase: return application_state::starting;
      case stage::running: return application_state::running;
      default: return application_state::stopping;
    }
  }();
  return {e.facts.name,
          e.facts.description,
          e.facts.dependencies,
          state == application_state::loaded ? e.facts.type : e.type,
          state,
          {}};
}

application_list application_core::which() const {
  std::vector<const entry*> found;
  for (const auto& [name, e] : applications_)
    if (e.at != stage::loaded)
      found.push_back(&e);
  std::sort(found.begin(), found.end(), [](auto* a, auto* b) { return a->order < b->order; });
  application_list out;
  for (const auto* e : found)
    out.push_back(info_of(*e));
  return out;
}

application_list application_core::all() const {
  application_list out;
  for (const auto& [name, e] : applications_)
    out.push_back(info_of(e));
  return out;
}

}  // namespace beamline::supervision
