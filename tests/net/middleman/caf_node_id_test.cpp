#include "net/middleman/caf_node_id.hpp"

#include <doctest/doctest.h>

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/io/middleman.hpp>

#include <string>

#include <unistd.h>

using namespace beamline;

namespace {

// Without the middleman CAF gives a system no id.
struct with_middleman : caf::actor_system_config {
  with_middleman() { load<caf::io::middleman>(); }
};

}  // namespace

TEST_CASE("the CAF node id holds a number of this run, not the process number") {
  with_middleman config;
  caf::actor_system system{config};
  CHECK(net::check_node_id(system));
  CHECK_FALSE(caf::to_string(system.node()).ends_with("#" + std::to_string(::getpid())));
}

TEST_CASE("actor systems of one process have different node ids") {
  with_middleman a;
  with_middleman b;
  caf::actor_system one{a};
  caf::actor_system two{b};
  CHECK(one.node() != two.node());
  CHECK(net::check_node_id(two));
}
