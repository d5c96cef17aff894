#include "web/live/connection_views.hpp"

#include <doctest/doctest.h>

using namespace beamline;
using namespace beamline::web::live;

namespace {

const auto here = std::make_shared<const node_identity>(node_identity{"test@127.0.0.1", 1});
pid process_of(std::uint64_t id) { return {here, id}; }

}  // namespace

TEST_CASE("a parent is alive from its mount to its end, and only the one that was meant") {
  connection_views views;
  CHECK(views.status({"phx-P", 7}) == parent_status::gone);
  views.mounted("phx-P", process_of(7), process_of(7));
  CHECK(views.status({"phx-P", 7}) == parent_status::alive);
  CHECK(views.status({"phx-P", 8}) == parent_status::gone);
  CHECK(views.status({"phx-Q", 7}) == parent_status::gone);
  SUBCASE("ended") {
    views.ended("phx-P", process_of(7));
    CHECK(views.status({"phx-P", 7}) == parent_status::gone);
  }
  SUBCASE("mounted anew") {
    views.mounted("phx-P", process_of(8), process_of(8));
    CHECK(views.status({"phx-P", 7}) == parent_status::gone);
    views.ended("phx-P", process_of(7));  // Late news of the one before.
    views.redirecting("phx-P", process_of(7));
    CHECK(views.status({"phx-P", 8}) == parent_status::alive);
  }
  SUBCASE("redirecting, and still after its end") {
    views.redirecting("phx-P", process_of(7));
    CHECK(views.status({"phx-P", 7}) == parent_status::redirecting);
    CHECK_FALSE(views.find({"phx-P", 7}).has_value());
    views.ended("phx-P", process_of(7));
    CHECK(views.status({"phx-P", 7}) == parent_status::redirecting);
  }
}

TEST_CASE("a view inside a nested one has the same root") {
  connection_views views;
  views.mounted("phx-P", process_of(7), process_of(7));
  views.mounted("kid", process_of(8), process_of(7));
  const auto family = views.find({"kid", 8});
  REQUIRE(family.has_value());
  CHECK(family->parent == process_of(8));
  CHECK(family->root == process_of(7));
}

TEST_CASE("views that have redirected are forgotten when there are many") {
  connection_views views;
  views.mounted("stays", process_of(1), process_of(1));
  for (std::uint64_t n = 2; n < 4 + connection_views::ended_max; ++n) {
    const auto id = "phx-" + std::to_string(n);
    views.mounted(id, process_of(n), process_of(n));
    views.redirecting(id, process_of(n));
    views.ended(id, process_of(n));
  }
  CHECK(views.status({"phx-2", 2}) == parent_status::gone);
  CHECK(views.status({"stays", 1}) == parent_status::alive);
}
