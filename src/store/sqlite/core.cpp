#include "store/sqlite/core.hpp"

#include "store/checked_transaction.hpp"

#include <algorithm>
#include <string>

#include <fmt/format.h>

namespace beamline::store::sqlite {

namespace {

using control = connection::control;
using access = connection::access;

constexpr std::string_view create_table_sql = "CREATE TABLE IF NOT EXISTS beamline_migrations ("
                                              "  app TEXT NOT NULL,"
                                              "  version INTEGER NOT NULL,"
                                              "  name TEXT NOT NULL,"
                                              "  checksum TEXT NOT NULL,"
                                              "  applied_at INTEGER NOT NULL,"  // Microseconds since 1970.
                                              "  PRIMARY KEY (app, version)) STRICT";
constexpr std::string_view select_applied_sql =
    "SELECT version, name, checksum FROM beamline_migrations WHERE app = $1 ORDER BY version";
constexpr std::string_view insert_applied_sql =
    "INSERT INTO beamline_migrations (app, version, name, checksum, applied_at) VALUES ($1, $2, $3, $4, $5)";

class sqlite_transaction final : public checked_transaction {
public:
  sqlite_transaction(connection& c, access allowed) : connection_{c}, allowed_{allowed} {}

private:
  result<void> run(std::string_view sql, parameters values, const row_visitor& each) override {
    return connection_.run(sql, values, allowed_, each);
  }
  [[nodiscard]] std::int64_t last_changes() const override { return connection_.changes(); }

  connection& connection_;
  access allowed_;
};

}  // namespace

std::vector<result<void>> sqlite_core::write(std::span<const database::work> batch) {
  auto outcomes = std::vector<result<void>>(batch.size());
  if (write_together(batch, outcomes) == batch_end::lost && batch.size() > 1)
    for (std::size_t i = 0; i < batch.size(); ++i)
      write_together(batch.subspan(i, 1), std::span{outcomes}.subspan(i, 1));
  return outcomes;
}

sqlite_core::batch_end sqlite_core::write_together(std::span<const database::work> batch,
                                                   std::span<result<void>> outcomes) {
  if (auto begun = connection_->run_control(control::begin_write); !begun) {
    std::fill(outcomes.begin(), outcomes.end(), begun);
    return batch_end::finished;
  }
  for (std::size_t i = 0; i < batch.size(); ++i) {
    outcomes[i] = write_one(batch[i]);
    if (!connection_->in_transaction())
      return batch_end::lost;
  }
  if (auto committed = connection_->run_control(control::commit); !committed) {
    roll_back();
    for (auto& o : outcomes)
      if (o)
        o = committed.error().in("commit failed");
  }
  return batch_end::finished;
}

result<void> sqlite_core::write_one(const database::work& fn) {
  if (auto begun = connection_->run_control(control::savepoint); !begun)
    return begun;
  auto tx = sqlite_transaction{*connection_, access::write};
  auto outcome = call(fn, tx);
  if (!connection_->in_transaction())
    return outcome ? error{errc::io, "the database gave up the transaction"} : outcome;
  if (outcome && connection_->has_open_foreign_keys())
    outcome = error{errc::conflict, "a deferred foreign key is still violated at the end of the transaction"};
  if (!outcome)
    if (auto undone = connection_->run_control(control::rollback_to); !undone) {
      roll_back();  // Better nothing of the batch than half of a transaction.
      return undone;
    }
  if (auto released = connection_->run_control(control::release); !released) {
    roll_back();
    return released;
  }
  return outcome;
}

void sqlite_core::roll_back() {
  if (!connection_->in_transaction())
    return;
  // Nothing can be done about a failure here, and nothing depends on it: the next BEGIN reports it.
  (void)connection_->run_control(control::rollback);
}

result<void> sqlite_core::read(const database::work& fn) {
  if (auto begun = connection_->run_control(control::begin_read); !begun)
    return begun;
  auto tx = sqlite_transaction{*connection_, access::read};
  auto outcome = call(fn, tx);
  roll_back();
  return outcome;
}

result<std::vector<applied_migration>> sqlite_core::applied(std::string_view app) {
  auto rows = std::vector<applied_migration>{};
  auto done = connection_->run_own(select_applied_sql, {app}, [&](const row& r) {
    rows.push_back({r.get<int>(0), r.get<std::string>(1), r.get<std::string>(2)});
  });
  if (!done)
    return done.error();
  return rows;
}

result<std::size_t> sqlite_core::migrate(std::string_view app, std::span<const migration> known) {
  if (auto made = connection_->run_own(create_table_sql); !made)
    return made.error().in("migrations");
  auto have = applied(app);
  if (!have)
    return have.error().in("migrations");
  auto start = check_migrations(app, connection_->file(), known, *have);
  if (!start)
    return start.error();
  for (const auto& m : known.subspan(*start))
    if (auto done = apply(app, m); !done) {
      roll_back();
      return error{done.error().code,
                   fmt::format("migration {} (\"{}\") of {} failed and left nothing behind in {}: {}", m.version,
                               m.name, app, connection_->file(), done.error().message)};
    }
  return known.size() - *start;
}

result<void> sqlite_core::apply(std::string_view app, const migration& m) {
  if (auto begun = connection_->run_control(control::begin_write); !begun)
    return begun;
  if (auto done = connection_->run_script(m.sql); !done)
    return done;
  const auto sum = checksum(m);
  if (auto noted = connection_->run_own(insert_applied_sql, {app, m.version, m.name, sum, clock_.wall_now()}); !noted)
    return noted;
  return connection_->run_control(control::commit);
}

}  // namespace beamline::store::sqlite
