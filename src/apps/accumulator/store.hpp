#pragma once

#include "apps/accumulator/contracts.hpp"
#include "base/result.hpp"
#include "store/database.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

/// The accumulator's tables and the statements on them.
///
///   seen_events        ids of the events that were applied            (what makes it exactly once)
///   visits             who has visited what in which window           (what makes it once per window)
///   blog_likes         one row per post and visitor that likes it
///   blog_comments      all comments, in whatever state
///   post_totals        per post: the numbers that are told, and their version
///   page_totals        the same per page
///   site_totals        one row: the sums, and their version
///   accumulator_state  the database's own id; up to when ids were forgotten
///
/// SQL that SQLite and PostgreSQL share. Only on PostgreSQL seen_events and visits have partitions, one a day, so that
/// forgetting drops tables instead of deleting rows (docs/decisions/0011): partitions.hpp.
namespace beamline::accumulator {

/// Name under which the database remembers the schema's version.
inline constexpr std::string_view schema_name = "accumulator";
[[nodiscard]] std::vector<store::migration> migrations();

struct post_totals {
  std::int64_t likes = 0;
  std::int64_t visits = 0;
  std::int64_t comments = 0;
  std::int64_t comments_version = 0;
  std::int64_t version = 0;  // 0: there is no row.
};
struct page_totals {
  std::int64_t visits = 0;
  std::int64_t version = 0;
};

/// The tables within one transaction. A statement that fails dooms its transaction (store/database.hpp), so its error
/// is kept for `outcome`, and until then answers are empty: what is decided on them is undone.
class tables {
public:
  explicit tables(store::transaction& tx) : tx_{tx} {}

  /// The first error, to be returned by the transaction's function.
  [[nodiscard]] result<void> outcome() const { return first_ ? result<void>{*first_} : result<void>{}; }

  /// Others that write wait from here on until this transaction has ended. To be called first: two accumulators over
  /// one PostgreSQL then stand in line instead of each waiting for a row of the other.
  void take_turn();

  // -- seen before? --------------------------------------------------------------------------

  /// True: it was not remembered before.
  bool remember(const uid& id);
  void forget(const uid& id);
  [[nodiscard]] bool is_known(const uid& id);
  /// Ids below this may have been forgotten, so nobody can tell whether they were applied. It never falls.
  [[nodiscard]] uid forgotten_before();
  void set_forgotten_before(const uid& bound);
  /// The id that so many remembered ones are greater than; nil: there are not so many.
  [[nodiscard]] uid id_with_newer(std::int64_t rows);
  /// The window of the visit that so many were in the same or later ones.
  [[nodiscard]] std::optional<wall_time> window_with_newer(std::int64_t rows);
  /// Deletes rows that are no longer needed, at most so many of each kind; how many went. Those in a partition stay:
  /// they go with it.
  std::int64_t sweep_ids(const uid& before, std::int64_t rows_max);
  std::int64_t sweep_visits(wall_time before, std::int64_t rows_max);

  // -- partitions of both by time, one for each day; see partitions.hpp ------------------------------

  /// Whether this database has them. If not, the others must not be called.
  [[nodiscard]] bool has_partitions();
  /// The days that have one, in order; counted from 1970.
  [[nodiscard]] std::vector<std::int64_t> partitioned_days();
  /// Makes those of a day that has none, and moves what had come for it before.
  void add_partitions(std::int64_t day);
  /// They go with all that is in them.
  void drop_partitions(std::int64_t day);

  // -- facts: true if that was news ------------------------------------------------------------

  bool add_like(std::string_view slug, std::string_view visitor);
  bool remove_like(std::string_view slug, std::string_view visitor);
  bool add_visit(wall_time window, std::string_view subject, std::string_view visitor);
  bool add_comment(const comment& c, std::string_view visitor);
  [[nodiscard]] bool has_like(std::string_view slug, std::string_view visitor);

  // -- comments --------------------------------------------------------------------------------

  [[nodiscard]] std::optional<comment> load_comment(const uid& id);
  /// State, author and content; who wrote a deleted one is forgotten.
  void update_comment(const comment& c);
  [[nodiscard]] std::int64_t count_comments(std::string_view slug);
  [[nodiscard]] std::int64_t count_visible_answers(const uid& parent);
  /// See the messages of the same names.
  [[nodiscard]] std::vector<comment> shown_comments(const list_comments& m, std::int64_t rows_max);
  [[nodiscard]] std::vector<comment> newest_comments(std::string_view slug, std::int64_t rows_max);

  // -- totals ----------------------------------------------------------------------------------

  [[nodiscard]] post_totals load_post(std::string_view slug);
  void save_post(std::string_view slug, const post_totals& t);
  [[nodiscard]] std::int64_t count_posts();
  [[nodiscard]] page_totals load_page(std::string_view page);
  void save_page(std::string_view page, const page_totals& t);
  [[nodiscard]] std::int64_t count_pages();
  [[nodiscard]] site_stats load_site();
  void save_site(const site_stats& s);

  // -- the database itself -----------------------------------------------------------------------

  /// Its id, which is `fresh` if it had none.
  [[nodiscard]] uid identity(const uid& fresh);

private:
  void execute(std::string_view sql, store::parameters values);
  [[nodiscard]] std::int64_t changed(std::string_view sql, store::parameters values);
  [[nodiscard]] std::int64_t number(std::string_view sql, store::parameters values);
  [[nodiscard]] std::vector<comment> comments(std::string_view sql, store::parameters values);
  [[nodiscard]] uid state(std::string_view name);
  template <class... T>
  [[nodiscard]] std::optional<std::tuple<T...>> one(std::string_view sql, store::parameters values);

  store::transaction& tx_;
  std::optional<error> first_;
  std::optional<bool> has_partitions_;  // Once it was asked.
};

/// The numbers as others are told them.
[[nodiscard]] blog_stats to_stats(std::string_view slug, const post_totals& t);

}  // namespace beamline::accumulator
