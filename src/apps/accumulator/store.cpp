#include "apps/accumulator/store.hpp"

#include <tuple>
#include <utility>

namespace beamline::accumulator {

namespace {

// -- migrations: forward only, never changed ------------------------------------------------------

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

// Ids are text of one length in hexadecimal, so that they sort by time in every collation. Times are microseconds
// since 1970.
constexpr std::string_view create_events = R"sql(
CREATE TABLE seen_events (
  id TEXT NOT NULL PRIMARY KEY
);
CREATE TABLE visits (
  window_start BIGINT NOT NULL,
  subject      TEXT NOT NULL,
  visitor      TEXT NOT NULL,
  PRIMARY KEY (window_start, subject, visitor)
);
CREATE TABLE blog_comments (
  id          TEXT NOT NULL PRIMARY KEY,
  slug        TEXT NOT NULL,
  parent      TEXT,
  author      TEXT NOT NULL,
  content     TEXT NOT NULL,
  visitor     TEXT NOT NULL,
  accepted_at BIGINT NOT NULL,
  state       BIGINT NOT NULL CHECK (state >= 0 AND state <= 3)
);
CREATE INDEX blog_comments_by_post ON blog_comments (slug, accepted_at, id);
CREATE INDEX blog_comments_by_time ON blog_comments (accepted_at, id);
CREATE INDEX blog_comments_by_parent ON blog_comments (parent);
CREATE TABLE post_totals (
  slug             TEXT NOT NULL PRIMARY KEY,
  likes            BIGINT NOT NULL CHECK (likes >= 0),
  visits           BIGINT NOT NULL CHECK (visits >= 0),
  comments         BIGINT NOT NULL CHECK (comments >= 0),
  comments_version BIGINT NOT NULL CHECK (comments_version >= 0),
  version          BIGINT NOT NULL CHECK (version > 0)
);
INSERT INTO post_totals (slug, likes, visits, comments, comments_version, version)
  SELECT slug, likes, 0, 0, 0, version FROM blog_totals;
DROP TABLE blog_totals;
CREATE TABLE page_totals (
  page    TEXT NOT NULL PRIMARY KEY,
  visits  BIGINT NOT NULL CHECK (visits >= 0),
  version BIGINT NOT NULL CHECK (version > 0)
);
CREATE TABLE site_totals (
  id       BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
  visits   BIGINT NOT NULL CHECK (visits >= 0),
  likes    BIGINT NOT NULL CHECK (likes >= 0),
  comments BIGINT NOT NULL CHECK (comments >= 0),
  version  BIGINT NOT NULL CHECK (version >= 0)
);
INSERT INTO site_totals (id, visits, likes, comments, version)
  SELECT 1, 0, COALESCE(SUM(likes), 0), 0, COALESCE(SUM(version), 0) FROM post_totals;
CREATE TABLE accumulator_state (
  name  TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL
);
)sql";

// Ids say when they were made, so they are unique over all partitions: one id can only be in one of them. What has no
// partition yet, or none any more, is in those called _rest.
constexpr std::string_view partition_on_postgres = R"sql(
ALTER TABLE seen_events RENAME TO seen_events_rest;
ALTER INDEX seen_events_pkey RENAME TO seen_events_rest_pkey;
CREATE TABLE seen_events (
  id TEXT NOT NULL PRIMARY KEY
) PARTITION BY RANGE (id);
ALTER TABLE seen_events ATTACH PARTITION seen_events_rest DEFAULT;
ALTER TABLE visits RENAME TO visits_rest;
ALTER INDEX visits_pkey RENAME TO visits_rest_pkey;
CREATE TABLE visits (
  window_start BIGINT NOT NULL,
  subject      TEXT NOT NULL,
  visitor      TEXT NOT NULL,
  PRIMARY KEY (window_start, subject, visitor)
) PARTITION BY RANGE (window_start);
ALTER TABLE visits ATTACH PARTITION visits_rest DEFAULT;
INSERT INTO accumulator_state (name, value) VALUES ('partitions', 'daily');
)sql";
// A file has one writer and no partitions; rows are deleted there.
constexpr std::string_view no_partitions = "DELETE FROM accumulator_state WHERE name = 'partitions'";

// -- statements -------------------------------------------------------------------------------------

constexpr std::string_view lock_site = "UPDATE site_totals SET version = version WHERE id = 1";

