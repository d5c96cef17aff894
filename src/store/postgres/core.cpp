#include "store/postgres/core.hpp"

#include "store/checked_transaction.hpp"
#include "store/events.hpp"
#include "store/postgres/translate.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include <fmt/format.h>

namespace beamline::store::postgres {

namespace {

// Of the advisory lock that makes Beamline's nodes write one at a time: "beamline" in octets.
constexpr std::int64_t writers_lock = 0x6265616d6c696e65;

constexpr std::string_view begin_read_sql = "BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY";
// What was deferred to the end of the transaction is checked at the end of each part of it.
constexpr std::string_view next_part_sql =
    "SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED; RELEASE SAVEPOINT one; SAVEPOINT one";
constexpr std::string_view undo_part_sql = "ROLLBACK TO SAVEPOINT one";
constexpr std::string_view create_table_sql = "CREATE TABLE IF NOT EXISTS beamline_migrations ("
                                              "  app TEXT NOT NULL,"
                                              "  version BIGINT NOT NULL,"
                                              "  name TEXT NOT NULL,"
                                              "  checksum TEXT NOT NULL,"
                                              "  applied_at BIGINT NOT NULL,"  // Microseconds since 1970.
                                              "  PRIMARY KEY (app, version))";
constexpr std::string_view select_applied_sql =
    "SELECT version, name, checksum FROM beamline_migrations WHERE app = $1 ORDER BY version";
constexpr std::string_view insert_applied_sql =
    "INSERT INTO beamline_migrations (app, version, name, checksum, applied_at) VALUES ($1, $2, $3, $4, $5)";

std::string begin_write_sql(std::string_view then = {}) {
  return fmt::format("BEGIN; SELECT pg_advisory_xact_lock({}){}", writers_lock, then);
}

std::string_view to_string(postgres_core::role r) { return r == postgres_core::role::writer ? "writer" : "reader"; }

/// Migrations with the text that this back end runs, and remembers the checksum of.
std::vector<migration> own_texts(std::span<const migration> known) {
  auto all = std::vector<migration>{known.begin(), known.end()};
  for (auto& m : all)
    if (!m.postgres.empty())
      m.sql = m.postgres;
  return all;
}

class postgres_transaction final : public checked_transaction {
public:
  explicit postgres_transaction(session& s) : session_{s} {}

private:
  result<void> run(std::string_view sql, parameters values, const row_visitor& each) override {
    return session_.run(sql, values, each);
  }
  [[nodiscard]] std::int64_t last_changes() const override { return session_.changes(); }

