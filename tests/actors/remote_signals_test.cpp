// The octets between two remote_processes, good and bad.

#include "actors/remote_signals.hpp"

#include "actors/remote_pair.hpp"

#include <doctest/doctest.h>

using namespace beamline;
using namespace beamline::subjects;
using testing::world;

namespace {

/// One of each kind, with and without a name.
std::vector<bytes> samples() {
  remote::address id{1'700'000'000'000'000, 16'777'221, {}}, name{0, 0, "counter"};
  auto octets = encode(note{7});
  return {remote::encode(remote::cast{id, {"test.note", octets}}),
          remote::encode(remote::cast{name, {"test.note", octets}}),
          remote::encode(remote::exit{9, id, reason::custom("over")}),
          remote::encode(remote::exit{0, name, reason::kill()}),
          remote::encode(remote::watch{3, 4, id}),
          remote::encode(remote::watch{3, 5, name}),
          remote::encode(remote::unwatch{3, 4}),
          remote::encode(remote::down{3, 4, reason::crashed("ouch")}),
          remote::encode(remote::call{5, 6, id, 5s, {"test.question", encode(question{1})}}),
          remote::encode(remote::reply{5, 6, {"i64", "\x02"}}),
          remote::encode(remote::failure{5, 6, {call_error::kind::crashed, reason::custom("no")}})};
}

}  // namespace

TEST_CASE("a signal is read as it was written, and without what a later release appended") {
  for (const auto& octets : samples()) {
    auto s = remote::decode(octets);
    REQUIRE(s.ok());
    CHECK(remote::encode(*s) == octets);
    auto appended = octets + "and more";
    auto longer = remote::decode(appended);
    REQUIRE(longer.ok());
    CHECK(remote::encode(*longer) == octets);
  }
}

TEST_CASE("a signal with the smallest and the largest numbers") {
  auto most = std::numeric_limits<std::uint64_t>::max();
  remote::call c{most, most, {most, most, {}}, duration::max(), {"m", ""}};
  auto back = remote::decode(remote::encode(c));
  REQUIRE(back.ok());
  auto& read = std::get<remote::call>(*back);
  CHECK(read.caller == most);
  CHECK(read.ref == most);
  CHECK(read.to == c.to);
  CHECK(read.within == duration::max());
  auto negative = remote::decode(remote::encode(remote::call{1, 1, {0, 1, {}}, -5s, {"m", ""}}));
  CHECK(std::get<remote::call>(*negative).within == duration::zero());
}

TEST_CASE("reasons and failures of a later release keep their words") {
  byte_writer out;
  out.u8(5);
  out.varint(1);
  out.varint(2);
  out.u8(77);
  out.blob("entangled");
  auto s = remote::decode(out.written());
  REQUIRE(s.ok());
  CHECK(std::get<remote::down>(*s).why == reason::custom("entangled"));
  byte_writer failed;
  failed.u8(8);
  failed.varint(1);
  failed.varint(2);
  failed.u8(77);
  failed.u8(0);
  failed.blob("overheated");
  s = remote::decode(failed.written());
  REQUIRE(s.ok());
  CHECK(std::get<remote::failure>(*s).why.what == call_error::kind::crashed);
  CHECK(std::get<remote::failure>(*s).why.why.text.find("overheated") != std::string::npos);
  CHECK(std::get<remote::unknown>(*remote::decode("\xc8 whatever")).tag == 200);
}

TEST_CASE("a signal that is cut is an error, wherever") {
  CHECK_FALSE(remote::decode("").ok());
  for (const auto& octets : samples())
    for (std::size_t n = 0; n < octets.size(); ++n) {
      auto s = remote::decode(std::string_view{octets}.substr(0, n));
      INFO("tag ", static_cast<int>(octets[0]), " cut to ", n);
      REQUIRE_FALSE(s.ok());
      CHECK(s.error().code == errc::corrupt);
    }
}

TEST_CASE("addresses and messages without a name are errors") {
  CHECK_FALSE(remote::decode(remote::encode(remote::watch{1, 1, {0, 0, ""}})).ok());
  CHECK_FALSE(remote::decode(remote::encode(remote::watch{1, 1, {0, 0, std::string(256, 'x')}})).ok());
  CHECK_FALSE(remote::decode(remote::encode(remote::cast{{0, 1, {}}, {"", "x"}})).ok());
  CHECK_FALSE(remote::decode(remote::encode(remote::cast{{0, 1, {}}, {std::string(256, 'x'), "x"}})).ok());
}

TEST_CASE("a node that is sent every flipped bit, every cut and noise goes on") {
  world w;
  remote_pair p{w};
  auto from = p.spawn(*p.a);
  auto to = p.spawn(*p.b, "counter");
  p.at(*p.b, to, [](talker& self) { self.trap_exits([](const exit_signal&) {}); });
  auto chance = seeded_random{w.derive_seed(11)};
  auto feed = [&](const bytes& octets) { (void)p.at_b->take(octets); };
  for (const auto& octets : samples()) {
    for (std::size_t bit = 0; bit < octets.size() * 8; ++bit) {
      auto flipped = octets;
      flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
      feed(flipped);
    }
    for (std::size_t n = 0; n < octets.size(); ++n)
      feed(octets.substr(0, n));
    w.run();
  }
  for (int i = 0; i < 2000; ++i) {
    bytes noise(chance.below(40), '\0');
    for (auto& c : noise)
      c = static_cast<char>(chance.below(256));
    feed(noise);
  }
  w.advance(1s);
  p.cut();
  p.link();
  CHECK(p.is_quiet());
  outcome_log outcomes;
  auto fresh = p.spawn(*p.b);
  p.at(*p.a, from, [&](talker& self) { outcomes.call(self, fresh, question{1}); });
  w.advance(1s);
  CHECK(outcomes.all == std::vector<std::string>{"ok 2"});
}

TEST_CASE("answers to what was never asked, and from a peer that is not linked, change nothing") {
  world w;
  remote_pair p{w};
  auto from = p.spawn(*p.a);
  auto to = p.spawn(*p.b);
  outcome_log outcomes;
  int told = 0;
  p.at(*p.a, from, [&](talker& self) {
    outcomes.call(self, to, riddle{1});
    self.watch(to, [&](const reason&) { ++told; });
  });
  w.advance(10ms);
  REQUIRE(p.at_a->log.size() == 2);
  auto call = std::get<remote::call>(*remote::decode(p.at_a->log[0]));
  auto watch = std::get<remote::watch>(*remote::decode(p.at_a->log[1]));
  for (const auto& s : std::vector<remote::signal>{
           remote::reply{call.caller, call.ref + 1000, {"i64", "\x02"}},
           remote::reply{call.caller + 1, call.ref, {"i64", "\x02"}},
           remote::reply{watch.watcher, watch.ref, {"i64", "\x02"}},  // A watch is not answered so,
           remote::down{call.caller, call.ref, reason::normal()},     // and a call not so.
           remote::failure{watch.watcher, watch.ref, {}}}) {
    auto octets = remote::encode(s);
    CHECK(p.at_a->take(octets).ok());
    CHECK(p.a->env().remote().receive({"b@sim", 99}, octets).ok());
    CHECK(p.a->env().remote().receive({"c@sim", 1}, octets).ok());
  }
  auto down = remote::encode(remote::down{watch.watcher, watch.ref, reason::normal()});
  CHECK(p.a->env().remote().receive({"b@sim", 99}, down).ok());
  w.advance(10ms);
  CHECK(outcomes.all.empty());
  CHECK(told == 0);
  p.cut();
  w.run();
  CHECK(outcomes.all == std::vector<std::string>{"noconnection"});
  CHECK(told == 1);
}
