#pragma once

#include "apps/accumulator/contracts.hpp"
#include "apps/accumulator/requests.hpp"
#include "apps/accumulator/store.hpp"
#include "base/time.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

/// What an event does to the tables. Pure but for the transaction: the same event on the same tables has the same
/// effect, whenever and wherever it is applied.
namespace beamline::accumulator {

/// What counts and what is refused.
struct rules {
  duration visit_window = visit_window_default;
  // Posts (and pages) with numbers. An event about one more is rejected: hosts know which posts there are and ask for
  // no others, so this is reached by nobody but a broken host.
  std::size_t posts_max = 10'000;
  std::size_t comments_max = 10'000;  // Per post, in all states; one more is rejected.
  bool comments_moderated = false;    // New ones are `pending` until a moderator shows them.
};

// An id that is further ahead of the clock than this is rejected: it would be remembered for too long.
inline constexpr duration id_ahead_max = std::chrono::hours{24};

/// An event on its way into the tables.
struct incoming {
  uid id{};  // Nil: not remembered, its sender does not repeat it.
  wish what{};
  wall_time accepted_at{};     // Now.
  bool is_over_limit = false;  // Of its visitor: only to be looked up, not to be applied.

  /// When somebody acted: what the id says.
  [[nodiscard]] wall_time made_at() const { return id.is_nil() ? accepted_at : id.made_at(); }
};

/// How numbers changed by one event.
struct change {
  std::int64_t likes = 0;
  std::int64_t visits = 0;
  std::int64_t comments = 0;
  bool of_comments = false;  // What is shown of them, whatever that does to their number.
};

/// What became of it.
struct effect {
  write_answer answer{};
  // That there is something to be told. Totals are those after this event, whose version is higher by one than before.
  bool has_changed = false;
  change by{};
  std::optional<site_stats> site{};
  std::optional<comment_news> news{};
};

/// Applies the event, unless it was before. After tables::take_turn, in a transaction of its own or with others: a
/// rejected one leaves nothing behind. Only `outcome` of the tables says whether it counts.
[[nodiscard]] effect apply(tables& t, const incoming& e, const rules& r);

/// What a moderator decided; saying it again changes nothing. `rejected` when there is no such comment, or only what
/// deleting left of it.
[[nodiscard]] effect apply(tables& t, const moderate_comment& m);

/// The start of the window a visit falls into: windows are aligned with 1970.
[[nodiscard]] wall_time window_of(wall_time at, duration window);

}  // namespace beamline::accumulator
