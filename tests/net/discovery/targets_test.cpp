#include "net/discovery/targets.hpp"

#include <doctest/doctest.h>

using namespace beamline;
using namespace beamline::net;
using outcome = connect_outcome::kind;

namespace {

const endpoint a{"10.0.0.1", 4400}, b{"10.0.0.2", 4400}, c{"10.0.0.3", 4400};

struct rig {
  explicit rig(discovery_targets::options o = {}) : t{fill(std::move(o)), random} {}

  static discovery_targets::options fill(discovery_targets::options o) {
    o.own_name = "me@here";
    if (o.sources.empty())
      o.sources = {{"first"}, {"second"}};
    return o;
  }

  std::size_t says(std::size_t source, const std::vector<endpoint>& all) {
    std::vector<proposal> found;
    for (const auto& e : all)
      found.push_back({e, {}});
    return t.answered(source, found, now);
  }
  std::vector<discovery_targets::dial> due() { return t.due(now); }
  void ends(const discovery_targets::dial& d, outcome o, const std::string& peer = {}) {
    CHECK(t.attempt_done(d.attempt, {o, peer, "why"}, now));
  }
  /// Dials everybody, and all are linked under the name of their address.
  void link_all() {
    for (const auto& d : due()) {
      t.up(d.at.host, now);
      ends(d, outcome::connected, d.at.host);
    }
  }
  std::string state(const endpoint& e) {
    for (const auto& s : t.status(now))
      if (s.endpoint == to_string(e))
        return s.state;
    return "unknown";
  }
  std::size_t noted(discovery_note::kind k) {
    std::size_t n = 0;
    for (const auto& note : t.take_notes())
      n += note.what == k ? 1 : 0;
    return n;
  }
  /// From now until it is dialled, if nobody speaks.
  duration until_due() {
    auto begin = now;
    for (; t.due(now).empty(); now += 10ms)
      REQUIRE(now - begin < 10min);
    return now - begin;
  }

  seeded_random random{1};
  time_point now{};
  discovery_targets t;
};

}  // namespace

TEST_CASE("I36 an address is dialled once at a time, however often and by whom it is named") {
  rig r;
  CHECK(r.says(0, {a, a}) == 1);
  CHECK(r.says(1, {a}) == 0);
  CHECK(r.due().size() == 1);
  r.says(0, {a});
  CHECK(r.due().empty());
}

TEST_CASE("no more than so many attempts are under way; who has waited longest is next") {
  rig r{{.attempts_max = 2}};
  r.says(0, {b, a, c});
  auto first = r.due();
  REQUIRE(first.size() == 2);
  CHECK(first[0].at == a);
  CHECK(first[1].at == b);
  r.now += 1s;
  r.ends(first[0], outcome::unreachable);
  auto second = r.due();
  REQUIRE(second.size() == 1);
  CHECK(second[0].at == c);
}

TEST_CASE("attempts that fail are repeated after 1 s, 2 s, 4 s ... 60 s, less a quarter at most") {
  rig r;
  r.says(0, {a});
  auto d = r.due();
  std::vector<std::chrono::seconds> waits{1s, 2s, 4s, 8s, 16s, 32s};
  waits.resize(50, 60s);
  for (auto wait : waits) {
    r.ends(d.at(0), outcome::unreachable);
    auto from = r.now;
    while ((d = r.due()).empty())
      r.now += 10ms;
    INFO(to_ms(r.now - from));
    CHECK(r.now - from <= wait + 10ms);
    CHECK(r.now - from >= wait * 3 / 4);
  }
}

// A node that had just opened its links dialled again after a second only: the attempt from before that was under way.
TEST_CASE("who is to be dialled now and is being dialled is dialled again at once, once, when that fails") {
  rig r;
  r.says(0, {a});
  auto d = r.due();
  r.t.hurry(r.now);
  CHECK(r.due().empty());
  r.ends(d.at(0), outcome::stopped);
  d = r.due();
  REQUIRE(d.size() == 1);
  r.ends(d.at(0), outcome::unreachable);
  CHECK(r.until_due() >= 1s);
}

