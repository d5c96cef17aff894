#pragma once

#include "base/time.hpp"
#include "pubsub/presence/crdt/clock.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace beamline::presence {

enum class replica_status : std::uint8_t { up, down };

/// What is known of one other replica: of each name only the newest run (D131).
struct replica_info {
  replica_id id;
  replica_status status = replica_status::up;
  time_point heard{};                      // When its last beat came.
  std::optional<time_point> hide_after{};  // Its link is down: then it is down as well (D133).
};

/// Which replicas are there, by their beats (D130-D135). Pure; time is passed in. Holds replicas_max at most, and the
/// newest run of past_replicas_max names that are not known any more: an earlier one of them does not come back (D131).
class replica_table {
public:
  struct options {
    duration down_period{};
    duration permdown_period{};
  };
  explicit replica_table(options o) : options_{o} {}

  enum class change : std::uint8_t {
    stale,      // An earlier run than is, or was, known, or one that said it had ended: it changes nothing (I29).
    full,       // There is no room for one more.
    first,      // A name that was not known: up.
    refreshed,  // It was up.
    again,      // The same run was down: up.
    replaced,   // Another run of it was known: that one is gone for good, this one up.
  };
  struct heard_of {
    change what = change::stale;
    std::optional<replica_info> previous{};
  };
  /// A beat came.
  heard_of heard(const replica_id& r, time_point now);

  struct silent {
    std::vector<replica_id> down;  // Were up.
    std::vector<replica_id> gone;  // For good; of those that were up in `down` as well (D132).
  };
  /// Who was silent for too long, or whose link was down for too long, by name.
  silent detect_down(time_point now);

  /// The link to that node went down at `now`; it has until `until` to be heard again.
  void link_lost(const std::string& name, time_point until);
  /// The link is up again: its beats have until then at least, if they had not more.
  void link_found(const std::string& name, time_point until);
  /// It said that it ends: true if exactly that run is known; it is not any more, nor ever again.
  bool left(const replica_id& r);
  /// This shard itself was held up for so long: nobody else was silent (SY13).
  void excuse(duration d);

  [[nodiscard]] const replica_info* find(const std::string& name) const;
  /// By name.
  [[nodiscard]] std::vector<replica_info> all() const;
  /// When the next link has been down for too long.
  [[nodiscard]] std::optional<time_point> next_hide() const;

  /// The newest run of a name. One that has not said that it ended may have been cut off: when it is heard again it is
  /// as a new one (D161).
  struct past_run {
    replica_id id;
    bool has_left = false;
  };
  /// Of all names, also of those that are known.
  [[nodiscard]] std::vector<past_run> newest_runs() const;
  /// Of a name that is not known.
  void remember(const replica_id& r, bool has_left);

private:
  struct past {
    std::uint64_t version = 0;
    bool has_left = false;
    std::uint64_t forgotten = 0;  // Grows: the first forgotten goes first.
  };

  options options_;
  std::map<std::string, replica_info> replicas_;
  std::map<std::string, past> past_;  // Of names that are not in replicas_.
  std::uint64_t last_forgotten_ = 0;
};

}  // namespace beamline::presence
