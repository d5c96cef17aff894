#include "pubsub/presence/crdt/delta_wire.hpp"

#include "base/random.hpp"
#include "pubsub/presence/crdt/crdt_texts.hpp"

#include <doctest/doctest.h>

using namespace beamline;
using namespace beamline::presence;
using namespace beamline::presence::test;

namespace {

const replica_id a = replica("a");
const replica_id b = replica("b", 7);

/// Something of everything: two replicas, several topics, equal metas, removals.
delta some_changes(std::uint64_t seed) {
  seeded_random chance{seed};
  std::optional<delta> all;
  for (const auto& r : {a, b}) {
    state s{r};
    for (int n = 0; n < 20; ++n) {
      auto who = key("topic:" + std::to_string(chance.below(3)), "key" + std::to_string(chance.below(4)),
                     chance.below(1'000'000'000));
      (void)s.join(who, meta("{\"n\":" + std::to_string(chance.below(3)) + "}"));
      if (chance.below(3) == 0)
        (void)s.leave(who);
      if (chance.below(8) == 0)
        s.reset_changes();
    }
    all = all ? merged(*all, s.changes()) : s.changes();
  }
  return *all;
}

delta some_state(std::uint64_t seed) {
  auto d = some_changes(seed);
  d.is_whole = true;
  d.start.clear();
  d.cloud.clear();
  return d;
}

std::string message_of(const result<delta>& r) { return r ? "read" : r.error().message; }

}  // namespace

TEST_CASE("a delta is read as it was written") {
  for (std::uint64_t seed = 1; seed <= 50; ++seed)
    for (const auto& d : {some_changes(seed), some_state(seed), delta{}, delta{.is_whole = true}}) {
      auto octets = pack(d);
      auto read = unpack(octets);
      REQUIRE_MESSAGE(read.ok(), message_of(read));
      CHECK(*read == d);
      CHECK(pack(*read) == octets);
    }
}

TEST_CASE("an entry of a known topic and meta takes its key and a few octets") {
  state s{replica("a-long-name-of-a-node@with-a-host.example")};
  for (std::uint64_t n = 0; n < 1'000; ++n)
    (void)s.join(key("a:rather:long:name:of:a:topic", "k", n), meta(R"({"role":"guest","since":12345678})"));
  CHECK(pack(s.changes()).size() < 1'000 * 9);
  CHECK_MESSAGE(pack(s.changes()).size() > 1'000 * 6, "there is something in it");
}

TEST_CASE("what has no meaning is refused, with what was expected") {
  auto octets = pack(some_changes(1));
  SUBCASE("nothing") { CHECK_FALSE(unpack("").ok()); }
  SUBCASE("another format") {
    octets[0] = 2;
    auto read = unpack(octets);
    REQUIRE_FALSE(read.ok());
    CHECK(read.error().code == errc::unsupported);
    CHECK(read.error().message.find("format 2; this release reads format 1") != std::string::npos);
  }
  SUBCASE("something behind its end") { CHECK_FALSE(unpack(octets + "x").ok()); }
  SUBCASE("less than all of it, wherever it is cut") {
    for (std::size_t n = 0; n < octets.size(); ++n)
      REQUIRE_FALSE(unpack(std::string_view{octets}.substr(0, n)).ok());
  }
  SUBCASE("a topic, a key, a meta that is too long") {
    CHECK(unpack(octets, {.topic_octets_max = 7, .key_octets_max = 4, .meta_octets_max = 7}).ok());
    for (auto limits :
         {delta_limits{.topic_octets_max = 6}, delta_limits{.key_octets_max = 3}, delta_limits{.meta_octets_max = 6}}) {
      auto read = unpack(octets, limits);
      REQUIRE_FALSE(read.ok());
      CHECK(read.error().code == errc::too_large);
    }
  }
  SUBCASE("replicas in the wrong order") {
    byte_writer out;
    out.u8(delta_format);
    out.boolean(false);
    out.varint(2);
    for (int n = 0; n < 2; ++n) {
      out.blob("a");
      out.varint(1);
      out.u8(0);
    }
    CHECK(message_of(unpack(out.take())).find("replica a follows a") != std::string::npos);
  }
  SUBCASE("changes that lack dots of their range") {
    delta d{.start = {{a, 1}}, .end = {{a, 4}}};
    d.cloud[a].insert(2, 3);
    CHECK(message_of(unpack(pack(d))).find("changes of a without their dots") != std::string::npos);
    d.cloud[a].insert(4);
    CHECK(unpack(pack(d)).ok());
    d.start[a] = 5;
    CHECK_FALSE(unpack(pack(d)).ok());
  }
  SUBCASE("an entry that is none of the dots") {
    auto d = some_changes(1);
    d.cloud.at(b).clear();
    d.cloud.at(b).insert(1);
    d.start[b] = d.end[b] = 1;
    CHECK(message_of(unpack(pack(d))).find("that is none of its dots") != std::string::npos);
  }
  SUBCASE("a whole state with a start") {
    auto d = some_changes(1);
    d.is_whole = true;
    CHECK(message_of(unpack(pack(d))).find("a whole state with a start, or dots, of a") != std::string::npos);
  }
  SUBCASE("a counter that nobody reaches") {
    delta d{.start = {{a, 0}}, .end = {{a, counter_max + 1}}};
    CHECK(message_of(unpack(pack(d))).find("a counter beyond 2^62") != std::string::npos);
  }
  SUBCASE("a number of elements that the octets cannot hold") {
    byte_writer out;
    out.u8(delta_format);
    out.boolean(false);
    out.varint(UINT64_MAX);
    CHECK_FALSE(unpack(out.take()).ok());
  }
}

TEST_CASE("whatever octets come, they are refused or read, and what is read does no harm to a state") {
  seeded_random chance{3};
  std::vector<bytes> good;
  for (std::uint64_t seed = 1; seed <= 20; ++seed)
    for (const auto& d : {some_changes(seed), some_state(seed)})
      good.push_back(pack(d));
  std::size_t read_count = 0;
  state s{replica("z")};
  (void)s.join(key("topic:1", "own"), meta());
  (void)s.replica_up(a);
  (void)s.replica_up(b);
  generations recent;
  for (int n = 0; n < 8'000; ++n) {
    auto octets = good[chance.below(good.size())];
    if (n % 4 == 0) {  // From the start.
      octets.resize(chance.below(60));
      for (auto& c : octets)
        c = static_cast<char>(chance.below(chance.below(3) == 0 ? 256 : 4));
      if (!octets.empty())
        octets[0] = static_cast<char>(delta_format);
    } else {
      for (auto flips = chance.below(4) + 1; flips > 0; --flips)
        octets[chance.below(octets.size())] = static_cast<char>(chance.below(256));
    }
    auto read = unpack(octets);
    if (!read) {
      REQUIRE(read.error().message.rfind("presence delta: ", 0) == 0);
      continue;
    }
    ++read_count;
    // Each entry took five octets, each run two.
    std::size_t entries = 0;
    for (const auto& [r, values] : read->values)
      entries += values.size();
    std::size_t runs = 0;
    for (const auto& [r, dots] : read->cloud)
      runs += dots.runs().size();
    REQUIRE(entries * 5 + runs * 2 <= octets.size());
    (void)s.merge(*read);
    recent.push(*read, s.context());
    REQUIRE(s.find_own(key("topic:1", "own")).has_value());
    if (chance.below(50) == 0)
      for (const auto& r : {a, b}) {
        (void)s.remove_replica(r);
        recent.remove_replica(r);
        (void)s.replica_up(r);
      }
  }
  CHECK(read_count > 500);
  (void)s.remove_replica(a);
  (void)s.remove_replica(b);
  CHECK(s.size() == 1);
  CHECK(s.cloud_size() == 0);
  CHECK(text(s.online("topic:1")) == "own{}");
}
