#pragma once

#include "base/random.hpp"
#include "base/time.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <vector>

namespace beamline::net {

/// When the sources are asked. A round asks all of them and is over when each has answered, or after a while; only then
/// can the next one begin (D188). Pure; not thread-safe.
class discovery_rounds {
public:
  // Between the end of a round and the begin of the next one, however long it took.
  static constexpr duration pause_min = 1s;

  struct options {
    std::size_t sources = 0;
    duration interval = 10s;       // From begin to begin, varied by a tenth so that nodes do not ask in step (D187).
    duration answer_within = 30s;  // A source that has not answered by then has failed.
  };
  /// The first round begins at once.
  discovery_rounds(options o, time_point now) : options_{o}, next_{now} {}

  /// Begins the next round if it is due. True: ask every source, in the name of `number()`.
  [[nodiscard]] bool begin(time_point now, random_source& random);
  /// False: it comes too late, or twice, and counts for nothing.
  [[nodiscard]] bool answered(std::uint64_t round, std::size_t source);
  /// Sources that have not answered in time; they will not be waited for.
  [[nodiscard]] std::vector<std::size_t> expired(time_point now);
  /// How long the round took that is now over; once per round.
  [[nodiscard]] std::optional<duration> finished(time_point now);
  /// The next round begins now, or as soon as the one under way is over.
  void hurry(time_point now);

  [[nodiscard]] std::uint64_t number() const noexcept { return number_; }
  [[nodiscard]] time_point began() const noexcept { return began_; }
  [[nodiscard]] bool is_under_way() const noexcept { return is_under_way_; }
  /// When `begin` or `expired` has something to do.
  [[nodiscard]] time_point next() const;
  [[nodiscard]] time_point next_round() const noexcept { return next_; }

private:
  options options_;
  time_point next_;
  time_point began_{};
  std::uint64_t number_ = 0;
  bool is_under_way_ = false;
  bool is_wanted_again_ = false;
  std::set<std::size_t> open_;  // Sources that have not answered yet.
};

}  // namespace beamline::net