constexpr std::string_view insert_seen = "INSERT INTO seen_events (id) VALUES ($1) ON CONFLICT DO NOTHING";
constexpr std::string_view delete_seen = "DELETE FROM seen_events WHERE id = $1";
constexpr std::string_view count_seen = "SELECT COUNT(*) FROM seen_events WHERE id = $1";
constexpr std::string_view select_seen_from_end = "SELECT id FROM seen_events ORDER BY id DESC LIMIT 1 OFFSET $1";
constexpr std::string_view sweep_seen =
    "DELETE FROM seen_events WHERE id IN (SELECT id FROM seen_events WHERE id < $1 ORDER BY id LIMIT $2)";

constexpr std::string_view sweep_seen_rest =
    "DELETE FROM seen_events_rest WHERE id IN (SELECT id FROM seen_events_rest WHERE id < $1 ORDER BY id LIMIT $2)";

constexpr std::string_view insert_visit =
    "INSERT INTO visits (window_start, subject, visitor) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
constexpr std::string_view select_window_from_end =
    "SELECT window_start FROM visits ORDER BY window_start DESC LIMIT 1 OFFSET $1";
constexpr std::string_view sweep_old_visits =
    "DELETE FROM visits WHERE (window_start, subject, visitor) IN (SELECT window_start, subject, visitor FROM visits "
    "WHERE window_start < $1 ORDER BY window_start LIMIT $2)";

constexpr std::string_view sweep_old_visits_rest =
    "DELETE FROM visits_rest WHERE (window_start, subject, visitor) IN (SELECT window_start, subject, visitor FROM "
    "visits_rest WHERE window_start < $1 ORDER BY window_start LIMIT $2)";

constexpr std::string_view insert_like =
    "INSERT INTO blog_likes (slug, visitor) VALUES ($1, $2) ON CONFLICT DO NOTHING";
constexpr std::string_view delete_like = "DELETE FROM blog_likes WHERE slug = $1 AND visitor = $2";

constexpr std::string_view count_like = "SELECT COUNT(*) FROM blog_likes WHERE slug = $1 AND visitor = $2";

constexpr std::string_view insert_comment =
    "INSERT INTO blog_comments (id, slug, parent, author, content, visitor, accepted_at, state) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING";
constexpr std::string_view select_comment =
    "SELECT id, slug, parent, author, content, accepted_at, state FROM blog_comments WHERE id = $1";
constexpr std::string_view set_comment = "UPDATE blog_comments SET state = $2, author = $3, content = $4 WHERE id = $1";
constexpr std::string_view forget_visitor = "UPDATE blog_comments SET visitor = '' WHERE id = $1";
constexpr std::string_view count_comments_of_post = "SELECT COUNT(*) FROM blog_comments WHERE slug = $1";
constexpr std::string_view count_answers = "SELECT COUNT(*) FROM blog_comments WHERE parent = $1 AND state = 0";
constexpr std::string_view select_shown =
    "SELECT c.id, c.slug, c.parent, c.author, c.content, c.accepted_at, c.state FROM blog_comments c "
    "LEFT JOIN blog_comments p ON p.id = c.parent "
    "WHERE c.slug = $1 AND c.state = 0 AND (c.parent IS NULL OR p.state = 0) "
    "AND (c.accepted_at > $2 OR (c.accepted_at = $2 AND c.id > $3)) ORDER BY c.accepted_at, c.id LIMIT $4";
constexpr std::string_view select_newest =
    "SELECT id, slug, parent, author, content, accepted_at, state FROM blog_comments "
    "ORDER BY accepted_at DESC, id DESC LIMIT $1";
constexpr std::string_view select_newest_of_post =
    "SELECT id, slug, parent, author, content, accepted_at, state FROM blog_comments WHERE slug = $1 "
    "ORDER BY accepted_at DESC, id DESC LIMIT $2";

constexpr std::string_view select_post =
    "SELECT likes, visits, comments, comments_version, version FROM post_totals WHERE slug = $1";
constexpr std::string_view upsert_post =
    "INSERT INTO post_totals (slug, likes, visits, comments, comments_version, version) VALUES ($1, $2, $3, $4, $5, "
    "$6) "
    "ON CONFLICT (slug) DO UPDATE SET likes = excluded.likes, visits = excluded.visits, comments = excluded.comments, "
    "comments_version = excluded.comments_version, version = excluded.version";
