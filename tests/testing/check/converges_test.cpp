#include "testing/check/converges.hpp"

#include "testing/simulated_node.hpp"
#include "testing/world.hpp"

#include <doctest/doctest.h>

using namespace beamline;
using namespace beamline::testing;

namespace {

struct bench {
  std::map<std::string, converges::view> says;
  converges c{"presence converges", [this](simulated_node& n) { return says[n.name()]; }};
  world w;

  [[nodiscard]] std::string at_end() {
    w.add_observer(c);
    c.at_end(w);
    return c.broken() ? c.broken()->evidence : "";
  }
};

}  // namespace

TEST_CASE("nodes that say the same converge; one that is down says nothing") {
  bench b;
  b.says = {{"a@sim", {{"x", "1"}}}, {"b@sim", {{"x", "1"}}}, {"c@sim", {{"y", "1"}}}};
  b.w.start_node("a@sim");
  b.w.start_node("b@sim");
  b.w.crash_node(b.w.start_node("c@sim"));
  CHECK(b.at_end() == "");
}

TEST_CASE("no node at all converges") {
  bench b;
  CHECK(b.at_end() == "");
}

TEST_CASE("the one that differs is named, and how") {
  bench b;
  for (auto name : {"a@sim", "b@sim", "c@sim"})
    b.w.start_node(name);
  b.says = {
      {"a@sim", {{"y", "2"}, {"z", "1"}}}, {"b@sim", {{"x", "1"}, {"y", "1"}}}, {"c@sim", {{"x", "1"}, {"y", "1"}}}};
  CHECK(b.at_end()
        == "a@sim differs from b@sim and 1 more: it lacks \"x\"; has \"y\" = \"2\", not \"1\"; has \"z\" beyond");
  CHECK(b.c.broken()->invariant == "presence converges");
}

TEST_CASE("many differences are counted") {
  bench b;
  b.w.start_node("a@sim");
  b.w.start_node("b@sim");
  for (int i = 0; i < 9; ++i)
    b.says["a@sim"]["k" + std::to_string(i)] = "1";
  CHECK(b.at_end()
        == "b@sim differs from a@sim: it lacks \"k0\"; lacks \"k1\"; lacks \"k2\"; lacks \"k3\"; lacks \"k4\"; "
           "4 more differences");
}
