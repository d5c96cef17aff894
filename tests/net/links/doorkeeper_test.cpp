#include "net/nodes/doorkeeper.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace beamline;
using namespace beamline::net;

namespace {

constexpr time_point now{};

node_card card_of(std::string name, std::uint64_t incarnation, std::string cluster = "prod") {
  node_card c;
  c.identity = {std::move(name), incarnation};
  c.cluster = std::move(cluster);
  return c;
}

doorkeeper keeper_of(std::string name, std::vector<std::string> allow = {}, std::size_t peers_max = 3) {
  return doorkeeper{{card_of(std::move(name), 5), std::move(allow), peers_max}};
}

}  // namespace

TEST_CASE("a claim is welcome unless something is against that node") {
  auto k = keeper_of("m@h");
  CHECK(k.judge_claim(1, card_of("a@h", 1), now).what == verdict::ok);
  CHECK(k.judge_claim(2, card_of("m@h", 5), now).what == verdict::self);
  CHECK(k.judge_claim(3, card_of("m@h", 6), now).what == verdict::not_allowed);
  CHECK(k.judge_claim(4, card_of("b@h", 1, "staging"), now).what == verdict::not_allowed);
  CHECK(k.judge_claim(5, card_of("no name", 1), now).what == verdict::not_allowed);
  CHECK(k.judge_claim(6, card_of("b@H::1", 1), now).what == verdict::not_allowed);
}

TEST_CASE("an allow-list has names, hosts and name halves, for both directions") {
  auto k = keeper_of("m@h", {"a@one", "*@two", "c@*"});
  for (const auto* name : {"a@one", "x@two", "c@nine"}) {
    CHECK(k.judge_claim(1, card_of(name, 1), now).what == verdict::ok);
    CHECK(k.judge_answer(2, card_of(std::string{name} + "9", 1), verdict::ok, now).what
          == (std::string{name} == "c@nine" ? verdict::ok : verdict::not_allowed));
    k.over(1);
    k.over(2);
  }
  for (const auto* name : {"a@two2", "a@On", "cc@nine"})
    CHECK(k.judge_claim(3, card_of(name, 1), now).what == verdict::not_allowed);
}

TEST_CASE("an earlier run of a node that proved itself is stale, and a ban ends by itself") {
  auto k = keeper_of("m@h");
  CHECK(k.judge_claim(1, card_of("a@h", 7), now).what == verdict::ok);
  CHECK(k.judge_claim(2, card_of("a@h", 6), now).what == verdict::ok);  // Nothing is proven yet.
  CHECK(k.proven(1) == std::vector<doorkeeper::attempt>{2});
  k.over(1);
  k.over(2);
  CHECK(k.judge_claim(3, card_of("a@h", 6), now).what == verdict::stale_incarnation);
  CHECK(k.judge_answer(4, card_of("a@h", 6), verdict::ok, now).what == verdict::stale_incarnation);
  CHECK(k.judge_claim(5, card_of("a@h", 8), now).what == verdict::ok);
  k.over(5);
  k.ban("a@h", now + 10s);
  CHECK(k.judge_claim(6, card_of("a@h", 8), now + 9s).what == verdict::not_allowed);
  CHECK(k.judge_claim(6, card_of("a@h", 8), now + 10s).what == verdict::ok);
}

TEST_CASE("a node that is linked is alive; the table of peers has an end") {
  auto k = keeper_of("m@h", {}, 2);
  k.up({"a@h", 7});
  CHECK(k.judge_claim(1, card_of("a@h", 7), now).what == verdict::alive);
  CHECK(k.judge_claim(2, card_of("a@h", 8), now).what == verdict::ok);
  CHECK(k.judge_answer(3, card_of("a@h", 7), verdict::ok, now).what == verdict::alive);
  k.up({"b@h", 1});
  CHECK(k.judge_claim(4, card_of("c@h", 1), now).what == verdict::not_allowed);
  CHECK(k.judge_claim(5, card_of("b@h", 2), now).what == verdict::ok);  // Known: it takes no place.
  k.down("a@h");
  CHECK(k.judge_claim(6, card_of("c@h", 1), now).what == verdict::ok);
}