TEST_CASE("the waits of two nodes differ") {
  rig r;
  r.says(0, {a, b});
  auto d = r.due();
  r.ends(d[0], outcome::unreachable);
  r.ends(d[1], outcome::unreachable);
  auto s = r.t.status(r.now);
  CHECK(s[0].next_attempt_in != s[1].next_attempt_in);
}

TEST_CASE("LC18 who is linked already is not dialled again") {
  rig r;
  r.says(0, {a, b});
  r.link_all();
  for (int i = 0; i < 100; ++i, r.now += 10s) {
    r.says(0, {a, b});
    CHECK(r.due().empty());
  }
}

TEST_CASE("a node is known by the address at which it was reached, also when it had dialled itself") {
  rig r;
  r.t.up("x@there", r.now);
  r.says(0, {a});
  r.ends(r.due().at(0), outcome::already, "x@there");
  r.now += 1h;
  CHECK(r.due().empty());
  CHECK(r.state(a) == "linked");
}

TEST_CASE("a node with two addresses is reached by each of them once") {
  rig r;
  r.says(0, {a, b});
  auto d = r.due();
  r.t.up("x@there", r.now);
  r.ends(d[0], outcome::connected, "x@there");
  r.ends(d[1], outcome::already, "x@there");
  r.now += 1h;
  CHECK(r.due().empty());
}

TEST_CASE("a lost link is dialled again soon, an address of it may be somebody else's by now") {
  rig r;
  r.says(0, {a});
  r.link_all();
  r.now += 1min;
  r.t.down(a.host, down_reason::net_tick_timeout, r.now);
  CHECK(r.until_due() <= 1s);
  // The node came back from elsewhere, and somebody new has its address.
  r.t.up(a.host, r.now);
  CHECK(r.state(a) == "dialling");
}

TEST_CASE("a link that does not hold is dialled again later and later, one that held at once") {
  rig r;
  r.says(0, {a});
  auto d = r.due();
  duration last{};
  for (int i = 0; i < 8; ++i) {
    r.t.up("x@there", r.now);
    r.ends(d.at(0), outcome::connected, "x@there");
    r.now += 100ms;
    r.t.down("x@there", down_reason::protocol_error, r.now);
    auto from = r.now;
    while ((d = r.due()).empty())
      r.now += 10ms;
    last = r.now - from;
  }
  CHECK(last > 40s);
  r.t.up("x@there", r.now);
  r.ends(d.at(0), outcome::connected, "x@there");
  r.now += discovery_targets::steady_after;
  r.t.down("x@there", down_reason::connection_closed, r.now);
  CHECK(r.until_due() <= 1s);
}

TEST_CASE("D36 who was let go of on purpose is dialled again at the next round, not before") {
  rig r;
  r.says(0, {a});
  r.link_all();
  r.t.down(a.host, down_reason::disconnect, r.now);
  r.now += 1h;
  CHECK(r.due().empty());
  r.t.round_begins();
  CHECK(r.due().size() == 1);
}

TEST_CASE("D191 who is missing from three answers in a row is stale: not dialled, its link stays") {
  rig r;
  r.says(0, {a, b});
  r.link_all();
  r.t.down(b.host, down_reason::connection_closed, r.now);
  for (int i = 0; i < 2; ++i)
    r.says(0, {});
  CHECK(r.state(b) == "waiting");
  r.says(0, {});
  CHECK(r.noted(discovery_note::kind::absent) == 1);
  CHECK(r.state(a) == "linked");
  CHECK(r.state(b) == "stale");
  r.now += 5min;
  CHECK(r.due().empty());
  CHECK(r.t.expelled().empty());
}

