#pragma once

#include "base/random.hpp"
#include "base/time.hpp"
#include "net/outbox/messages.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace beamline::net::outbox {

/// Decides when the outbox sends what waits, and how much at a time. Pure; the queue decides what.
///
///   idle --- something waits, a target is there, no pause, tokens ---> syncing (a batch, its answer, the next batch
///   ...)
///    ^------ nothing waits, or no target is there --------------------|
///    ^------ a batch failed: a pause that doubles, with jitter -------|
///
/// One batch is under way at a time. Nothing has to tell it that it may begin: whoever changes anything asks `next`
/// (D206), so no trigger is lost, and whoever starts anew starts idle.
class drain {
public:
  struct options {
    std::size_t batch_max = batch_events_max;
    std::uint64_t events_per_s = 500;  // A target that is back is not flooded by all hosts at once (D208).
    duration start_delay_max = 2s;     // After a target has come up: somewhere between none and this.
    duration retry_min = 1s;           // After a failure: at first ...
    duration retry_max = 60s;          // ... and after it doubled several times. Jitter takes off up to half.
  };

  drain(options o, time_point now) : options_{o}, refilled_{now}, tokens_{burst()} {}

  /// A matching peer came up, or was up already when the outbox began: what failed before says nothing any more.
  void target_up(time_point now, random_source& random);
  /// An operator wants it now.
  void nudge(time_point now);

  struct step {
    std::size_t send = 0;             // So many now; not 0: `started` or `nothing_sent` is to be called.
    std::optional<time_point> again;  // Ask again then, at the latest.
  };
  /// What to do now, when so many events wait.
  [[nodiscard]] step next(time_point now, std::size_t waiting, bool has_target);
  /// So many of them are on their way.
  void started(std::size_t events);
  /// None could be sent at this moment; whoever makes that change asks again.
  void nothing_sent() { is_syncing_ = false; }
  void succeeded();
  void failed(time_point now, random_source& random);

  [[nodiscard]] bool is_syncing() const noexcept { return is_syncing_; }
  [[nodiscard]] bool is_under_way() const noexcept { return is_under_way_; }
  /// The last attempt has failed, and no target has come since.
  [[nodiscard]] bool is_failing() const noexcept { return failures_ > 0; }
  [[nodiscard]] std::uint32_t failures() const noexcept { return failures_; }

private:
  // Tokens are kept in billionths, so that no time is lost by rounding.
  static constexpr std::uint64_t token = 1'000'000'000;

  [[nodiscard]] std::uint64_t burst() const { return options_.batch_max * token; }
  void refill(time_point now);
  [[nodiscard]] duration pause(random_source& random) const;

  options options_;
  time_point refilled_;
  std::uint64_t tokens_;
  time_point not_before_ = time_point::min();
  std::uint32_t failures_ = 0;  // Since the last success.
  bool is_syncing_ = false;
  bool is_under_way_ = false;
};

}  // namespace beamline::net::outbox
