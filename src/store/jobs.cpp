#include "store/jobs.hpp"

#include "store/events.hpp"

#include <algorithm>
#include <exception>
#include <iterator>
#include <utility>

#include <fmt/format.h>

namespace beamline::store {

namespace {

// These tell of trouble with the database, not of a request that was turned down.
bool is_trouble(const result<void>& outcome) {
  if (outcome)
    return false;
  const auto code = outcome.error().code;
  return code == errc::io || code == errc::corrupt || code == errc::unavailable;
}

std::size_t count_failed(const std::vector<result<void>>& outcomes) {
  return static_cast<std::size_t>(std::count_if(outcomes.begin(), outcomes.end(), [](const auto& o) { return !o; }));
}

}  // namespace

std::string_view to_string(job::kind what) {
  switch (what) {
    case job::kind::transact: return "transact";
    case job::kind::read: return "read";
    case job::kind::migrate: return "migrate";
    case job::kind::back_up: return "backup";
  }
  return "unknown";
}

std::vector<job> job_queue::take() {
  auto count = std::size_t{1};
  if (next() == job::kind::transact)
    while (count < limits_.batch_max && count < jobs_.size() && jobs_[count].what == job::kind::transact)
      ++count;
  const auto end = jobs_.begin() + static_cast<std::ptrdiff_t>(count);
  auto batch = std::vector<job>{std::make_move_iterator(jobs_.begin()), std::make_move_iterator(end)};
  jobs_.erase(jobs_.begin(), end);
  return batch;
}

std::vector<result<void>> job_runner::run(core& on, std::vector<job>& batch, std::size_t queued) const {
  const auto start = clock_.now();
  const auto what = batch.front().what;
  auto outcomes = std::vector<result<void>>{};
  if (what == job::kind::transact) {
    auto works = std::vector<database::work>{};
    works.reserve(batch.size());
    for (auto& j : batch)
      works.push_back(std::move(j.fn));
    outcomes = on.write(works);
    telemetry_.emit(commit_done{batch.size(), count_failed(outcomes), queued, clock_.now() - start});
  } else if (what == job::kind::read) {
    outcomes.push_back(on.read(batch.front().fn));
    telemetry_.emit(read_done{outcomes.front().ok(), clock_.now() - start});
  } else if (what == job::kind::migrate) {
    outcomes.push_back(migrate(on, batch.front(), start));
  } else {
    outcomes.push_back(back_up(on, batch.front()));
  }
  report(what, outcomes);
  return outcomes;
}

result<void> job_runner::migrate(core& on, const job& j, time_point start) const {
  auto applied = on.migrate(j.app, j.migrations);
  if (!applied)
    return applied.error();
  telemetry_.emit(
      migrated{j.app, static_cast<int>(j.migrations.size()), static_cast<int>(*applied), clock_.now() - start});
  return {};
}

result<void> job_runner::back_up(core& on, const job& j) const {
  auto made = on.back_up(j.to);
  if (!made)
    return made.error();
  *j.report = *made;
  telemetry_.emit(backed_up{j.to.native(), made->octets, made->took});
  return {};
}

void job_runner::complete(std::vector<job>& batch, std::vector<result<void>>& outcomes) const {
  for (std::size_t i = 0; i < batch.size(); ++i)
    call(batch[i].done, std::move(outcomes[i]));
}

void job_runner::refuse_full(job j, std::size_t queued) const {
  telemetry_.emit(request_refused{to_string(j.what), queued});
  call(j.done, error{errc::busy, fmt::format("the store's queue is full ({} requests wait, store.queue_max); nothing "
                                             "happened, try again later",
                                             queued)});
}

void job_runner::refuse_closed(job j) const {
  call(j.done, error{errc::unavailable, "the store is closed; nothing happened"});
}

void job_runner::report(job::kind what, const std::vector<result<void>>& outcomes) const {
  // A failed commit gives all its transactions the same error: one report is enough.
  const auto first = std::find_if(outcomes.begin(), outcomes.end(), is_trouble);
  if (first != outcomes.end())
    telemetry_.emit(store_error{to_string(what), first->error().code, first->error().message});
}

void job_runner::call(const database::completion& done, result<void> outcome) const {
  try {
    done(std::move(outcome));
  } catch (const std::exception& e) {
    telemetry_.emit(store_error{"completion", errc::invalid, e.what()});
  } catch (...) {
    telemetry_.emit(store_error{"completion", errc::invalid, "something that is not a std::exception"});
  }
}

}  // namespace beamline::store
