#include "pubsub/presence/tracker/transfers.hpp"

#include "pubsub/presence/tracker/limits.hpp"

#include <doctest/doctest.h>

using namespace beamline;
using namespace beamline::presence;

namespace {

const time_point start{1h};

bytes large(std::size_t parts) {
  bytes octets;
  for (std::size_t i = 0; octets.size() < (parts - 1) * transfer_part_octets + 1; ++i)
    octets += std::to_string(i) + ",";
  return octets;
}

}  // namespace

TEST_CASE("a large state is fetched part by part, and is one again at the end") {
  transfers_wanted here;
  transfers_served there;
  auto sent = large(4);
  auto wish = here.want("b@sim", false, start);
  REQUIRE(wish);
  CHECK_FALSE(here.want("b@sim", false, start));
  auto part = there.begin("a@sim", wish->ref, sent, start);
  for (std::uint64_t i = 0; i < 3; ++i) {
    REQUIRE(part);
    CHECK(part->part == i);
    CHECK(part->octets.size() == transfer_part_octets);
    auto got = here.take("b@sim", *part, start);
    REQUIRE(got.next);
    CHECK(got.next->part == i + 1);
    part = there.part("a@sim", got.next->ref, got.next->part, start);
  }
  auto got = here.take("b@sim", *part, start);
  REQUIRE(got.complete);
  CHECK(*got.complete == sent);
  CHECK_FALSE(here.is_waiting_for("b@sim"));
  CHECK(there.size() == 0);
}

TEST_CASE("a part that is not the next one is nothing, and one that nobody asked for counts if it is all") {
  transfers_wanted here;
  transfers_served there;
  auto first = there.begin("a@sim", 77, large(3), start);
  CHECK_FALSE(here.take("b@sim", *first, start).complete);
  CHECK_FALSE(here.take("b@sim", *first, start).next);
  auto small = there.begin("a@sim", 78, "all", start);
  CHECK(here.take("b@sim", *small, start).complete == "all");
  auto wish = here.want("b@sim", false, start);
  auto part = there.begin("a@sim", wish->ref, large(3), start);
  CHECK(here.take("b@sim", *part, start).next);
  CHECK_FALSE(here.take("b@sim", *part, start).next);
  SUBCASE("a segment is none if none was asked for") {
    small->is_segment = true;
    CHECK_FALSE(here.take("c@sim", *small, start).complete);
  }
  SUBCASE("nor is one of more parts than may be") {
    auto again = here.want("c@sim", false, start);
    wire_transfer t;
    t.ref = again->ref;
    t.parts = transfer_parts_max + 1;
    CHECK_FALSE(here.take("c@sim", t, start).next);
  }
  SUBCASE("nor is one that is larger than a part") {
    auto again = here.want("c@sim", false, start);
    wire_transfer t;
    t.ref = again->ref;
    t.parts = 2;
    t.octets.assign(transfer_part_octets + 1, 'x');
    CHECK_FALSE(here.take("c@sim", t, start).next);
    t.octets.pop_back();
    CHECK(here.take("c@sim", t, start).next);
  }
}

TEST_CASE("two runs of a shard count their questions from different numbers") {
  transfers_wanted one{7}, other{7'000};
  CHECK(one.want("b@sim", false, start)->ref == 8);
  CHECK(other.want("b@sim", false, start)->ref == 7'001);
}

TEST_CASE("what is not answered is asked for again under another number, so often and no more") {
  transfers_wanted here;
  auto wish = here.want("b@sim", true, start);
  CHECK(here.overdue(start - 1s, start).empty());
  auto ref = wish->ref;
  for (int i = 1; i < transfer_tries_max; ++i) {
    auto again = here.overdue(start, start);
    REQUIRE(again.size() == 1);
    CHECK(again[0].node == "b@sim");
    CHECK(again[0].is_segment);
    CHECK(again[0].part == 0);
    CHECK(again[0].ref > ref);
    ref = again[0].ref;
  }
  CHECK(here.overdue(start, start).empty());
  CHECK_FALSE(here.is_waiting_for("b@sim"));
}

TEST_CASE("only so many states wait to be fetched, and none for ever") {
  transfers_served there;
  for (std::size_t i = 0; i < transfers_served_max; ++i)
    CHECK(there.begin(std::to_string(i), 1, large(2), start));
  CHECK_FALSE(there.begin("one more", 1, large(2), start));
  CHECK(there.begin("one more", 1, "small", start));
  CHECK(there.begin("0", 2, large(2), start));
  CHECK_FALSE(there.part("0", 1, 1, start));
  CHECK_FALSE(there.part("0", 2, 2, start));
  CHECK(there.part("1", 1, 1, start + 5s));
  there.forget_before(start + 1s);
  CHECK(there.size() == 0);
  CHECK_FALSE(there.part("0", 2, 1, start));
}
