#include "base/id.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <thread>
#include <unordered_set>
#include <vector>

#include <doctest/doctest.h>

using namespace beamline;

namespace {

// Gives one number for ever.
class fixed_random final : public random_source {
public:
  explicit fixed_random(std::uint64_t value) : value_{value} {}
  std::uint64_t next() override { return value_; }
  void fill(std::span<std::byte>) override {}

private:
  std::uint64_t value_;
};

// The example of RFC 9562, appendix A.6.
constexpr auto rfc_text = "017f22e2-79b0-7cc3-98c4-dc0c0c07398f";
constexpr auto rfc_id = uid{0x017F22E279B07CC3ULL, 0x98C4DC0C0C07398FULL};

}  // namespace

TEST_CASE("an id has the text and the time of the RFC's example") {
  CHECK(rfc_id.str() == rfc_text);
  CHECK(to_string(rfc_id) == rfc_text);
  CHECK(uid::parse(rfc_text).value() == rfc_id);
  CHECK(uid::parse("017F22E2-79B0-7CC3-98C4-DC0C0C07398F").value() == rfc_id);
  CHECK(rfc_id.made_at() == wall_time{std::chrono::milliseconds{1645557742000}});
}

TEST_CASE("ids survive the ways through text and octets") {
  auto random = seeded_random{1};
  for (int i = 0; i < 1000; ++i) {
    auto id = uid{random.next(), random.next()};
    CHECK(uid::parse(id.str()).value() == id);
    CHECK(uid::from_octets(id.octets()).value() == id);
  }
  CHECK(uid{}.str() == "00000000-0000-0000-0000-000000000000");
  CHECK(uid::parse(uid{}.str()).value().is_nil());
  CHECK_FALSE(rfc_id.is_nil());
}

TEST_CASE("other text and other lengths are refused") {
  for (auto text : {"", "017f22e2", "017f22e279b07cc398c4dc0c0c07398f", "017f22e2-79b0-7cc3-98c4-dc0c0c07398",
                    "017f22e2-79b0-7cc3-98c4-dc0c0c07398f0", "017f22e2-79b0-7cc3-98c4-dc0c0c07398g",
                    "017f22e2-79b0-7cc3-98c4_dc0c0c07398f", "017f22e-279b0-7cc3-98c4-dc0c0c07398f",
                    "{17f22e2-79b0-7cc3-98c4-dc0c0c07398}", "-17f22e2-79b0-7cc3-98c4-dc0c0c07398f",
                    " 17f22e2-79b0-7cc3-98c4-dc0c0c07398f", "+17f22e2-79b0-7cc3-98c4-dc0c0c07398f"}) {
    CAPTURE(text);
    auto parsed = uid::parse(text);
    REQUIRE_FALSE(parsed.ok());
    CHECK(parsed.error().code == errc::invalid);
    CHECK(parsed.error().message.find("expected the form") != std::string::npos);
  }
  CHECK(uid::from_octets(std::string(15, 'x')).error().message == "id has 15 octets, expected 16");
  CHECK_FALSE(uid::from_octets(std::string(17, 'x')).ok());
}

TEST_CASE("ids, their texts and their octets sort alike") {
  auto random = seeded_random{2};
  for (int i = 0; i < 1000; ++i) {
    auto a = uid{random.below(3), random.next()};
    auto b = uid{random.below(3), random.next()};
    CHECK((a < b) == (a.str() < b.str()));
    CHECK((a < b) == (a.octets() < b.octets()));
    CHECK((a == b) == (a.str() == b.str()));
  }
}

TEST_CASE("a source makes ids of version 7 with the clock's time") {
  auto clock = manual_clock{};
  auto random = seeded_random{3};
  auto source = uid_source{clock, random};
  for (int i = 0; i < 100; ++i) {
    auto id = source.next();
    CHECK(id.made_at() == clock.wall_now());
    CHECK(id.str().at(14) == '7');
    CHECK(std::string{"89ab"}.find(id.str().at(19)) != std::string::npos);
    clock.advance(i % 3 == 0 ? 1ms : 0ms);
  }
}

TEST_CASE("ids of one source increase within a millisecond and over it") {
  auto clock = manual_clock{};
  auto random = seeded_random{4};
  auto source = uid_source{clock, random};
  auto last = source.next();
  for (int i = 0; i < 10'000; ++i) {
    if (i % 7 == 0)
      clock.advance(300us);
    auto next = source.next();
    REQUIRE(last < next);
    last = next;
  }
}

TEST_CASE("ids increase when the counter starts at its highest value and takes its largest steps") {
  auto clock = manual_clock{};
  auto random = fixed_random{~std::uint64_t{0}};
  auto source = uid_source{clock, random};
  auto last = source.next();
  for (int i = 0; i < 1000; ++i) {
    auto next = source.next();
    REQUIRE(last < next);
    REQUIRE(next.made_at() == clock.wall_now());
    last = next;
  }
}

TEST_CASE("ids increase when random numbers are all zero") {
  auto clock = manual_clock{};
  auto random = fixed_random{0};
  auto source = uid_source{clock, random};
  auto first = source.next();
  CHECK(first < source.next());
}

TEST_CASE("ids go on increasing when the clock steps back, and follow it again later") {
  auto clock = manual_clock{};
  auto random = seeded_random{5};
  auto source = uid_source{clock, random};
  auto before = source.next();
  auto time_before = before.made_at();

  clock.advance(-24h);
  auto during = source.next();
  CHECK(before < during);
  CHECK(during.made_at() == time_before);

  clock.advance(24h + 1ms);
  auto after = source.next();
  CHECK(during < after);
  CHECK(after.made_at() == clock.wall_now());
}

TEST_CASE("a clock before 1970 gives ids of the year 1970") {
  auto clock = manual_clock{wall_time{-1h}};
  auto random = seeded_random{6};
  auto source = uid_source{clock, random};
  auto first = source.next();
  CHECK(first.made_at() == wall_time{});
  CHECK(first < source.next());
}

TEST_CASE("sources with the same clock and seed repeat each other, with other seeds they do not") {
  auto clock = manual_clock{};
  auto a = seeded_random{7};
  auto b = seeded_random{7};
  auto c = seeded_random{8};
  auto id = uid_source{clock, a}.next();
  CHECK(uid_source{clock, b}.next() == id);
  CHECK(uid_source{clock, c}.next() != id);
}

TEST_CASE("threads sharing a source never get the same id, and each sees its own increase") {
  auto clock = system_clock{};
  auto random = system_random{};
  auto source = uid_source{clock, random};
  constexpr std::size_t ids_per_thread = 5000;
  auto made = std::vector<std::vector<uid>>(4);
  auto threads = std::vector<std::thread>{};
  for (auto& ids : made)
    threads.emplace_back([&] {
      for (std::size_t i = 0; i < ids_per_thread; ++i)
        ids.push_back(source.next());
    });
  for (auto& thread : threads)
    thread.join();

  auto all = std::unordered_set<uid>{};
  for (const auto& ids : made) {
    CHECK(std::is_sorted(ids.begin(), ids.end()));
    all.insert(ids.begin(), ids.end());
  }
  CHECK(all.size() == made.size() * ids_per_thread);
}