constexpr std::string_view count_all_posts = "SELECT COUNT(*) FROM post_totals";
constexpr std::string_view select_page = "SELECT visits, version FROM page_totals WHERE page = $1";
constexpr std::string_view upsert_page =
    "INSERT INTO page_totals (page, visits, version) VALUES ($1, $2, $3) "
    "ON CONFLICT (page) DO UPDATE SET visits = excluded.visits, version = excluded.version";
constexpr std::string_view count_all_pages = "SELECT COUNT(*) FROM page_totals";
constexpr std::string_view select_site = "SELECT visits, likes, comments, version FROM site_totals WHERE id = 1";
constexpr std::string_view update_site =
    "UPDATE site_totals SET visits = $1, likes = $2, comments = $3, version = $4 WHERE id = 1";

constexpr std::string_view select_state = "SELECT value FROM accumulator_state WHERE name = $1";
constexpr std::string_view insert_state =
    "INSERT INTO accumulator_state (name, value) VALUES ($1, $2) ON CONFLICT DO NOTHING";
constexpr std::string_view upsert_state =
    "INSERT INTO accumulator_state (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = "
    "excluded.value";

constexpr std::string_view count_partitioning = "SELECT COUNT(*) FROM accumulator_state WHERE name = 'partitions'";
constexpr std::string_view identity_name = "database_id";
constexpr std::string_view forgotten_name = "forgotten_before";

/// Nil for what is no id: the columns hold nothing else.
uid id_of(std::string_view text) { return uid::parse(text).value_or(uid{}); }

comment comment_of(const store::row& r) {
  auto state = r.get<std::int64_t>(6);
  return {id_of(r.get<std::string_view>(0)),
          r.get<std::string>(1),
          id_of(r.get<std::optional<std::string>>(2).value_or("")),
          r.get<std::string>(3),
          r.get<std::string>(4),
          r.get<wall_time>(5),
          static_cast<comment_state>(state)};
}

}  // namespace

std::vector<store::migration> migrations() {
  return {{1, "likes", create_likes},
          {2, "events, visits, comments", create_events},
          {3, "partitions", no_partitions, partition_on_postgres}};
}

blog_stats to_stats(std::string_view slug, const post_totals& t) {
  return {std::string{slug}, t.likes, t.version, t.visits, t.comments, t.comments_version, 0};
}

// -- how statements are run ---------------------------------------------------------------------------

void tables::execute(std::string_view sql, store::parameters values) {
  if (first_)
    return;
  if (auto done = tx_.execute(sql, values); !done)
    first_ = done.error();
}

std::int64_t tables::changed(std::string_view sql, store::parameters values) {
  execute(sql, values);
  return first_ ? 0 : tx_.changes();
}

template <class... T>
std::optional<std::tuple<T...>> tables::one(std::string_view sql, store::parameters values) {
  if (first_)
    return std::nullopt;
  auto row = tx_.select_one<T...>(sql, values);
  if (row)
    return std::move(*row);
  first_ = row.error();
  return std::nullopt;
}

std::int64_t tables::number(std::string_view sql, store::parameters values) {
  auto row = one<std::int64_t>(sql, values);
  return row ? std::get<0>(*row) : 0;
}

std::vector<comment> tables::comments(std::string_view sql, store::parameters values) {
  std::vector<comment> all;
  if (first_)
    return all;
  if (auto done = tx_.query(sql, values, [&](const store::row& r) { all.push_back(comment_of(r)); }); !done)
    first_ = done.error();
  return all;
}

uid tables::state(std::string_view name) {
  auto row = one<std::string>(select_state, {name});
  return row ? id_of(std::get<0>(*row)) : uid{};
}

void tables::take_turn() { execute(lock_site, {}); }

// -- seen before? ------------------------------------------------------------------------------------

bool tables::remember(const uid& id) { return changed(insert_seen, {id.str()}) > 0; }
void tables::forget(const uid& id) { execute(delete_seen, {id.str()}); }
bool tables::is_known(const uid& id) { return number(count_seen, {id.str()}) > 0; }
uid tables::forgotten_before() { return state(forgotten_name); }
void tables::set_forgotten_before(const uid& bound) {
  if (bound > forgotten_before())
    execute(upsert_state, {forgotten_name, bound.str()});
}

uid tables::id_with_newer(std::int64_t rows) {
  auto row = one<std::string>(select_seen_from_end, {rows});
  return row ? id_of(std::get<0>(*row)) : uid{};
}

