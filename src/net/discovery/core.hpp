#pragma once

#include "base/random.hpp"
#include "base/time.hpp"
#include "net/discovery/note.hpp"
#include "net/discovery/rounds.hpp"
#include "net/discovery/source.hpp"
#include "net/discovery/status.hpp"
#include "net/discovery/targets.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace beamline::net {

/// What discovery decides: whom to ask when, whom to dial when, whom to give up. Pure: what happens goes in with the
/// time, `next` says what to do. Owned by one process; not thread-safe.
///
///   answer, hint, node up/down, outcome of an attempt, refresh  ->  core
///   core  ->  sources to ask, addresses to dial, links to end, things to tell, when to look again
class discovery_core {
public:
  // Of one answer; those that come later in order are left out, so that two answers leave out the same.
  static constexpr std::size_t answer_max = 256;

  struct options {
    discovery_targets::options targets{};
    duration interval = 10s;
    duration answer_within = 30s;
  };
  discovery_core(options o, random_source& random, time_point now);

  // -- what happens ----------------------------------------------------------------------

  void answered(std::uint64_t round, std::size_t source, source_answer a, time_point now);
  /// A source tells something unasked.
  void heard(std::size_t source, std::vector<proposal> found, time_point now);
  void up(const std::string& node, time_point now) { targets_.up(node, now); }
  void down(const std::string& node, std::string_view why, time_point now) { targets_.down(node, why, now); }
  std::optional<discovery_targets::attempt_end> attempt_done(std::uint64_t attempt, const connect_outcome& o,
                                                             time_point now) {
    return targets_.attempt_done(attempt, o, now);
  }
  /// Asks all sources and tries all addresses, as soon as possible. Returns the round after which that is done.
  std::uint64_t refresh(time_point now);

  // -- what is to be done ----------------------------------------------------------------

  struct round_summary {
    std::uint64_t number = 0;
    std::size_t addresses = 0;  // Named by all sources together, each counted once per source.
    std::size_t added = 0;      // Of them: not known before.
    std::size_t failed = 0;     // Sources that did not answer.
    duration took{};
  };
  struct actions {
    std::optional<std::uint64_t> ask{};  // All sources, in the name of this round.
    std::vector<discovery_targets::dial> dials{};
    std::vector<std::string> disconnects{};
    std::vector<discovery_note> notes{};
    std::optional<round_summary> over{};  // A round that has ended.
  };
  /// To be called after each of the above, and when `wake` has come.
  [[nodiscard]] actions next(time_point now);
  /// When something is to be done if nothing happens before.
  [[nodiscard]] time_point wake() const;

  [[nodiscard]] discovery_status status(time_point now) const;

private:
  struct source_state {
    std::string label;
    std::optional<source_answer::kind> last{};
    std::string why{};
    std::size_t addresses = 0;
    std::optional<time_point> answered_at{};
    bool is_often_empty = false;  // Naming nobody is nothing to tell of.
    bool is_excess_noted = false;
  };

  void take(std::size_t source, source_answer a, time_point now);
  void bound(source_state& s, source_answer& a);
  void note_change(source_state& s, const source_answer& a);

  random_source& random_;
  discovery_targets targets_;
  discovery_rounds rounds_;
  std::vector<source_state> sources_;
  round_summary now_;  // The one under way.
  std::vector<discovery_note> notes_;
};

}  // namespace beamline::net
