#pragma once

#include "base/time.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace beamline::net {

/// How much strangers may cost before they have proven anything (D22). Pure; not thread-safe.
///
///   enter(address)  "" ──> read and write, at most setup_time ──> left(address, outcome)
///                   else ──> close it at once, unread
///   note_failure(address)  after either: is this one worth a line in the log?
///
/// An address is a textual one without port. IPv6 addresses count by their first 64 bits, which is what one machine has
/// for itself. Bounds: addresses_max entries; the one that has been quiet for longest goes.
class admission {
public:
  struct limits {
    std::size_t connections_max = 32;             // Not authenticated, in all; more are closed at once.
    std::size_t connections_per_address_max = 4;  // 0: many nodes share each address (loopback); it has no limit of its
                                                  // own and is never made to wait.
    duration back_off_min = 100ms;                // Of an address after a failure, doubled by each further one ...
    duration back_off_max = 30s;                  // ... up to this. After twice as long without one it starts over.
    std::size_t addresses_max = 1024;             // Remembered.
  };
  explicit admission(limits l) : limits_{l} {}

  /// Empty: let in, and `left` is to be called when it is authenticated, has failed or gone. Else why not; then `left`
  /// is not to be called.
  [[nodiscard]] std::string_view enter(const std::string& address, time_point now);
  /// Whether it is made to wait for its own failures: it gets in no sooner when others leave.
  [[nodiscard]] bool is_closed(const std::string& address, time_point now);
  /// harmless: it ended without a fault, such as the lesser of two dials that crossed, or one that was lost on a slow
  /// way. It counts neither way: what a stranger can cause at will must not end its back-off.
  enum class outcome : std::uint8_t { authenticated, failed, harmless };
  /// Failures that end while the address is made to wait already (they ran side by side) count as one.
  void left(const std::string& address, outcome how, time_point now);
  /// Whether this failure (or refusal by `enter`) of that address is to be logged: once per back-off step (SY1), with
  /// how many were not.
  struct log_decision {
    bool is_to_be_logged;
    std::uint64_t silent_before;
  };
  [[nodiscard]] log_decision note_failure(const std::string& address, time_point now);

  /// Connections that are let in and have not left.
  [[nodiscard]] std::size_t open() const noexcept { return open_; }
  [[nodiscard]] std::size_t remembered() const noexcept { return addresses_.size(); }

private:
  struct entry {
    std::size_t open = 0;
    std::uint32_t failures = 0;  // Steps of back-off so far.
    time_point closed_until{};
    std::uint32_t lines = 0;  // Steps of silence in the log so far.
    time_point silent_until{};
    std::uint64_t silent = 0;
    time_point last{};  // Something happened.
  };

  entry* find(const std::string& address, time_point now);
  entry* find_or_make(const std::string& address, time_point now);
  [[nodiscard]] duration back_off(std::uint32_t steps_before) const;

  limits limits_;
  std::size_t open_ = 0;
  std::map<std::string, entry> addresses_;  // By `source_of`.
};

/// What counts as one source: an IPv6 address without its last 64 bits, `2001:db8::/64`; anything else as it is.
[[nodiscard]] std::string source_of(const std::string& address);

}  // namespace beamline::net
