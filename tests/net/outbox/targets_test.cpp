#include "net/outbox/targets.hpp"

#include <doctest/doctest.h>

using namespace beamline;
using net::outbox::targets;

namespace {

peer_info node(std::string name, std::string role, bool is_hidden = false) {
  peer_info p;
  p.identity = {std::move(name), 1};
  p.role = std::move(role);
  p.is_hidden = is_hidden;
  return p;
}

}  // namespace

TEST_CASE("SY24 a target is chosen by its role, whatever its name; a configured prefix is compared as it is") {
  targets by_role{{.role = "accumulator"}};
  CHECK(by_role.up(node("acc@h", "accumulator")));
  CHECK_FALSE(by_role.up(node("acc-staging@h", "staging")));
  CHECK(by_role.all() == std::set<std::string>{"acc@h"});

  // As in the reference: who wants one of the two writes `acc@`.
  targets by_prefix{{.role = "accumulator", .prefix = "acc"}};
  CHECK(by_prefix.up(node("acc-staging@h", "staging")));
  CHECK(by_prefix.up(node("acc@h", "accumulator")));
  CHECK_FALSE(by_prefix.up(node("the-acc@h", "accumulator")));
  targets exact{{.role = "accumulator", .prefix = "acc@"}};
  CHECK(exact.up(node("acc@h", "anything")));
  CHECK_FALSE(exact.up(node("acc-staging@h", "accumulator")));
}

TEST_CASE("an outbox stays with one target until that one fails or goes, then takes the next by name") {
  targets t{{.role = "r"}};
  CHECK_FALSE(t.current());
  t.up(node("b@h", "r"));
  t.up(node("a@h", "r"));
  t.up(node("c@h", "r"));
  CHECK(t.current() == "b@h");
  t.failed();
  CHECK(t.current() == "c@h");
  t.failed();
  CHECK(t.current() == "a@h");
  CHECK(t.down("c@h"));
  CHECK(t.current() == "a@h");
  CHECK(t.down("a@h"));
  CHECK(t.current() == "b@h");
  t.failed();
  CHECK(t.current() == "b@h");
  CHECK(t.down("b@h"));
  CHECK_FALSE(t.current());
  t.failed();
  CHECK_FALSE(t.current());
  CHECK_FALSE(t.down("b@h"));
}

TEST_CASE("a node that has the role itself is its own target") {
  targets t{{.role = "r", .own_name = "me@h", .own_role = "r"}};
  CHECK(t.current() == "me@h");
  CHECK_FALSE(t.down("me@h"));
  CHECK(t.current() == "me@h");
}

TEST_CASE("hidden nodes are no targets") {
  targets t{{.role = "r"}};
  CHECK_FALSE(t.up(node("tool@h", "r", true)));
  CHECK_FALSE(t.current());
}
