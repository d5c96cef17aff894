#pragma once

#include "supervision/child_spec.hpp"

#include <vector>

namespace beamline::supervision {

/// Which siblings share a child's fate when it is restarted (S45-S54).
enum class strategy : std::uint8_t {
  one_for_one,
  one_for_all,
  rest_for_one,  // Those that were started after it.
};
[[nodiscard]] std::string_view to_string(strategy s) noexcept;

/// Waits before restarts instead of restarting at once (not in OTP, S63; off by default). The n-th restart of a slot in
/// a row waits `first * 2^(n-1)`, at most `max`, varied by +-`jitter` (a share, 0.2 is a fifth). A life longer than
/// the supervisor's period starts the row anew.
struct backoff {
  duration first{0};  // Zero: off.
  duration max = std::chrono::seconds{30};
  double jitter = 0.2;

  [[nodiscard]] bool is_on() const noexcept { return first > duration::zero(); }
};

// The window keeps one time per restart, so the budget bounds its memory; OTP's `infinity` is not legal either (S29).
inline constexpr int intensity_max = 1'000'000;
inline constexpr duration period_max = std::chrono::hours{24 * 365};

/// The flags of a supervisor (S29, S30).
struct supervisor_flags {
  supervision::strategy strategy = strategy::one_for_one;
  // More than `intensity` restarts of all children together within `period` are too many: the supervisor gives up,
  // stops its children and ends with `shutdown` (S55-S62). Elixir's defaults.
  int intensity = 3;
  duration period = std::chrono::seconds{5};
  supervision::auto_shutdown auto_shutdown = auto_shutdown::never;
  supervision::backoff backoff{};
  // More zombies than this at once and the supervisor gives up instead of detaching one more (M10).
  std::size_t zombies_max = 16;
};

/// What a supervisor is started from.
///
///   supervisor_spec{.flags = {.strategy = strategy::rest_for_one}, .children = {child<a>("a"), child<b>("b")}}
struct supervisor_spec {
  supervisor_flags flags{};
  std::vector<child_spec> children{};  // In start order.
};

/// `supervisor_data` errors (S29); intensity 0 and up, period whole seconds 1 and up.
[[nodiscard]] result<void> check_flags(const supervisor_flags& f);
/// Flags, each child, and no id twice (S26).
[[nodiscard]] result<void> check_spec(const supervisor_spec& s);

}  // namespace beamline::supervision
