#include "web/live/async_jobs.hpp"

#include "supervision/tasks/task_supervisor.hpp"

#include <stdexcept>

namespace beamline::web::live {

namespace {

async_failure failure_from(const supervision::task_error& e) {
  using kind = supervision::task_error::kind;
  switch (e.what) {
    case kind::timeout: return {async_failure::kind::timeout, "it was not done in time", {}, {}};
    case kind::ended: return {async_failure::kind::exit, beamline::to_string(e.why), e.why, {}};
    case kind::not_started: break;
  }
  return {async_failure::kind::exit, supervision::to_string(e), e.why, {}};
}

detail::raw_async outcome_from(std::optional<supervision::detail::raw_outcome> o) {
  if (!o)
    return failure_from({supervision::task_error::kind::timeout});
  if (auto* e = std::get_if<supervision::task_error>(&*o))
    return failure_from(*e);
  return std::get<supervision::detail::raw_value>(*std::move(o));
}

}  // namespace

std::string_view to_string(async_failure::kind k) noexcept {
  switch (k) {
    case async_failure::kind::error: return "error";
    case async_failure::kind::exit: return "exit";
    case async_failure::kind::timeout: return "timeout";
    case async_failure::kind::cancelled: return "cancelled";
  }
  return "?";
}

async_jobs::async_jobs(process& owner, pid supervisor, run_function run)
    : owner_{owner}, supervisor_{std::move(supervisor)}, run_{std::move(run)} {}

async_jobs::~async_jobs() = default;

void async_jobs::start(component_id by, std::string key, const detail::async_launch& launch, detail::async_done done,
                       const async_options& o) {
  auto at = job_key{by, std::move(key)};
  if (auto before = jobs_.extract(at))
    before.mapped().core->abandon();
  if (jobs_.size() >= jobs_max)
    throw std::length_error{"start_async: " + std::to_string(jobs_max) + " pieces of work of this view run already"};
  auto label = at.second.starts_with('\0') ? std::string{"assign_async"} : at.second.substr(0, 64);
  auto core = launch(owner_.self(), o.supervisor ? o.supervisor : own_supervisor(),
                     {.label = label.empty() ? std::string{"async"} : std::move(label), .has_own_thread = o.blocks});
  const auto number = ++last_;
  core->yield(o.timeout, [this, at, number](std::optional<supervision::detail::raw_outcome> how) {
    ended(at, number, outcome_from(std::move(how)));
  });
  jobs_.emplace(std::move(at), job{number, std::move(core), std::make_shared<detail::async_done>(std::move(done))});
}

bool async_jobs::cancel(component_id by, const std::string& key, const reason& why) {
  auto at = jobs_.extract(job_key{by, key});
  if (!at)
    return false;
  at.mapped().core->abandon();
  // In a later turn, as any other end: who cancels is not called from within.
  owner_.resume_with([this, by, key, why, done = std::move(at.mapped().done)] {
    if (jobs_.contains({by, key}))  // Its successor has begun meanwhile.
      return;
    run_(by, key, [&] {
      (*done)(async_failure{async_failure::kind::cancelled, "it was cancelled: " + beamline::to_string(why), why, {}});
    });
  })();
  return true;
}

void async_jobs::ended(const job_key& key, std::uint64_t number, detail::raw_async how) {
  auto found = jobs_.find(key);
  if (found == jobs_.end() || found->second.number != number)
    return;
  auto done = jobs_.extract(found);
  done.mapped().core->abandon();  // One that has run out of time.
  run_(key.first, key.second, [&] { (*done.mapped().done)(std::move(how)); });
}

void async_jobs::drop(component_id by) {
  auto from = jobs_.lower_bound({by, {}});
  auto to = from;
  while (to != jobs_.end() && to->first.first == by)
    ++to;
  abandon(from, to);
}

void async_jobs::drop_all() {
  abandon(jobs_.begin(), jobs_.end());
  if (is_own_supervisor_)
    owner_.exit(supervisor_, reason::shutdown());
}

void async_jobs::abandon(job_map::iterator from, job_map::iterator to) {
  std::map<std::uint64_t, std::shared_ptr<supervision::detail::task_core>> as_started;
  for (auto at = from; at != to; ++at)
    as_started.emplace(at->second.number, at->second.core);
  jobs_.erase(from, to);
  for (const auto& [number, core] : as_started)
    core->abandon();
}

const pid& async_jobs::own_supervisor() {
  if (!supervisor_) {
    supervisor_ =
        owner_.spawn_as<supervision::task_supervisor>({.label = "view tasks"}, supervision::task_supervisor_spec({}));
    is_own_supervisor_ = true;
  }
  return supervisor_;
}

}  // namespace beamline::web::live
