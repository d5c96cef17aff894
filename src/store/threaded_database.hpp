#pragma once

#include "store/jobs.hpp"

#include <array>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace beamline::store {

/// The port with threads of its own: one that writes, one for each reading connection, one for backups. These are the
/// store workers, where blocking is allowed. A worker with nothing to do looks after its connection (`core::tend`).
///
/// Each queue holds at most `queue_max` requests; one more is answered `busy` at once. While a commit waits for
/// the disk the queue fills, and the next commit takes up to `batch_max` of it: the slower the disk, the larger
/// the groups.
class threaded_database final : public database {
public:
  /// `events` and `time` must outlive the object.
  threaded_database(connections c, job_queue::limits limits, telemetry& events, const clock& time);
  /// Closes without waiting: what has not begun is answered `unavailable`.
  ~threaded_database() override;

  result<void> close(duration budget) override;

private:
  /// A queue and the threads that serve it, one for each of its cores.
  struct lane {
    explicit lane(job_queue::limits l) : queue{l} {}
    std::mutex mutex;
    std::condition_variable changed;  // Work came, or the lane closes.
    std::condition_variable idle;     // The queue is empty and nobody works.
    job_queue queue;
    std::size_t working = 0;
    bool is_closing = false;    // Accepts nothing more; threads end when the queue is empty.
    bool is_abandoned = false;  // What is still queued is refused instead of run.
    std::vector<std::unique_ptr<core>> cores;
    std::vector<std::thread> threads;
  };

  void do_transact(work fn, completion done) override;
  void do_read(work fn, completion done) override;
  void do_migrate(std::string app, std::vector<migration> known, completion done) override;
  void do_back_up(std::filesystem::path to, std::function<void(result<backup_report>)> done) override;

  void start(lane& l, const char* thread_name);
  void submit(lane& l, job j);
  void serve(lane& l, core& on);
  static void wait_for_work(std::unique_lock<std::mutex>& lock, lane& l, core& on);
  [[nodiscard]] std::array<lane*, 3> lanes() { return {&writing_, &reading_, &copying_}; }
  void stop_accepting(lane& l);
  bool wait_idle(lane& l, duration budget);
  void abandon(lane& l);
  void interrupt_until_idle();

  job_runner runner_;
  const clock& clock_;
  lane writing_;
  lane reading_;
  lane copying_;
  const bool makes_backups_;
  std::mutex closing_;  // One `close` at a time.
};

}  // namespace beamline::store
