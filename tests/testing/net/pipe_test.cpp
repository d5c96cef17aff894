#include "testing/net/pipe.hpp"

#include "testing/net/support.hpp"

using namespace beamline;
using namespace beamline::testing;
using namespace beamline::testing::test;

namespace {

constexpr std::size_t held_max = 10'000;

octet_pipe make(std::uint64_t seed) {
  return octet_pipe{{.seed = seed, .latency = {1ms, 3ms}, .held_bytes_max = held_max, .piece_bytes_max = 1000}};
}

/// Moves everything that is on the way to the receiver.
void deliver(octet_pipe& p) {
  while (p.first() != nullptr)
    p.arrive(p.take_first().octets);
}

}  // namespace

TEST_CASE("a pipe keeps the order of its pieces and none is earlier than the shortest latency") {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    auto p = make(seed);
    auto sent = numbered(3000, seed);
    auto now = time_point{} + 1s;
    for (std::size_t at = 0; at < sent.size(); at += 100, now += 100us)
      REQUIRE(p.take(std::string_view{sent}.substr(at, 100), now) == 100);
    bytes arrived;
    auto last = time_point{} + 1s + 1ms;
    while (p.first() != nullptr) {
      CHECK(p.first()->arrives >= last);
      CHECK(p.first()->octets.size() <= 1000);
      last = p.first()->arrives;
      arrived += p.take_first().octets;
    }
    CHECK(arrived == sent);
    CHECK(last <= now + 3ms);
  }
}

TEST_CASE("a pipe takes no more than it may hold until the sender knows that it was read") {
  auto p = make(1);
  auto sent = numbered(3 * held_max);
  auto taken = p.take(sent, time_point{});
  CHECK(taken == held_max);
  CHECK(p.take("x", time_point{}) == 0);
  deliver(p);
  CHECK(p.unread() == held_max);
  CHECK(p.take("x", time_point{}) == 0);  // It arrived, but nobody has read it.
  CHECK_FALSE(p.take_read_report());      // Not worth telling.
  std::size_t read = 0;
  while (p.unread() > 0)
    read += p.read(700).size();
  auto report = p.take_read_report();
  REQUIRE(report);
  CHECK(*report == read);
  CHECK(p.take("x", time_point{}) == 0);  // The sender does not know it yet.
  p.acknowledge(*report);
  CHECK(p.take(std::string_view{sent}.substr(taken), time_point{}) == held_max);
}

TEST_CASE("what is read is what arrived, however little of it is read at a time") {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    auto p = make(seed);
    auto sent = numbered(held_max, seed);
    CHECK(p.take(sent, time_point{}) == sent.size());
    deliver(p);
    bytes read;
    while (p.unread() > 0) {
      auto part = p.read(1 + read.size() % 997);
      REQUIRE_FALSE(part.empty());
      read += part;
    }
    CHECK(read == sent);
  }
}

TEST_CASE("writes are cut differently by different seeds, and the same way by the same seed") {
  auto cuts = [](std::uint64_t seed) {
    auto p = make(seed);
    (void)p.take(numbered(5000), time_point{});
    std::vector<std::size_t> sizes;
    while (p.first() != nullptr)
      sizes.push_back(p.take_first().octets.size());
    return sizes;
  };
  CHECK(cuts(1) == cuts(1));
  int different = 0, tiny = 0;
  for (std::uint64_t seed = 2; seed < 100; ++seed) {
    auto sizes = cuts(seed);
    different += sizes != cuts(1) ? 1 : 0;
    tiny += std::count_if(sizes.begin(), sizes.end(), [](auto s) { return s <= 16; }) > 0 ? 1 : 0;
  }
  CHECK(different > 90);
  CHECK(tiny > 30);
}

TEST_CASE("a pipe that loses something loses the end of it, and nothing can follow but marks") {
  std::size_t whole = 0, nothing = 0;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    auto p = make(seed);
    auto sent = numbered(4000, seed);
    CHECK(p.take(sent, time_point{}) == sent.size());
    p.lose_some(time_point{} + 1ms);
    p.put(octet_pipe::mark::reset, time_point{} + 1ms);
    CHECK(p.take("more", time_point{} + 1ms) == 4);
    bytes arrived;
    while (p.first()->what == octet_pipe::mark::none)
      arrived += p.take_first().octets;
    CHECK(p.take_first().what == octet_pipe::mark::reset);
    CHECK(p.first() == nullptr);
    CHECK(is_prefix(arrived, sent));
    whole += arrived.size() == sent.size() ? 1 : 0;
    nothing += arrived.empty() ? 1 : 0;
  }
  CHECK(whole > 0);
  CHECK(nothing > 0);
  CHECK(whole + nothing < 150);
}

TEST_CASE("a piece that is split stays in order") {
  auto p = make(3);
  CHECK(p.take("abcdefghij", time_point{}) == 10);
  bytes arrived;
  while (p.first() != nullptr) {
    p.split_first(3);
    CHECK(p.first()->octets.size() <= 3);
    arrived += p.take_first().octets;
  }
  CHECK(arrived == "abcdefghij");
}
