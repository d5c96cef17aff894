#pragma once

#include "actors/process.hpp"
#include "base/result.hpp"

#include <any>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <variant>

namespace beamline::supervision {

/// When a child that ended by itself is started again (S40).
enum class restart_type : std::uint8_t {
  permanent,  // Always.
  transient,  // Unless it ended gracefully: `normal` or `shutdown`.
  temporary,  // Never; its slot goes with it.
};

/// For counts, and for how long a stop may take by default.
enum class child_type : std::uint8_t { worker, supervisor };

/// How a child is asked to end (S70).
class shutdown_policy {
public:
  /// `shutdown`, then `kill` when it is still there after `limit`. Zero is legal: `kill` follows at once (S73).
  template <class Rep, class Period>
  shutdown_policy(std::chrono::duration<Rep, Period> limit) : limit_{limit} {}  // NOLINT: `.shutdown = 5s` reads well
  /// `shutdown`, and all the time it wants.
  static shutdown_policy infinity() { return shutdown_policy{duration::max()}; }
  /// `kill` without a word.
  static shutdown_policy brutal_kill() { return shutdown_policy{duration::min()}; }

  [[nodiscard]] bool is_infinity() const noexcept { return limit_ == duration::max(); }
  [[nodiscard]] bool is_brutal_kill() const noexcept { return limit_ == duration::min(); }
  [[nodiscard]] duration limit() const noexcept { return limit_; }

  friend bool operator==(const shutdown_policy&, const shutdown_policy&) = default;

private:
  duration limit_;
};

/// `5000ms`, `infinity` or `brutal_kill`.
[[nodiscard]] std::string to_string(const shutdown_policy& p);

/// What happens to a child that was killed and is still busy in a handler after `kill_grace` (M9, M10).
enum class zombie_policy : std::uint8_t {
  detach,  // It is fenced, reported and listed; the supervisor goes on without it.
  wait,    // The supervisor waits for ever, as OTP with `infinity` would.
  abort,   // The operating system process ends, so that whoever supervises that one starts it anew.
};

/// Started child, or why there is none. Exactly one of these is what a start function returns.
struct start_ignored {};
using start_outcome = std::variant<pid, start_ignored, reason>;

/// What a start function starts its child with. Runs in the supervisor; must not block.
class starter {
public:
  starter(process& parent, birth how) : parent_{parent}, how_{std::move(how)} {}

  /// Spawns the child; its `init` runs in its own turn, and the supervisor waits for that. To be called once.
  /// Throws what the constructor of `P` throws, `name_taken` and `process_limit_reached`.
  template <class P, class... Args>
  pid spawn(Args&&... args) {
    spawned_ =
        beamline::detail::spawn_process<P>(parent_.home_system(), parent_.context(), how_, std::forward<Args>(args)...);
    return spawned_;
  }
  [[nodiscard]] const pid& spawned() const noexcept { return spawned_; }
  [[nodiscard]] environment& env() const noexcept { return parent_.env(); }
  /// May be changed before the spawn.
  [[nodiscard]] birth& how() noexcept { return how_; }

private:
  process& parent_;
  birth how_;
  pid spawned_;
};

/// Makes one incarnation of a child. Called for the first start and for each restart: it must make fresh state and
/// not copy the old (M13). It may return a process that it did not spawn through the starter (S18): that one counts
/// as started at once, is watched, and ends the slot when it ends. A throw is a failed start.
using start_function = std::function<start_outcome(starter&)>;

/// Describes one child of a supervisor (S20).
///
///   child<counter>("counter")                                            permanent worker, 5 s to end
///   child<upload>("upload", url).with({.restart = restart_type::temporary})
///   child_supervisor("sessions", spec)                                   in supervisor.hpp
struct child_spec {
  // Unique among its siblings. Dynamic supervisors take it as a label only.
  std::string id;
  start_function start;
  restart_type restart = restart_type::permanent;
  // Its end may end the supervisor, see auto_shutdown (S80).
  bool significant = false;
  // Default: 5 s for workers, infinity for supervisors.
  std::optional<shutdown_policy> shutdown;
  child_type type = child_type::worker;
  // Class of the child, for lists.
  std::string kind;

  // -- beyond OTP ---------------------------------------------------------------------

  // Registered on its node before its `init` runs. Empty: none.
  std::string name;
  // With a name: casts to the name that meet no running child are parked, up to this many, and handed to its
  // successor in order; more are dropped and counted. 0: they are dropped, and calls are answered `noproc`.
  std::size_t park_max = 0;
  // A start that takes longer has failed; the half-started child is killed (S151). Default: it may take for ever.
  duration start_timeout = duration::max();
  // After `kill`: how long a busy handler may go on before the child is a zombie.
  duration kill_grace = std::chrono::seconds{1};
  zombie_policy zombie = zombie_policy::detach;
  bool has_own_thread = false;

  [[nodiscard]] shutdown_policy effective_shutdown() const {
    return shutdown.value_or(type == child_type::worker ? shutdown_policy{std::chrono::seconds{5}}
                                                        : shutdown_policy::infinity());
  }

  /// What may be said differently about a child; empty fields leave the spec as it is (S21).
  struct overrides {
    std::optional<std::string> id{};
    std::optional<restart_type> restart{};
    std::optional<bool> significant{};
    std::optional<shutdown_policy> shutdown{};
    std::optional<child_type> type{};
    std::optional<std::string> name{};
    std::optional<std::size_t> park_max{};
    std::optional<duration> start_timeout{};
    std::optional<duration> kill_grace{};
    std::optional<zombie_policy> zombie{};
    std::optional<bool> has_own_thread{};
  };
  [[nodiscard]] child_spec with(overrides o) const&;
  [[nodiscard]] child_spec with(overrides o) &&;
};

/// A worker of class `P`, made anew from copies of `args` for each incarnation.
template <class P, class... Args>
[[nodiscard]] child_spec child(std::string id, Args... args) {
  child_spec s;
  s.id = std::move(id);
  s.kind = readable_name(typeid(P));
  s.start = [... kept = std::move(args)](starter& by) -> start_outcome { return by.spawn<P>(kept...); };
  return s;
}

/// The class may say how it is best supervised: `static child_spec P::child_spec_for(args...)` (H01, N01).
template <class P, class... Args>
  requires requires(Args... args) { P::child_spec_for(args...); }
[[nodiscard]] child_spec child_of(Args&&... args) { return P::child_spec_for(std::forward<Args>(args)...); }

/// Which slots' ends may end their supervisor (S80-S83).
enum class auto_shutdown : std::uint8_t {
  never,
  any_significant,
  all_significant,
};

/// Checks one spec (S24, S25); the error's message names the field, the value and what is allowed. Without a mode only
/// the clash of `permanent` and `significant` is checked (S27).
[[nodiscard]] result<void> check_child_spec(const child_spec& s, std::optional<auto_shutdown> mode = {});

[[nodiscard]] std::string_view to_string(restart_type t) noexcept;
[[nodiscard]] std::string_view to_string(child_type t) noexcept;
[[nodiscard]] std::string_view to_string(zombie_policy p) noexcept;
[[nodiscard]] std::string_view to_string(auto_shutdown m) noexcept;

}  // namespace beamline::supervision
