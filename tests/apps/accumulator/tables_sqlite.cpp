#include "apps/accumulator/tables.hpp"

namespace beamline::accumulator::test {

store::connections open_empty_database(telemetry&, const clock& time) {
  return store::test::open_or_fail({.path = ":memory:"}, time);
}

}  // namespace beamline::accumulator::test
