#include "net/discovery/core.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace beamline;
using namespace beamline::net;
using answer = source_answer::kind;

namespace {

const endpoint a{"10.0.0.1", 4400}, b{"10.0.0.2", 4400};

struct rig {
  explicit rig(bool is_strict = false) : core{options(is_strict), random, now} { begin(); }

  static discovery_core::options options(bool is_strict = false) {
    discovery_core::options o;
    o.targets.is_strict = is_strict;
    o.targets.own_name = "me@here";
    o.targets.sources = {{"first"}, {"second"}};
    return o;
  }
  void begin() { round = core.next(now).ask.value(); }
  /// Both sources answer; then the next round begins.
  discovery_core::actions turn(source_answer first, source_answer second) {
    core.answered(round, 0, std::move(first), now);
    core.answered(round, 1, std::move(second), now);
    auto out = core.next(now);
    now += 11s;
    auto next = core.next(now);
    round = next.ask.value();
    std::ranges::move(next.notes, std::back_inserter(out.notes));
    std::ranges::move(next.dials, std::back_inserter(out.dials));
    return out;
  }
  static source_answer found(const std::vector<endpoint>& all) {
    source_answer out{.what = all.empty() ? answer::nobody : answer::found};
    for (const auto& e : all)
      out.found.push_back({e, {}});
    return out;
  }
  static source_answer failed(std::string why = "SERVFAIL") { return {.what = answer::failed, .why = std::move(why)}; }
  static std::size_t count(const discovery_core::actions& x, discovery_note::kind k) {
    return static_cast<std::size_t>(std::ranges::count_if(x.notes, [&](const auto& n) { return n.what == k; }));
  }

  seeded_random random{1};
  time_point now{};
  discovery_core core;
  std::uint64_t round = 0;
};

using kind = discovery_note::kind;

}  // namespace

TEST_CASE("a round tells how many addresses it brought, how many of them are new, and how many sources failed") {
  rig r;
  auto first = r.turn(rig::found({a, b}), rig::found({a})).over;
  REQUIRE(first);
  CHECK(first->number == 1);
  CHECK(first->addresses == 3);
  CHECK(first->added == 2);
  CHECK(first->failed == 0);
  auto second = r.turn(rig::failed(), rig::found({a})).over;
  REQUIRE(second);
  CHECK(second->addresses == 1);
  CHECK(second->added == 0);
  CHECK(second->failed == 1);
}

TEST_CASE("LC12 a failure of one source brings nothing, takes nothing, and keeps no other one from answering") {
  rig r;
  auto x = r.turn(rig::failed(), rig::found({b}));
  REQUIRE(x.dials.size() == 1);
  CHECK(x.dials[0].at == b);
  for (int i = 0; i < 10; ++i)
    r.turn(rig::found({}), rig::failed());
  auto s = r.core.status(r.now);
  REQUIRE(s.targets.size() == 1);
  CHECK(s.targets[0].state == "dialling");
}

TEST_CASE("a source's state is told when it changes, not in every round") {
  rig r;
  auto x = r.turn(rig::failed("SERVFAIL"), rig::found({}));
  CHECK(rig::count(x, kind::query_fails) == 1);
  CHECK(rig::count(x, kind::query_empty) == 1);
  for (int i = 0; i < 5; ++i)
    CHECK(r.turn(rig::failed("timeout"), rig::found({})).notes.empty());
  auto y = r.turn(rig::found({a}), rig::failed());
  CHECK(rig::count(y, kind::query_works) == 1);
  CHECK(rig::count(y, kind::query_fails) == 1);
  auto z = r.turn(rig::found({}), rig::found({}));
  CHECK(rig::count(z, kind::query_empty) == 1);
  CHECK(rig::count(z, kind::query_works) == 1);
}

TEST_CASE("of one answer 256 addresses are taken, the same ones whatever their order, and the rest is told once") {
  std::vector<endpoint> many;
  for (int i = 0; i < 300; ++i)
    many.push_back({"10.1." + std::to_string(i / 256) + "." + std::to_string(i % 256), 1});
  rig r;
  auto x = r.turn(rig::found(many), rig::found({a, a}));
  CHECK(x.over->addresses == 257);
  CHECK(rig::count(x, kind::query_excess) == 1);
  std::reverse(many.begin(), many.end());
  auto y = r.turn(rig::found(many), rig::found({a}));
  CHECK(y.over->added == 0);
  CHECK(rig::count(y, kind::query_excess) == 0);
}