  session& session_;
};

}  // namespace

postgres_core::postgres_core(session::options opts, role r, std::uint64_t seed, std::unique_ptr<session> connected_one,
                             parts p)
    : options_{std::move(opts)}, role_{r}, parts_{p}, plan_{seed}, session_{std::move(connected_one)} {}

// -- the connection --------------------------------------------------------------------------

result<void> postgres_core::connect() {
  if (session_)
    return {};
  const auto& server = options_.server.text();
  if (is_interrupted_.load())
    return error{errc::unavailable, "the store is closing; nothing happened"};
  if (const auto now = parts_.time.now(); !plan_.is_due(now))
    return error{errc::unavailable, fmt::format("{}; nothing happened, the next attempt to connect comes within {} ms",
                                                why_lost_.message, to_ms(plan_.time_left(now)) + 1)};
  auto made = session::connect(options_);
  const auto attempts = plan_.failures() + 1;
  if (!made) {
    const auto now = parts_.time.now();
    plan_.on_failed(now);
    why_lost_ = made.error();
    parts_.events.emit(connect_failed{server, to_string(role_), why_lost_.message, attempts, plan_.time_left(now)});
    return error{errc::unavailable, why_lost_.message + "; nothing happened"};
  }
  plan_.on_connected();
  {
    auto lock = std::lock_guard{mutex_};
    session_ = std::move(*made);
    if (is_interrupted_.load())
      session_->cancel();
  }
  parts_.events.emit(connected{server, to_string(role_), attempts});
  return {};
}

void postgres_core::drop(const error& why) {
  auto gone = std::unique_ptr<session>{};
  {
    auto lock = std::lock_guard{mutex_};
    gone = std::move(session_);
  }
  why_lost_ = why;
  parts_.events.emit(disconnected{options_.server.text(), to_string(role_), why.message});
}

postgres_core::end postgres_core::judge(const error& why) {
  switch (session_->last_aftermath()) {
    case aftermath::lost: drop(why); return end::lost;
    case aftermath::to_repeat: roll_back(); return end::in_the_way;
    case aftermath::none:
    case aftermath::failed: break;
  }
  return end::finished;
}

void postgres_core::roll_back() {
  if (!session_)
    return;
  if (auto done = session_->run_own("ROLLBACK"); !done && session_->last_aftermath() == aftermath::lost)
    drop(done.error());
}

std::optional<duration> postgres_core::tend() {
  if (is_interrupted_.load())
    return std::nullopt;
  if (session_)
    if (auto there = session_->check(); !there)
      drop({errc::unavailable, fmt::format("the connection to {} was lost while it was idle", options_.server.text())});
  // What came of it is told to telemetry; who needs the connection learns it then.
  (void)connect();
  if (session_)
    return watch_interval;
  return std::max(duration{1ms}, plan_.time_left(parts_.time.now()));
}

void postgres_core::interrupt() noexcept {
  is_interrupted_.store(true);
  auto lock = std::lock_guard{mutex_};
  if (session_)
    session_->cancel();
}

// -- writing -----------------------------------------------------------------------------------

std::vector<result<void>> postgres_core::write(std::span<const database::work> batch) {
  auto outcomes = std::vector<result<void>>(batch.size());
  if (!write_persistently(batch, outcomes) && batch.size() > 1)
    for (std::size_t i = 0; i < batch.size(); ++i)
      write_persistently(batch.subspan(i, 1), std::span{outcomes}.subspan(i, 1));
  return outcomes;
}

bool postgres_core::write_persistently(std::span<const database::work> batch, std::span<result<void>> outcomes) {
  auto how = end::finished;
  for (int i = 0; i < attempts_max; ++i) {
    how = write_together(batch, outcomes);
    if (how == end::finished)
      return true;
  }
  const auto why = how == end::lost
                     ? why_lost_
                     : error{errc::busy, fmt::format("other programs write the same rows of {}: given up after {} "
                                                     "attempts, nothing happened, try again later",
                                                     options_.server.text(), attempts_max)};
  std::fill(outcomes.begin(), outcomes.end(), result<void>{why});
  return how == end::lost;
}

postgres_core::end postgres_core::write_together(std::span<const database::work> batch,
                                                 std::span<result<void>> outcomes) {
  const bool is_alone = batch.size() == 1;
  auto begun = connect();
  if (begun) {
    begun = session_->run_own(begin_write_sql(is_alone ? "" : "; SAVEPOINT one"));
    if (!begun) {
      const auto how = judge(begun.error());
      if (how != end::finished)
        return how;
      roll_back();
    }
  }
  if (!begun) {
    std::fill(outcomes.begin(), outcomes.end(), begun);
    return end::finished;
  }
  for (std::size_t i = 0; i < batch.size(); ++i) {
    auto how = end::finished;
    outcomes[i] = write_one(batch[i], is_alone, how);
    if (how != end::finished)
      return how;
  }
  return finish(outcomes, is_alone);
}

result<void> postgres_core::write_one(const database::work& fn, bool is_alone, end& how) {
  auto tx = postgres_transaction{*session_};
  auto outcome = call(fn, tx);
  if (!outcome)
    how = judge(outcome.error());
  if (how != end::finished || is_alone)
    return outcome;
  if (outcome) {
    outcome = session_->run_own(next_part_sql);
    if (outcome)
      return outcome;
    outcome = outcome.error().in("at the end of the transaction");
    how = judge(outcome.error());
    if (how != end::finished)
      return outcome;
  }
  if (auto undone = session_->run_own(undo_part_sql); !undone) {
    how = judge(undone.error());
    // Better nothing of the batch than half of a transaction: this one is run again with the others.
    if (how == end::finished) {
      roll_back();
      how = end::in_the_way;
    }
  }
  return outcome;
}

/// Ends the transaction. `is_alone`: a piece of work without a savepoint takes the transaction with it.
postgres_core::end postgres_core::finish(std::span<result<void>> outcomes, bool is_alone) {
  if (is_alone && !outcomes.front()) {
    roll_back();
    return end::finished;
  }
  auto committed = session_->run_own("COMMIT");
  if (committed)
    return end::finished;
  const auto how = judge(committed.error());
  if (how == end::in_the_way)
    return how;
  const auto why =
      how == end::lost
          ? error{errc::io, fmt::format("commit in doubt: the connection to {} was lost before its answer; whether the "
                                        "transaction took effect is not known, repeat it only where a repetition is "
                                        "recognised",
                                        options_.server.text())}
          : committed.error().in("commit failed");
  for (auto& o : outcomes)
    if (o)
      o = why;
  return end::finished;
}

// -- reading -----------------------------------------------------------------------------------

result<void> postgres_core::read(const database::work& fn) {
  auto outcome = result<void>{};
  for (int i = 0; i < attempts_max; ++i) {
    if (auto there = connect(); !there)
      return there;
    outcome = session_->run_own(begin_read_sql);
    if (outcome) {
      auto tx = postgres_transaction{*session_};
      outcome = call(fn, tx);
    }
    if (outcome || judge(outcome.error()) == end::finished)
      break;
  }
  roll_back();
  return outcome;
}

// -- migrations --------------------------------------------------------------------------------

result<std::size_t> postgres_core::migrate(std::string_view app, std::span<const migration> known) {
  const auto own = own_texts(known);
  auto outcome = result<std::size_t>{0};
  for (int i = 0; i < attempts_max; ++i) {
    if (auto there = connect(); !there)
      return there.error();
    outcome = migrate_once(app, own);
    // A migration whose commit was in doubt is found, or found missing, by the next attempt.
    if (outcome || !session_ || judge(outcome.error()) == end::finished)
      break;
  }
  if (!outcome)
    roll_back();
  return outcome;
}

result<std::size_t> postgres_core::migrate_once(std::string_view app, std::span<const migration> known) {
  if (auto made = session_->run_own(begin_write_sql("; ") + std::string{create_table_sql} + "; COMMIT"); !made)
    return made.error().in("migrations");
  auto have = applied(app);
  if (!have)
    return have.error().in("migrations");
  auto start = check_migrations(app, options_.server.text(), known, *have);
  if (!start)
    return start.error();
  for (const auto& m : known.subspan(*start))
    if (auto done = apply(app, m); !done)
      return error{done.error().code,
                   fmt::format("migration {} (\"{}\") of {} failed and left nothing behind in {}: {}", m.version,
                               m.name, app, options_.server.text(), done.error().message)};
  return known.size() - *start;
}

result<std::vector<applied_migration>> postgres_core::applied(std::string_view app) {
  auto rows = std::vector<applied_migration>{};
  auto done = session_->run(select_applied_sql, {app}, [&](const row& r) {
    rows.push_back({r.get<int>(0), r.get<std::string>(1), r.get<std::string>(2)});
  });
  if (!done)
    return done.error();
  return rows;
}

result<void> postgres_core::apply(std::string_view app, const migration& m) {
  auto texts = translate_script(m.sql);
  if (!texts)
    return texts.error();
  // A migration takes the time it takes.
  if (auto begun = session_->run_own(begin_write_sql("; SET LOCAL statement_timeout = 0")); !begun)
    return begun;
  auto have = applied(app);
  if (!have)
    return have.error();
  // Another node may have applied it while this one waited for the lock.
  const bool is_there = std::any_of(have->begin(), have->end(), [&](const auto& a) { return a.version == m.version; });
  if (is_there)
    return session_->run_own("COMMIT");
  for (const auto& text : *texts)
    if (auto done = session_->run_own(text); !done)
      return done;
  const auto sum = checksum(m);
  if (auto noted = session_->run(insert_applied_sql, {app, m.version, m.name, sum, parts_.time.wall_now()}, {}); !noted)
    return noted;
  return session_->run_own("COMMIT");
}

}  // namespace beamline::store::postgres
