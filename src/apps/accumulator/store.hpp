#pragma once

#include "apps/accumulator/contracts.hpp"
#include "base/result.hpp"
#include "store/database.hpp"

#include <string_view>
#include <vector>

/// The accumulator's tables and the statements on them. Functions that take a transaction run inside of one.
///
///   blog_likes   one row per post and visitor that likes it      (the truth)
///   blog_totals  one row per post that was ever liked: number of those rows, and its version
///
/// Both are written in one transaction, so the total is always the number of rows.
namespace beamline::accumulator {

/// Name under which the database remembers the schema's version.
inline constexpr std::string_view schema_name = "accumulator";
[[nodiscard]] std::vector<store::migration> migrations();

/// What a write did.
struct applied {
  blog_stats stats;
  bool has_changed = false;  // False: it was so already; the version stayed.
};

/// Makes `m` true: adds or removes the visitor's like. Doing it again changes nothing.
[[nodiscard]] result<applied> apply(store::transaction& tx, const update_likes& m);

/// The numbers of a post; likes 0, version 0 for one that was never liked.
[[nodiscard]] result<blog_stats> load_stats(store::transaction& tx, std::string_view slug);

}  // namespace beamline::accumulator