std::optional<wall_time> tables::window_with_newer(std::int64_t rows) {
  auto row = one<wall_time>(select_window_from_end, {rows});
  return row ? std::optional{std::get<0>(*row)} : std::nullopt;
}

std::int64_t tables::sweep_ids(const uid& before, std::int64_t rows_max) {
  return changed(has_partitions() ? sweep_seen_rest : sweep_seen, {before.str(), rows_max});
}
std::int64_t tables::sweep_visits(wall_time before, std::int64_t rows_max) {
  return changed(has_partitions() ? sweep_old_visits_rest : sweep_old_visits, {before, rows_max});
}

bool tables::has_partitions() {
  if (!has_partitions_)
    has_partitions_ = number(count_partitioning, {}) > 0;
  return *has_partitions_;
}

// -- facts ------------------------------------------------------------------------------------------

bool tables::add_like(std::string_view slug, std::string_view visitor) {
  return changed(insert_like, {slug, visitor}) > 0;
}
bool tables::remove_like(std::string_view slug, std::string_view visitor) {
  return changed(delete_like, {slug, visitor}) > 0;
}
bool tables::has_like(std::string_view slug, std::string_view visitor) {
  return number(count_like, {slug, visitor}) > 0;
}
bool tables::add_visit(wall_time window, std::string_view subject, std::string_view visitor) {
  return changed(insert_visit, {window, subject, visitor}) > 0;
}
bool tables::add_comment(const comment& c, std::string_view visitor) {
  auto parent = c.parent.is_nil() ? std::nullopt : std::optional{c.parent.str()};
  return changed(insert_comment,
                 {c.id.str(), c.slug, parent, c.author, c.content, visitor, c.at, static_cast<std::int64_t>(c.state)})
       > 0;
}

// -- comments -----------------------------------------------------------------------------------------

std::optional<comment> tables::load_comment(const uid& id) {
  auto found = comments(select_comment, {id.str()});
  return found.empty() ? std::nullopt : std::optional{std::move(found.front())};
}
void tables::update_comment(const comment& c) {
  execute(set_comment, {c.id.str(), static_cast<std::int64_t>(c.state), c.author, c.content});
  if (c.state == comment_state::deleted)
    execute(forget_visitor, {c.id.str()});
}
std::int64_t tables::count_comments(std::string_view slug) { return number(count_comments_of_post, {slug}); }
std::int64_t tables::count_visible_answers(const uid& parent) { return number(count_answers, {parent.str()}); }
std::vector<comment> tables::shown_comments(const list_comments& m, std::int64_t rows_max) {
  return comments(select_shown, {m.slug, m.after_at, m.after.str(), rows_max});
}
std::vector<comment> tables::newest_comments(std::string_view slug, std::int64_t rows_max) {
  return slug.empty() ? comments(select_newest, {rows_max}) : comments(select_newest_of_post, {slug, rows_max});
}

// -- totals ---------------------------------------------------------------------------------------------

post_totals tables::load_post(std::string_view slug) {
  using n = std::int64_t;
  auto row = one<n, n, n, n, n>(select_post, {slug});
  if (!row)
    return {};
  return {std::get<0>(*row), std::get<1>(*row), std::get<2>(*row), std::get<3>(*row), std::get<4>(*row)};
}
void tables::save_post(std::string_view slug, const post_totals& t) {
  execute(upsert_post, {slug, t.likes, t.visits, t.comments, t.comments_version, t.version});
}
std::int64_t tables::count_posts() { return number(count_all_posts, {}); }

page_totals tables::load_page(std::string_view page) {
  auto row = one<std::int64_t, std::int64_t>(select_page, {page});
  return row ? page_totals{std::get<0>(*row), std::get<1>(*row)} : page_totals{};
}
void tables::save_page(std::string_view page, const page_totals& t) {
  execute(upsert_page, {page, t.visits, t.version});
}
std::int64_t tables::count_pages() { return number(count_all_pages, {}); }

site_stats tables::load_site() {
  using n = std::int64_t;
  auto row = one<n, n, n, n>(select_site, {});
  if (!row)
    return {};
  return {std::get<0>(*row), std::get<1>(*row), std::get<2>(*row), std::get<3>(*row), 0};
}
void tables::save_site(const site_stats& s) { execute(update_site, {s.visits, s.likes, s.comments, s.version}); }

uid tables::identity(const uid& fresh) {
  execute(insert_state, {identity_name, fresh.str()});
  return state(identity_name);
}

}  // namespace beamline::accumulator
