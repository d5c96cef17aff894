#pragma once

// What the core of a dynamic supervisor knows of a child, and what it has others do.

#include "actors/signals.hpp"
#include "base/random.hpp"
#include "supervision/api.hpp"
#include "supervision/report.hpp"

#include <any>
#include <atomic>
#include <memory>
#include <string>
#include <variant>

namespace beamline::supervision {

/// How many children there are and may be, for everybody who starts some: the supervisor itself, and threads that use
/// its nursery. Thread-safe.
class child_budget {
public:
  explicit child_budget(std::size_t children_max) : max_{children_max} {}

  [[nodiscard]] bool try_take() noexcept {
    auto used = used_.load(std::memory_order_relaxed);
    while (used < max_.load(std::memory_order_relaxed))
      if (used_.compare_exchange_weak(used, used + 1, std::memory_order_relaxed))
        return true;
    return false;
  }
  void give_back() noexcept { used_.fetch_sub(1, std::memory_order_relaxed); }
  void limit(std::size_t children_max) noexcept { max_.store(children_max, std::memory_order_relaxed); }
  [[nodiscard]] std::size_t max() const noexcept { return max_.load(std::memory_order_relaxed); }
  [[nodiscard]] std::size_t used() const noexcept { return used_.load(std::memory_order_relaxed); }

private:
  std::atomic<std::size_t> used_{0};
  std::atomic<std::size_t> max_;
};

/// One start of one child (its start_ref); a restart has a new one. Never 0.
using birth_ref = std::uint64_t;
/// A request that waits for its answer; 0: nobody waits.
using request_token = std::uint64_t;

/// What a child of a dynamic supervisor is doing.
enum class child_phase : std::uint8_t {
  starting,
  running,
  stopping,    // Asked to end; killed when its time is up.
  killed,      // Killed, and not gone yet.
  restarting,  // Waits for its next attempt.
};

/// A child of a dynamic supervisor.
struct dynamic_child {
  std::shared_ptr<child_spec> spec;  // Of instances: the template's, shared by all.
  std::any arguments{};              // Of instances that may be restarted.
  birth_ref ref = 0;
  std::uint64_t id = 0;        // 0: not launched, or another thread is just launching it.
  std::uint64_t known_id = 0;  // Under which it ran last, until it runs again (S115).
  request_token starter = 0;
  time_point since{};          // When this phase began; for `running` this life.
  std::uint64_t position = 0;  // Grows from child to child, kept over restarts.
  std::uint32_t incarnation = 1;
  std::uint32_t tag = 0;     // The owner's own, as given to `start`.
  std::uint32_t row = 0;     // Restarts in a row, for the back-off.
  std::uint16_t graces = 0;  // How often it got another kill_grace, because it was not stuck in a handler.
  child_phase is = child_phase::starting;
  bool is_instance = false;
  bool is_foreign = false;   // Not spawned by the start function, only returned (S18).
  bool is_late = false;      // Its start took too long; it was killed for that.
  bool is_unwanted = false;  // Terminated by request or with the supervisor: its end is no accident.
};

/// What launching came to.
struct launched_child {
  std::uint64_t id = 0;
  bool is_foreign = false;
};
using launch_outcome = std::variant<launched_child, start_ignored, child_error>;

/// What a dynamic_core has done for it. Functions must not call the core back.
class dynamic_port {
public:
  virtual ~dynamic_port() = default;
  [[nodiscard]] virtual birth_ref next_ref() = 0;
  /// Runs the start function.
  [[nodiscard]] virtual launch_outcome launch(const dynamic_child& c) = 0;
  virtual void signal(const dynamic_child& c, const reason& why) = 0;
  /// Whether it is in a handler right now.
  [[nodiscard]] virtual bool is_busy(const dynamic_child& c) = 0;
  /// Gives up a killed child that does not end (M9). False: it has ended by itself, its `gone` is on its way.
  [[nodiscard]] virtual bool fence(const dynamic_child& c) = 0;
  /// Ends the operating system process (zombie_policy::abort).
  virtual void abort(const dynamic_child& c) = 0;
  /// `wake(now)` is to be called at that time; a later call of this replaces it.
  virtual void wake_at(time_point t) = 0;
  /// `retry(ref)` is to be called behind what waits in the mailbox already (S64).
  virtual void retry_later(birth_ref ref) = 0;
  virtual void answer_start(request_token t, std::uint64_t id, std::any info) = 0;
  virtual void answer_start(request_token t, child_error e) = 0;
  virtual void answer_change(request_token t, change_answer a) = 0;
  /// `took`: its life, start or stop. `children`: how many of the same this stands for.
  virtual void report(report::kind what, const dynamic_child& c, const reason& why, duration took,
                      std::size_t children) = 0;
  /// A child runs: for the first time or again.
  virtual void child_up(const dynamic_child& c) = 0;
  /// A child is forgotten, for whatever reason.
  virtual void child_left(const dynamic_child& c) = 0;
  /// A child begins or ceases to wait for its restart: meanwhile no process stands for it.
  virtual void child_waits(const dynamic_child& c, bool waits) = 0;
  virtual void restart_counted(time_point now) = 0;
  virtual void zombie_added(const dynamic_child& c, time_point now) = 0;
  virtual void zombie_removed(birth_ref ref) = 0;
  [[nodiscard]] virtual random_source& random() = 0;
  /// Everything is stopped: the supervisor ends.
  virtual void end(const reason& why) = 0;
};

}  // namespace beamline::supervision
