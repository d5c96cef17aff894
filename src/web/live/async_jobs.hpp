#pragma once

#include "web/live/async.hpp"
#include "web/live/component.hpp"

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace beamline::web::live {

/// The work that a view and its components wait for. Belongs to their process; made when the first of it starts.
class async_jobs {
public:
  // More pieces of work of one view at a time than this throw: it starts them without end.
  static constexpr std::size_t jobs_max = 1000;

  /// Runs `fn` in a turn of the view's, on behalf of component `by` (0: the view), unless that is gone.
  using run_function = std::function<void(component_id by, std::string_view key, std::function<void()> fn)>;

  /// `supervisor` may be empty: then one is started when it is needed.
  async_jobs(process& owner, pid supervisor, run_function run);
  ~async_jobs();
  async_jobs(const async_jobs&) = delete;
  async_jobs& operator=(const async_jobs&) = delete;

  /// Kills what runs under that key before. Throws std::length_error for one more than jobs_max.
  void start(component_id by, std::string key, const detail::async_launch& launch, detail::async_done done,
             const async_options& o);
  bool cancel(component_id by, const std::string& key, const reason& why);
  /// The component is gone: its work is killed.
  void drop(component_id by);
  /// The process ends.
  void drop_all();

  [[nodiscard]] std::size_t size() const noexcept { return jobs_.size(); }

private:
  struct job {
    std::uint64_t number;
    std::shared_ptr<supervision::detail::task_core> core;
    std::shared_ptr<detail::async_done> done;
  };
  using job_key = std::pair<component_id, std::string>;
  using job_map = std::map<job_key, job>;

  const pid& own_supervisor();
  /// In the order in which they were started; that of the keys may be that of addresses.
  void abandon(job_map::iterator from, job_map::iterator to);
  void ended(const job_key& key, std::uint64_t number, detail::raw_async how);

  process_access owner_;
  pid supervisor_;
  bool is_own_supervisor_ = false;
  run_function run_;
  std::uint64_t last_ = 0;
  job_map jobs_;
};

}  // namespace beamline::web::live
