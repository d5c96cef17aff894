#pragma once

#include "base/telemetry.hpp"
#include "base/time.hpp"
#include "store/core.hpp"

#include <cstddef>
#include <deque>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

/// What the two forms of `database` share: queues, batches, events. No threads, no SQL.
namespace beamline::store {

/// One accepted request.
struct job {
  enum class kind { transact, read, migrate, back_up };
  kind what = kind::transact;
  database::work fn;                  // transact, read
  std::string app;                    // migrate
  std::vector<migration> migrations;  // migrate
  database::completion done;
  std::filesystem::path to{};               // back_up
  std::shared_ptr<backup_report> report{};  // back_up: what it came to.
};

[[nodiscard]] std::string_view to_string(job::kind what);

/// A bounded first-in-first-out queue that hands out jobs in groups. Not thread-safe.
class job_queue {
public:
  struct limits {
    std::size_t queue_max;  // A job more is refused.
    std::size_t batch_max;  // Transactions taken together.
  };

  explicit job_queue(limits l) : limits_{l} {}

  [[nodiscard]] bool is_full() const { return jobs_.size() >= limits_.queue_max; }
  [[nodiscard]] bool empty() const { return jobs_.empty(); }
  [[nodiscard]] std::size_t size() const { return jobs_.size(); }
  /// Must not be full.
  void push(job j) { jobs_.push_back(std::move(j)); }
  /// The kind of the oldest job; must not be empty.
  [[nodiscard]] job::kind next() const { return jobs_.front().what; }
  /// The oldest job; if it is a transaction, with those that follow directly, up to `batch_max`.
  [[nodiscard]] std::vector<job> take();

private:
  limits limits_;
  std::deque<job> jobs_;
};

/// Runs groups of jobs on a core and reports to telemetry. Thread-safe: it holds nothing that changes.
class job_runner {
public:
  job_runner(telemetry& events, const clock& time) : telemetry_{events}, clock_{time} {}

  /// One outcome per job. `queued` is how many wait behind them.
  [[nodiscard]] std::vector<result<void>> run(core& on, std::vector<job>& batch, std::size_t queued) const;
  /// Calls each job's completion with its outcome. One that throws is reported and does not disturb the others.
  void complete(std::vector<job>& batch, std::vector<result<void>>& outcomes) const;

  /// Answers a job that will not run. On the caller's thread.
  void refuse_full(job j, std::size_t queued) const;
  void refuse_closed(job j) const;

private:
  result<void> migrate(core& on, const job& j, time_point start) const;
  result<void> back_up(core& on, const job& j) const;
  void report(job::kind what, const std::vector<result<void>>& outcomes) const;
  void call(const database::completion& done, result<void> outcome) const;

  telemetry& telemetry_;
  const clock& clock_;
};

}  // namespace beamline::store
