#include "back_end.hpp"
#include "store/sqlite/open.hpp"

namespace beamline::store::test {

const bool is_postgres = false;

struct test_database::state {
  temp_dir dir;
};

test_database::test_database() : state_{std::make_unique<state>()} {}

test_database::~test_database() = default;

store_options test_database::options() const {
  auto o = store_options{};
  o.path = state_->dir / "a.db";
  return o;
}

connections test_database::open(telemetry&, const clock& time, std::size_t readers) const {
  return open_or_fail({.path = options().path, .readers = readers}, time);
}

std::string test_database::table_count_sql(std::string_view table) {
  return "SELECT count(*) FROM sqlite_schema WHERE name = '" + std::string{table} + "'";
}

}  // namespace beamline::store::test