TEST_CASE("one answer that names it starts the count anew") {
  rig r;
  r.says(0, {a});
  for (int i = 0; i < 10; ++i) {
    r.says(0, {});
    r.says(0, {});
    r.says(0, {a});
  }
  CHECK(r.state(a) == "waiting");
  CHECK(r.noted(discovery_note::kind::absent) == 0);
}

TEST_CASE("an address is stale when every source that named it has dropped it") {
  rig r;
  r.says(0, {a});
  r.says(1, {a});
  for (int i = 0; i < 10; ++i)
    r.says(0, {});
  CHECK(r.due().size() == 1);  // The second source failed all the time, and has not taken it back.
}

TEST_CASE("a stale address that is named again is dialled at once") {
  rig r;
  r.says(0, {a});
  auto d = r.due();
  r.ends(d.at(0), outcome::unreachable);
  for (int i = 0; i < 3; ++i)
    r.says(0, {});
  CHECK(r.state(a) == "stale");
  CHECK(r.says(0, {a}) == 0);
  CHECK(r.noted(discovery_note::kind::back) == 1);
  CHECK(r.due().size() == 1);
}

TEST_CASE("a stale address without a link is forgotten after ten minutes, a linked one is not") {
  rig r;
  r.says(0, {a, b});
  r.link_all();
  for (int i = 0; i < 3; ++i)
    r.says(0, {});
  r.t.down(b.host, down_reason::connection_closed, r.now);
  CHECK(r.t.next() == r.now + 10min);
  r.now += 10min - 1ns;
  r.t.forget(r.now);
  CHECK(r.state(b) == "stale");
  r.now += 1ns;
  r.t.forget(r.now);
  CHECK(r.state(b) == "unknown");
  CHECK(r.state(a) == "linked");
}

TEST_CASE("LC23 strict membership ends the link of a stale node, once") {
  rig r{{.is_strict = true}};
  r.says(0, {a, b});
  r.link_all();
  for (int i = 0; i < 3; ++i)
    r.says(0, {b});
  CHECK(r.t.expelled() == std::vector<std::string>{a.host});
  CHECK(r.t.expelled().empty());
  SUBCASE("and again when it comes back by itself") {
    r.t.down(a.host, down_reason::disconnect, r.now);
    r.now += 9min;
    r.t.forget(r.now);
    r.t.up(a.host, r.now);
    CHECK(r.t.expelled() == std::vector<std::string>{a.host});
  }
}

TEST_CASE("LC22 strict membership ends no link that is not there, and none of a node with another address") {
  rig r{{.is_strict = true}};
  r.says(0, {a, b, c});
  auto d = r.due();
  r.t.up("x@there", r.now);
  r.ends(d[0], outcome::connected, "x@there");
  r.ends(d[1], outcome::already, "x@there");
  r.ends(d[2], outcome::unreachable);
  for (int i = 0; i < 3; ++i)
    r.says(0, {b});
  CHECK(r.state(c) == "stale");
  CHECK(r.t.expelled().empty());
}

TEST_CASE("SY23 the own address is no attempt, or one, and is told once") {
  rig r{{.own = {a}}};
  for (int i = 0; i < 5; ++i, r.now += 10s)
    r.says(0, {a, b});
  CHECK(r.state(a) == "own");
  auto d = r.due();
  REQUIRE(d.size() == 1);
  CHECK(d[0].at == b);
  r.ends(d[0], outcome::self, "me@here");  // Another spelling that nobody could have known.
  for (int i = 0; i < 100; ++i, r.now += 10s) {
    CHECK(r.says(0, {a, b}) == 0);
    CHECK(r.due().empty());
  }
  CHECK(r.noted(discovery_note::kind::own) == 2);
}

TEST_CASE("a host name that led to this node is tried again later: others may answer to it, too") {
  endpoint everybody{"cluster.internal", 4400};
  rig r;
  r.says(0, {everybody});
  r.ends(r.due().at(0), outcome::self, "me@here");
  r.now += 59s;
  CHECK(r.due().empty());
  CHECK(r.state(everybody) == "own");
  r.now += 1s;
  r.ends(r.due().at(0), outcome::unreachable);
  CHECK(r.state(everybody) == "waiting");
}