TEST_CASE("of two connections that crossed, the one of the greater name counts, and the other one waits for it") {
  SUBCASE("the greater name refuses when it knows") {
    auto k = keeper_of("z@h");
    CHECK(k.judge_answer(1, card_of("a@h", 1), verdict::ok, now).what == verdict::ok);
    CHECK(k.judge_claim(2, card_of("a@h", 1), now).what == verdict::nok);
    CHECK_FALSE(k.must_wait(1));
  }
  SUBCASE("the greater name lets what it accepted before wait") {
    auto k = keeper_of("z@h");
    CHECK(k.judge_claim(1, card_of("a@h", 1), now).what == verdict::ok);
    CHECK_FALSE(k.must_wait(1));
    CHECK(k.judge_answer(2, card_of("a@h", 1), verdict::ok, now).what == verdict::ok);
    CHECK(k.must_wait(1));
    k.over(2);
    CHECK_FALSE(k.must_wait(1));
  }
  SUBCASE("the smaller name says that both dialled, and its own attempt waits") {
    auto k = keeper_of("a@h");
    CHECK(k.judge_answer(1, card_of("z@h", 1), verdict::ok, now).what == verdict::ok);
    CHECK(k.judge_claim(2, card_of("z@h", 1), now).what == verdict::ok_simultaneous);
    CHECK(k.must_wait(1));
    CHECK_FALSE(k.must_wait(2));
    CHECK(k.proven(2) == std::vector<doorkeeper::attempt>{1});
  }
  SUBCASE("a dial that has waited long enough waits no more for claims, but for who knows the cookie") {
    auto k = keeper_of("a@h");
    CHECK(k.judge_answer(1, card_of("z@h", 1), verdict::ok, now).what == verdict::ok);
    CHECK(k.judge_claim(2, card_of("z@h", 1), now).what == verdict::ok_simultaneous);
    CHECK(k.must_wait(1));
    CHECK_FALSE(k.must_wait(1, true));
    k.shown(2);
    CHECK(k.must_wait(1, true));
    CHECK(k.proven(2) == std::vector<doorkeeper::attempt>{1});
  }
  SUBCASE("what the greater name accepted waits for its own dial, however long") {
    auto k = keeper_of("z@h");
    CHECK(k.judge_claim(1, card_of("a@h", 1), now).what == verdict::ok);
    CHECK(k.judge_answer(2, card_of("a@h", 1), verdict::ok, now).what == verdict::ok);
    CHECK(k.must_wait(1, true));
  }
  SUBCASE("a peer that calls us alive has a link that we are about to see") {
    auto k = keeper_of("z@h");
    CHECK(k.judge_claim(1, card_of("a@h", 1), now).what == verdict::ok);
    CHECK(k.judge_answer(2, card_of("a@h", 1), verdict::alive, now).what == verdict::nok);
    k.over(1);
    CHECK(k.judge_answer(3, card_of("a@h", 1), verdict::alive, now).what == verdict::ok);  // Its link is half dead.
  }
}

TEST_CASE("what a doorkeeper remembers is bounded") {
  auto k = keeper_of("m@h", {}, 100'000);
  for (std::uint64_t i = 0; i < doorkeeper::names_max + 10; ++i) {
    CHECK(k.judge_claim(i, card_of("n" + std::to_string(i) + "@h", 9), now).what == verdict::ok);
    (void)k.proven(i);
    k.over(i);
    k.ban("b" + std::to_string(i) + "@h", now + std::chrono::seconds{i});
  }
  CHECK(k.judge_claim(1, card_of("n0@h", 1), now).what == verdict::ok);  // Forgotten.
  CHECK(k.judge_claim(2, card_of("n20@h", 1), now).what == verdict::stale_incarnation);
  auto last = "b" + std::to_string(doorkeeper::names_max + 9) + "@h";
  CHECK(k.judge_claim(3, card_of(last, 1), now).what == verdict::not_allowed);
  CHECK(k.judge_claim(4, card_of("b3@h", 1), now).what == verdict::ok);
}
