#include "back_end.hpp"
#include "store/postgres/open.hpp"
#include "support/throwaway_postgres.hpp"

// libpqxx 6.4 forgets the answer, about 2 KiB, of a statement during which the connection is lost. Read by the address
// sanitizer, if there is one.
extern "C" const char* __lsan_default_suppressions();  // NOLINT: the name is the sanitizer's
extern "C" const char* __lsan_default_suppressions() { return "leak:libpqxx\n"; }  // NOLINT: as above

namespace beamline::store::test {

const bool is_postgres = true;

struct test_database::state {
  std::string url = beamline::test::throwaway_postgres::shared().create_database();
};

test_database::test_database() : state_{std::make_unique<state>()} {}

test_database::~test_database() = default;

store_options test_database::options() const {
  auto o = store_options{};
  o.database_url = state_->url;
  return o;
}

connections test_database::open(telemetry& events, const clock& time, std::size_t readers) const {
  auto opened = postgres::open({.url = state_->url, .readers = readers}, events, time);
  INFO((opened ? std::string{} : opened.error().message));
  REQUIRE(opened.ok());
  return std::move(*opened);
}

std::string test_database::table_count_sql(std::string_view table) {
  return "SELECT count(*) FROM pg_class WHERE relname = '" + std::string{table} + "'";
}

}  // namespace beamline::store::test