TEST_CASE("what is no address in an answer is left out and told once") {
  rig r;
  auto odd = rig::found({a});
  odd.unusable = 2;
  auto x = r.turn(odd, rig::found({}));
  REQUIRE(rig::count(x, kind::query_excess) == 1);
  CHECK(std::ranges::find(x.notes, kind::query_excess, &discovery_note::what)->count == 2);
  CHECK(rig::count(r.turn(odd, rig::found({})), kind::query_excess) == 0);
}

TEST_CASE("a source that never answers has failed after 30 s; the next round asks it again") {
  rig r;
  r.core.answered(r.round, 0, rig::found({a}), r.now);
  CHECK(r.core.wake() <= r.now + 30s);
  r.now += 30s;
  auto x = r.core.next(r.now);
  REQUIRE(x.over);
  CHECK(x.over->failed == 1);
  CHECK(rig::count(x, kind::query_fails) == 1);
  CHECK(r.core.status(r.now).sources[1].why == "no answer in 30000 ms");
  r.core.answered(r.round, 1, rig::found({b}), r.now);  // Too late.
  CHECK(r.core.status(r.now).targets.size() == 1);
  r.now += 1s;
  CHECK(r.core.next(r.now).ask == r.round + 1);
}

TEST_CASE("what a source tells unasked adds, and takes nothing away") {
  rig r;
  r.core.heard(1, {{a, {.name = "x@there"}}}, r.now);
  CHECK(r.core.next(r.now).dials.size() == 1);
  for (int i = 0; i < 10; ++i)
    r.core.heard(1, {}, r.now);
  CHECK(r.core.status(r.now).targets.at(0).state == "dialling");
}

TEST_CASE("refreshing asks all sources now and does not wait for back-offs") {
  rig r;
  r.core.answered(r.round, 0, rig::found({a}), r.now);
  r.core.answered(r.round, 1, rig::failed(), r.now);
  auto d = r.core.next(r.now).dials;
  REQUIRE(d.size() == 1);
  for (int i = 0; i < 5; ++i) {
    CHECK(r.core.attempt_done(d.at(0).attempt, {connect_outcome::kind::unproven, "", ""}, r.now));
    CHECK(r.core.next(r.now).dials.empty());
    auto wanted = r.core.refresh(r.now);
    auto x = r.core.next(r.now);
    d = x.dials;
    if (x.ask) {
      CHECK(*x.ask == wanted);
      r.round = wanted;
    }
    CHECK(d.size() == 1);
    CHECK(wanted >= r.round);
  }
}

TEST_CASE("the status is a table for people") {
  rig r;
  r.turn(rig::found({a, b}), rig::failed("SERVFAIL"));
  r.core.up("x@there", r.now);
  CHECK(r.core.attempt_done(1, {connect_outcome::kind::connected, "x@there", ""}, r.now));
  CHECK(r.core.attempt_done(2, {connect_outcome::kind::unproven, "", "the cookie differs"}, r.now));
  auto text = to_text(r.core.status(r.now));
  INFO(text);
  for (const auto* part : {"round 2", "first", "found", "failed", "SERVFAIL", "10.0.0.1:4400", "linked", "x@there",
                           "again in 0.", "unproven: the cookie differs"})
    CHECK(text.find(part) != std::string::npos);
}

TEST_CASE("D191 a partial answer adds, and makes nobody absent however often it comes; it is told once") {
  rig r{true};
  r.turn(rig::found({b}), rig::found({}));
  std::vector<std::string> let_go;
  std::size_t told = 0;
  for (int i = 0; i < 6; ++i) {
    auto part = rig::found({a});
    part.what = answer::partial;
    part.why = "AAAA: SERVFAIL";
    auto out = r.turn(std::move(part), rig::found({}));
    let_go.insert(let_go.end(), out.disconnects.begin(), out.disconnects.end());
    told += rig::count(out, kind::query_fails);
    CHECK(rig::count(out, kind::absent) == 0);
    CHECK(out.over->added == (i == 0 ? 1 : 0));
  }
  CHECK(told == 1);
  CHECK(let_go.empty());
  auto s = r.core.status(r.now);
  CHECK(s.targets.size() == 2);
  CHECK(s.sources[0].state == "partial");
  CHECK(rig::count(r.turn(rig::found({a}), rig::found({})), kind::query_works) == 1);
  r.turn(rig::found({a}), rig::found({}));
  CHECK(rig::count(r.turn(rig::found({a}), rig::found({})), kind::absent) == 1);
}
