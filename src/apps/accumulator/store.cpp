#include "apps/accumulator/store.hpp"

namespace beamline::accumulator {

namespace {

constexpr std::string_view create_likes = R"sql(
CREATE TABLE blog_likes (
  slug    TEXT NOT NULL,
  visitor TEXT NOT NULL,
  PRIMARY KEY (slug, visitor)
);
CREATE TABLE blog_totals (
  slug    TEXT NOT NULL PRIMARY KEY,
  likes   BIGINT NOT NULL CHECK (likes >= 0),
  version BIGINT NOT NULL CHECK (version > 0)
);
)sql";

constexpr std::string_view insert_like =
    "INSERT INTO blog_likes (slug, visitor) VALUES ($1, $2) ON CONFLICT DO NOTHING";
constexpr std::string_view delete_like = "DELETE FROM blog_likes WHERE slug = $1 AND visitor = $2";

// A total begins with its first like. Taking away is a statement of its own: a row to be inserted must pass the checks
// even where it then becomes an update.
constexpr std::string_view raise_total =
    "INSERT INTO blog_totals (slug, likes, version) VALUES ($1, 1, 1) "
    "ON CONFLICT (slug) DO UPDATE SET likes = blog_totals.likes + 1, version = blog_totals.version + 1";
constexpr std::string_view lower_total =
    "UPDATE blog_totals SET likes = likes - 1, version = version + 1 WHERE slug = $1";

constexpr std::string_view select_total = "SELECT likes, version FROM blog_totals WHERE slug = $1";

}  // namespace

std::vector<store::migration> migrations() { return {{1, "likes", create_likes}}; }

result<applied> apply(store::transaction& tx, const update_likes& m) {
  if (auto done = tx.execute(m.liked ? insert_like : delete_like, {m.slug, m.visitor}); !done)
    return done.error();
  auto out = applied{};
  out.has_changed = tx.changes() > 0;
  if (out.has_changed)
    if (auto done = tx.execute(m.liked ? raise_total : lower_total, {m.slug}); !done)
      return done.error();
  auto stats = load_stats(tx, m.slug);
  if (!stats)
    return stats.error();
  out.stats = std::move(*stats);
  return out;
}

result<blog_stats> load_stats(store::transaction& tx, std::string_view slug) {
  auto row = tx.select_one<std::int64_t, std::int64_t>(select_total, {slug});
  if (!row)
    return row.error();
  auto [likes, version] = row->value_or(std::tuple{std::int64_t{0}, std::int64_t{0}});
  return blog_stats{std::string{slug}, likes, version};
}

}  // namespace beamline::accumulator
