#include "program/service_routes.hpp"

#include <doctest/doctest.h>

using namespace beamline::program;

TEST_CASE("a node is ready when all its parts are, and never again once it drains") {
  readiness r;
  CHECK(r.is_ready());
  r.set_waiting("store", "opening");
  CHECK_FALSE(r.is_ready());
  CHECK(r.describe() == R"({"parts":{"store":"opening"},"status":"waiting"})");
  r.set_ready("store");
  CHECK(r.is_ready());
  CHECK(r.describe() == R"({"parts":{"store":"ready"},"status":"ready"})");
  r.set_draining();
  CHECK_FALSE(r.is_ready());
  CHECK(r.describe() == R"({"parts":{"store":"ready"},"status":"draining"})");
}