TEST_CASE("who is expected is said by the first source that names the address, while it does") {
  rig r;
  r.t.answered(1, {{a, {.name = "x@there", .role = "late"}}}, r.now);
  r.t.answered(0, {{a, {.role = "host"}}}, r.now);
  auto d = r.due();
  CHECK(d.at(0).who.role == "host");
  CHECK(d.at(0).who.name.empty());
  r.ends(d[0], outcome::unacceptable);
  for (int i = 0; i < 3; ++i)
    r.says(0, {});
  r.now += 1h;
  CHECK(r.due().at(0).who.name == "x@there");
}

TEST_CASE("hearsay holds while its node is linked, and for sixty rounds after that") {
  rig r{{.sources = {{"dns"}, {"hints", true}}}};
  r.t.answered(1, {{a, {.name = "x@there"}}}, r.now);
  r.t.up("x@there", r.now);
  CHECK(r.due().empty());
  for (int i = 0; i < 200; ++i)
    r.says(1, {});
  CHECK(r.state(a) == "linked");
  r.t.down("x@there", down_reason::connection_closed, r.now);
  for (int i = 0; i < 59; ++i)
    r.says(1, {});
  CHECK(r.state(a) == "waiting");
  r.says(1, {});
  CHECK(r.state(a) == "stale");
}

TEST_CASE("trouble is told when it changes, and when it is over") {
  rig r;
  r.says(0, {a});
  for (auto o :
       {outcome::unreachable, outcome::unreachable, outcome::unproven, outcome::unproven, outcome::unreachable}) {
    while (true) {
      auto d = r.due();
      if (!d.empty()) {
        r.ends(d[0], o);
        break;
      }
      r.now += 100ms;
    }
  }
  auto notes = r.t.take_notes();
  std::erase_if(notes, [](const auto& n) { return n.what != discovery_note::kind::trouble; });
  REQUIRE(notes.size() == 3);
  CHECK(notes[1].outcome == outcome::unproven);
  CHECK(r.t.status(r.now)[0].last_error == "unreachable: why");
  r.now += 2min;
  r.link_all();
  CHECK(r.noted(discovery_note::kind::reached) == 1);
  CHECK(r.t.status(r.now)[0].last_error.empty());
}

TEST_CASE("D31 no more than 1024 addresses are known: the longest stale one makes room, and else none is taken") {
  rig r{{.attempts_max = 2000}};
  std::vector<endpoint> many;
  for (int i = 0; i < 1024; ++i)
    many.push_back({"10.1." + std::to_string(i / 256) + "." + std::to_string(i % 256), 1});
  CHECK(r.says(0, many) == 1024);
  CHECK(r.says(1, {a, b}) == 0);
  CHECK(r.noted(discovery_note::kind::table_full) == 1);
  auto gone = many.back();
  many.pop_back();
  for (int i = 0; i < 3; ++i)
    r.says(0, many);
  CHECK(r.says(1, {a}) == 1);
  CHECK(r.state(gone) == "unknown");
  CHECK(r.t.size() == 1024);
}

TEST_CASE("the outcome of an attempt that nobody made, or made long ago, changes nothing") {
  rig r;
  r.says(0, {a});
  auto d = r.due();
  CHECK_FALSE(r.t.attempt_done(0, {outcome::connected, "x@there", ""}, r.now));
  CHECK_FALSE(r.t.attempt_done(77, {outcome::connected, "x@there", ""}, r.now));
  r.ends(d.at(0), outcome::unreachable);
  CHECK_FALSE(r.t.attempt_done(d[0].attempt, {outcome::connected, "x@there", ""}, r.now));
  CHECK(r.t.attempts() == 0);
}
