#include "apps/accumulator/tables.hpp"
#include "store/postgres/open.hpp"
#include "support/throwaway_postgres.hpp"

// libpqxx 6.4 forgets the answer, about 2 KiB, of a statement during which the connection is lost. Read by the address
// sanitizer, if there is one.
extern "C" const char* __lsan_default_suppressions();  // NOLINT: the name is the sanitizer's
extern "C" const char* __lsan_default_suppressions() { return "leak:libpqxx\n"; }  // NOLINT: as above

namespace beamline::accumulator::test {

store::connections open_empty_database(telemetry& events, const clock& time) {
  auto url = beamline::test::throwaway_postgres::shared().create_database();
  auto opened = store::postgres::open({.url = url}, events, time);
  INFO((opened ? std::string{} : opened.error().message));
  REQUIRE(opened.ok());
  return std::move(*opened);
}

}  // namespace beamline::accumulator::test
