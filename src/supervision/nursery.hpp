#pragma once

// Supervised children started by any thread, at once and without asking the supervisor.
//
//   nursery views{{.label = "view", .shutdown = 2s}};
//   child_dynamic_supervisor("views", {.max_children = 10'000, .births = views.state()})
//   ...
//   auto p = views.spawn<view_host>(setup);            a socket thread; or a process
//   if (!p) refuse(p.error());                          max_children, stopping, start_failed, already_started
//
// A child is temporary, and the supervisor is its parent: it knows of the child before anything of it runs, stops it
// when it stops, and lists it. Nothing is ever left over, even when the supervisor ends at the same moment.

#include "supervision/dynamic_core.hpp"

#include <functional>
#include <mutex>

namespace beamline::supervision {

/// What one life of a supervisor shares with the threads that start its children. Thread-safe. They may hold it longer
/// than the supervisor lives: after `die` whoever was just spawning kills its child itself.
class nursery_run {
public:
  struct news {
    enum class kind : std::uint8_t { born, launched, failed } what;
    std::uint64_t ref;
    std::uint64_t id = 0;  // With `launched`.
  };

  /// `wake` has the supervisor take its news; it may be called by any thread.
  nursery_run(process& supervisor, std::shared_ptr<child_spec> spec, std::size_t max_children,
              std::function<void()> wake);

  // -- for those who spawn ---------------------------------------------------------------

  /// Announces a child; its start_ref, or why there must be none.
  [[nodiscard]] answer<std::uint64_t> begin();
  [[nodiscard]] birth birth_of(std::uint64_t ref) const;
  /// It runs. False: its supervisor is dead, the child was killed.
  [[nodiscard]] bool launched(std::uint64_t ref, std::uint64_t id);
  void failed(std::uint64_t ref);
  [[nodiscard]] caf::actor_system& system() const noexcept { return system_; }

  // -- for the supervisor ----------------------------------------------------------------

  [[nodiscard]] child_budget& budget() noexcept { return budget_; }
  [[nodiscard]] const std::shared_ptr<child_spec>& spec() const noexcept { return spec_; }
  /// In the order it happened; cheap when there is none.
  [[nodiscard]] std::vector<news> take_news();
  /// Refuses births from now on. Those that were announced come to their end.
  void close();
  /// The supervisor is gone.
  void die();
  [[nodiscard]] bool is_dead() const;

private:
  void note(news n);

  child_budget budget_;
  caf::actor_system& system_;
  process_table& table_;
  std::uint64_t supervisor_;
  std::shared_ptr<child_spec> spec_;
  std::function<void()> wake_;
  mutable std::mutex mutex_;  // Guards what follows.
  std::vector<news> news_;
  bool is_told_ = false;  // The supervisor has been woken and has not come yet.
  bool is_closed_ = false;
  bool is_dead_ = false;
};

/// What all handles of one nursery share: the run of the supervisor that has it open at the moment. Thread-safe.
class nursery_state {
public:
  explicit nursery_state(child_spec like) : like_{std::move(like)} {}

  /// Error: another supervisor has it open.
  [[nodiscard]] result<std::shared_ptr<nursery_run>> open(process& supervisor, std::size_t max_children,
                                                          std::function<void()> wake);
  [[nodiscard]] std::shared_ptr<nursery_run> current() const;

private:
  child_spec like_;
  mutable std::mutex mutex_;
  std::shared_ptr<nursery_run> run_;
};

namespace detail {

/// What a failed spawn is answered with: call it in a catch block.
[[nodiscard]] child_error start_error_in_flight();

}  // namespace detail

/// A handle: a value to be copied to whoever starts children. It outlives the restarts of its supervisor, and must not
/// be used once the node is being destroyed.
class nursery {
public:
  struct options {
    std::string label = "child";  // What lists and reports call a child.
    std::optional<shutdown_policy> shutdown{};
    duration start_timeout = duration::max();
    duration kill_grace = std::chrono::seconds{1};
    zombie_policy zombie = zombie_policy::detach;
    bool has_own_thread = false;
  };

  nursery() : nursery{options{}} {}
  explicit nursery(options o);

  /// For `dynamic_supervisor_spec::births` of one supervisor at a time.
  [[nodiscard]] const std::shared_ptr<nursery_state>& state() const noexcept { return state_; }

  /// Starts a `P(args...)`; its `init` runs in its own turn, and when that fails the child is just gone. Thread-safe;
  /// never waits. Errors: `stopping` (the supervisor does not run, or ends), `max_children`, `start_failed` (the
  /// constructor threw, or the node is full).
  template <class P, class... Args>
  [[nodiscard]] answer<pid> spawn(Args&&... args) const {
    auto run = state_->current();
    if (!run)
      return no_supervisor();
    auto ref = run->begin();
    if (!ref)
      return ref.error();
    pid child;
    try {
      child =
          beamline::detail::spawn_process<P>(run->system(), nullptr, run->birth_of(*ref), std::forward<Args>(args)...);
    } catch (...) {
      run->failed(*ref);
      return detail::start_error_in_flight();
    }
    if (!run->launched(*ref, child.id()))
      return no_supervisor();
    return child;
  }

private:
  [[nodiscard]] static child_error no_supervisor();

  std::shared_ptr<nursery_state> state_;
};

}  // namespace beamline::supervision
