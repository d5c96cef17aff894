#pragma once

#include "base/random.hpp"
#include "base/time.hpp"
#include "net/discovery/note.hpp"
#include "net/discovery/source.hpp"
#include "net/discovery/status.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace beamline::net {

/// The addresses that discovery knows: who named them, who is behind them, and when each is dialled next. Pure; not
/// thread-safe.
///
/// An address is dialled while a source names it and its node is not linked, never twice at the same time (I36). Which
/// node that is it learns when it links; when that link ends it has to be learned again, for an address may have
/// changed hands. The first source, in their order, that names an address says who is expected there.
class discovery_targets {
public:
  // Addresses known. When it is full the one that was stale longest makes room; is there none, new ones are not taken.
  static constexpr std::size_t targets_max = 1024;
  // A link that lasted this long was a good one: the next attempts begin with the shortest back-off again.
  static constexpr duration steady_after = 10s;

  struct source_rule {
    std::string label;
    // What peers tell: each thing once, and only of who is not linked. It holds while its node is linked.
    bool is_hearsay = false;
  };
  struct options {
    std::string own_name{};
    std::vector<endpoint> own{};         // Where this node itself is dialled; canonical.
    std::vector<source_rule> sources{};  // In the order that decides who is expected.
    std::size_t attempts_max = 8;        // At a time.
    duration back_off_min = 1s;          // After the first failure; doubled with each further one ...
    duration back_off_max = 60s;         // ... up to this. A quarter of it, at random, is left out.
    int absent_max = 3;                  // Missing from so many answers of a source in a row: stale (D191) ...
    int hearsay_max = 60;                // ... or from so many, when it is hearsay.
    duration forget_after = 10min;       // Stale and without a link for so long: forgotten.
    bool is_strict = false;              // Links of stale nodes are ended.
  };
  discovery_targets(options o, random_source& random);

  struct dial {
    std::uint64_t attempt = 0;
    endpoint at;
    expectation who;
  };
  struct attempt_end {
    endpoint at;
    duration took{};
  };

  // -- what is heard ---------------------------------------------------------------------

  /// A source answered: these, and nobody else. Returns how many are new.
  std::size_t answered(std::size_t source, const std::vector<proposal>& found, time_point now);
  /// A source tells of some, between its answers: says nothing about others.
  std::size_t heard(std::size_t source, const std::vector<proposal>& found, time_point now);
  /// A round begins: who was let go of on purpose may be dialled again (D36).
  void round_begins();
  void up(const std::string& node, time_point now);
  void down(const std::string& node, std::string_view why, time_point now);
  /// Nothing: no such attempt.
  std::optional<attempt_end> attempt_done(std::uint64_t attempt, const connect_outcome& o, time_point now);
  /// Who waits for its next attempt is dialled now; who is being dialled, once more at once, should that fail.
  void hurry(time_point now);

  // -- what is to be done ----------------------------------------------------------------

  /// Attempts to begin now; they count as begun.
  [[nodiscard]] std::vector<dial> due(time_point now);
  /// Nodes whose link is to be ended; each is named once per link.
  [[nodiscard]] std::vector<std::string> expelled();
  void forget(time_point now);
  /// When `due` or `forget` has something to do, if nothing is heard before; nothing: never.
  [[nodiscard]] std::optional<time_point> next() const;
  [[nodiscard]] std::vector<discovery_note> take_notes() { return std::exchange(notes_, {}); }

  [[nodiscard]] std::size_t attempts() const noexcept { return attempts_; }
  [[nodiscard]] std::size_t size() const noexcept { return targets_.size(); }
  [[nodiscard]] std::vector<discovery_status::target> status(time_point now) const;

private:
  // Said: by the configuration, hence never dialled. Seen: by an attempt, and for a host name that holds for a while.
  enum class own_kind : std::uint8_t { no, said, seen };
  struct mention {
    expectation who;
    int absent = 0;  // From the last answers.
  };
  struct target {
    std::map<std::size_t, mention> mentions{};  // By source; none: stale.
    std::string node{};                         // Who was behind it when it linked last.
    bool is_learned = false;                    // That node's present link was seen through this address.
    own_kind own = own_kind::no;
    bool waits_for_round = false;
    std::uint64_t attempt = 0;  // 0: none under way.
    time_point attempt_since{};
    bool is_hurried = false;  // While the attempt is under way.
    int tries = 0;            // Since there was a steady link.
    time_point next{};
    std::optional<connect_outcome::kind> trouble{};
    std::string last_error{};
    time_point unused_since{};  // When stale and without a link.
  };
  using table = std::map<endpoint, target>;
  struct live_link {
    time_point since;
    bool is_expelled = false;
  };

  [[nodiscard]] bool mention_one(std::size_t source, const proposal& p, time_point now, std::vector<endpoint>& back);
  [[nodiscard]] bool make_room();
  void drop_absent(std::size_t source, const std::vector<proposal>& found, time_point now);
  void begin_wait(target& t, time_point now);
  void linked(const endpoint& at, target& t, const std::string& node);
  void failed(const endpoint& at, target& t, const connect_outcome& o, time_point now);
  [[nodiscard]] const mention* first_mention(const target& t) const;
  [[nodiscard]] bool is_linked(const target& t) const;
  [[nodiscard]] bool wants_dial(const endpoint& at, const target& t) const;
  [[nodiscard]] bool is_unused(const target& t) const;
  [[nodiscard]] bool leads_here(const proposal& p) const;
  [[nodiscard]] std::string_view state_of(const target& t) const;
  void note(discovery_note n) { notes_.push_back(std::move(n)); }

  options options_;
  random_source& random_;
  table targets_;
  std::map<std::string, live_link, std::less<>> links_;  // Nodes that are linked now.
  std::uint64_t last_attempt_ = 0;
  std::size_t attempts_ = 0;  // Under way.
  bool is_full_noted_ = false;
  std::vector<discovery_note> notes_;
};

}  // namespace beamline::net
