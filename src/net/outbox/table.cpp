#include "net/outbox/table.hpp"

#include <optional>
#include <string>

namespace beamline::net::outbox {

namespace {

constexpr std::string_view create_entries = R"sql(
CREATE TABLE outbox_entries (
  place       BIGINT NOT NULL PRIMARY KEY CHECK (place > 0),
  event_id    TEXT NOT NULL,
  event_type  TEXT NOT NULL,
  event_key   TEXT NOT NULL,
  payload     BLOB NOT NULL,
  merged      BIGINT NOT NULL CHECK (merged > 0),
  accepted_at BIGINT NOT NULL,
  dead_why    TEXT,
  dead_at     BIGINT
);
)sql";

constexpr std::string_view put_entry =
    "INSERT INTO outbox_entries (place, event_id, event_type, event_key, payload, merged, accepted_at, dead_why, "
    "dead_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (place) DO UPDATE SET payload = "
    "excluded.payload, merged = excluded.merged, dead_why = excluded.dead_why, dead_at = excluded.dead_at";
constexpr std::string_view delete_entry = "DELETE FROM outbox_entries WHERE place = $1";
constexpr std::string_view select_entries =
    "SELECT place, event_id, event_type, event_key, payload, merged, accepted_at, dead_why, dead_at "
    "FROM outbox_entries ORDER BY place";

result<void> put(store::transaction& tx, const row& r) {
  auto why = r.dead ? std::optional{r.dead->why} : std::nullopt;
  auto at = r.dead ? std::optional{r.dead->at} : std::nullopt;
  auto id = r.what.id.str();
  return tx.execute(put_entry,
                    {static_cast<std::int64_t>(r.at), id, r.what.type, r.what.key, store::blob_view{r.what.payload},
                     static_cast<std::int64_t>(r.merged), r.what.at, why, at});
}

}  // namespace

std::vector<store::migration> migrations() { return {{1, "entries", create_entries}}; }

result<void> write_rows(store::transaction& tx, const row_changes& c) {
  for (const auto& r : c.puts)
    if (auto done = put(tx, r); !done)
      return done;
  for (auto p : c.drops)
    if (auto done = tx.execute(delete_entry, {static_cast<std::int64_t>(p)}); !done)
      return done;
  return {};
}

result<std::vector<row>> read_rows(store::transaction& tx) {
  std::vector<row> out;
  std::optional<error> wrong;
  auto take = [&](const store::row& r) {
    row one;
    one.at = r.get<std::uint64_t>("place");
    auto id = uid::parse(r.get<std::string>("event_id"));
    if (!id) {
      wrong = error{errc::corrupt, "outbox_entries, place " + std::to_string(one.at) + ": " + id.error().message};
      return;
    }
    one.what = {*id, r.get<std::string>("event_type"), r.get<std::string>("payload"), r.get<std::string>("event_key"),
                r.get<wall_time>("accepted_at")};
    one.merged = r.get<std::uint64_t>("merged");
    if (auto why = r.get<std::optional<std::string>>("dead_why"))
      one.dead = burial{*why, r.get<std::optional<wall_time>>("dead_at").value_or(wall_time{})};
    out.push_back(std::move(one));
  };
  if (auto done = tx.query(select_entries, {}, take); !done)
    return done.error();
  if (wrong)
    return *wrong;
  return out;
}

}  // namespace beamline::net::outbox
