#pragma once

#include "base/telemetry.hpp"
#include "base/time.hpp"
#include "store/core.hpp"
#include "store/options.hpp"
#include "support.hpp"

#include <memory>
#include <string>
#include <string_view>

/// The tests that every back end has to pass are compiled once and linked into one program per back end: test_store and
/// test_store_postgres. What differs is behind these declarations, see back_end_sqlite.cpp and back_end_postgres.cpp.
namespace beamline::store::test {

extern const bool is_postgres;

/// What the one says, or the other: for words within messages, which are the database's own.
inline std::string_view said(std::string_view by_sqlite, std::string_view by_postgres) {
  return is_postgres ? by_postgres : by_sqlite;
}

/// An empty database of its own.
class test_database {
public:
  test_database();
  ~test_database();
  test_database(const test_database&) = delete;
  test_database& operator=(const test_database&) = delete;

  /// The options that open it.
  [[nodiscard]] store_options options() const;
  /// Its connections, one that writes and some that read; the test fails if there are none. May be called again, also
  /// beside the first where several nodes may share a database.
  [[nodiscard]] connections open(telemetry& events, const clock& time, std::size_t readers = 0) const;
  /// A query that gives 1 if there is such a table, otherwise 0.
  [[nodiscard]] static std::string table_count_sql(std::string_view table);

private:
  struct state;
  std::unique_ptr<state> state_;
};

/// A core on an empty database, with everything it needs.
struct one_core {
  manual_clock time;
  telemetry events;
  test_database database;
  connections c = database.open(events, time);
  core& on = *c.writer;
};

}  // namespace beamline::store::test
