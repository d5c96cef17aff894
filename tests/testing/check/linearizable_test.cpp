#include "testing/check/linearizable.hpp"

#include "base/random.hpp"
#include "testing/world.hpp"

#include <doctest/doctest.h>

#include <functional>
#include <numeric>

using namespace beamline;
using namespace beamline::testing;

namespace {

using verdict = linearization::verdict;
using number = register_model<int>;

/// The definition itself: some order of some of the calls, all answered ones among them, that respects time and the
/// model. Without any memory, so only for a few calls.
template <class M>
bool is_legal_by_definition(const history<M>& h) {
  const auto& all = h.entries();
  std::vector<bool> is_used(all.size());
  std::function<bool(typename M::state)> go = [&](const typename M::state& s) {
    auto is_complete = true;
    std::uint64_t first_answer = UINT64_MAX;
    for (std::size_t i = 0; i < all.size(); ++i)
      if (!is_used[i] && all[i].when.returned) {
        is_complete = false;
        first_answer = std::min(first_answer, *all[i].when.returned);
      }
    if (is_complete)
      return true;
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (is_used[i] || all[i].is_refused || all[i].when.invoked > first_answer)
        continue;
      auto after = s;
      if (!M::apply(after, all[i].what, all[i].got))
        continue;
      is_used[i] = true;
      if (go(after))
        return true;
      is_used[i] = false;
    }
    return false;
  };
  return go(M::initial());
}

/// Clients of one real object: each call takes effect at a moment of its own between its invocation and its answer.
/// Some answers get lost, some calls never take effect.
template <class M, class Draw, class Answer>
history<M> play(std::uint64_t seed, int clients, int calls, Draw draw, Answer answer, std::uint64_t lost_percent = 10) {
  struct client {
    std::size_t call = 0;
    enum class stage : std::uint8_t { idle, made, done, gone } what = stage::idle;
    typename M::answer got{};
  };
  seeded_random chance{seed};
  history<M> h;
  auto state = M::initial();
  std::vector<client> all(static_cast<std::size_t>(clients));
  auto open = 0;
  while (calls > 0 || open > 0) {
    auto who = chance.below(all.size());
    auto& c = all[who];
    if (c.what == client::stage::idle) {
      if (calls == 0)
        continue;
      --calls;
      ++open;
      c.call = h.invoke("c" + std::to_string(who), draw(chance));
      c.what = client::stage::made;
    } else if (c.what == client::stage::made) {
      auto is_lost = chance.below(100) < lost_percent;
      if (is_lost && chance.below(2) == 0) {
        c.what = client::stage::idle;  // It never arrives; its client goes on under the same name.
        --open;
        continue;
      }
      const auto& what = h.entries()[c.call].what;
      c.got = answer(state, what);
      (void)M::apply(state, what, std::nullopt);
      c.what = is_lost ? client::stage::idle : client::stage::done;
      open -= is_lost ? 1 : 0;
    } else {
      h.answer(c.call, c.got);
      c.what = client::stage::idle;
      --open;
    }
  }
  return h;
}

history<number> play_register(std::uint64_t seed, int clients, int calls, std::uint64_t lost_percent = 10) {
  return play<number>(
      seed, clients, calls,
      [](seeded_random& r) {
        auto kind = r.below(3);
        auto value = static_cast<int>(r.below(4));
        auto expected = static_cast<int>(r.below(4));
        return kind == 0 ? number::read() : kind == 1 ? number::write(value) : number::replace(expected, value);
      },
      [](int state, const number::call& c) { return number::answer{.value = state, .is_done = state == c.expected}; },
      lost_percent);
}

history<counter_model> play_counter(std::uint64_t seed, int clients, int calls) {
  return play<counter_model>(
      seed, clients, calls, [](seeded_random& r) { return counter_model::add(static_cast<std::int64_t>(r.below(3))); },
      [](std::int64_t state, const counter_model::call& c) { return counter_model::answer{state + c.add}; });
}

history<set_model<int>> play_set(std::uint64_t seed, int clients, int calls, int values) {
  using model = set_model<int>;
  return play<model>(
      seed, clients, calls,
      [values](seeded_random& r) {
        auto kind = r.below(3);
        auto v = static_cast<int>(r.below(static_cast<std::uint64_t>(values)));
        return kind == 0 ? model::insert(v) : kind == 1 ? model::erase(v) : model::contains(v);
      },
      [](const std::set<int>& state, const model::call& c) { return state.contains(c.value); });
}

/// The same history with another answer to one read or replacement.
history<number> mutate(const history<number>& h, std::uint64_t seed) {
  seeded_random chance{seed};
  history<number> out;
  std::vector<std::pair<std::uint64_t, std::size_t>> events;
  std::vector<std::size_t> answered;
  for (std::size_t i = 0; i < h.entries().size(); ++i) {
    const auto& e = h.entries()[i];
    events.emplace_back(e.when.invoked, i);
    if (e.when.returned) {
      events.emplace_back(*e.when.returned, i);
      if (e.what.what != number::call::kind::write)
        answered.push_back(i);
    }
  }
  std::sort(events.begin(), events.end());
  auto victim = answered.empty() ? h.entries().size() : answered[chance.below(answered.size())];
  std::vector<std::size_t> made(h.entries().size());
  for (auto [when, i] : events) {
    const auto& e = h.entries()[i];
    if (when == e.when.invoked) {
      made[i] = out.invoke(e.client, e.what);
      continue;
    }
    auto a = *e.got;
    if (i == victim) {
      a.value = (a.value + 1) % 4;
      a.is_done = !a.is_done;
    }
    out.answer(made[i], a);
  }
  return out;
}

}  // namespace

TEST_CASE("an empty history is legal, and so is one of unanswered calls only") {
  history<number> h;
  CHECK(judge(h).what == verdict::legal);
  (void)h.invoke("a", number::read());
  (void)h.invoke("b", number::write(1));
  CHECK(judge(h).what == verdict::legal);
}

TEST_CASE("a read that follows a write sees it") {
  history<number> h;
  auto w = h.invoke("a", number::write(1));
  h.answer(w, {});
  auto r = h.invoke("b", number::read());
  SUBCASE("it does") {
    h.answer(r, {.value = 1});
    CHECK(judge(h).what == verdict::legal);
  }
  SUBCASE("it reads what was before") {
    h.answer(r, {.value = 0});
    auto found = judge(h);
    CHECK(found.what == verdict::illegal);
    CHECK(found.why
          == "no order explains \"b: read -> 0\", answer 2 of the history; the longest that explains the rest: "
             "a: write 1; then the state is 1");
  }
}

TEST_CASE("calls that overlap may take effect in either order, but in one for everybody") {
  history<number> h;
  auto one = h.invoke("a", number::write(1));
  auto two = h.invoke("b", number::write(2));
  h.answer(one, {});
  h.answer(two, {});
  auto first = h.invoke("a", number::read());
  h.answer(first, {.value = 1});
  auto second = h.invoke("b", number::read());
  SUBCASE("both see the same last one") {
    h.answer(second, {.value = 1});
    CHECK(judge(h).what == verdict::legal);
  }
  SUBCASE("each sees its own") {
    h.answer(second, {.value = 2});
    CHECK(judge(h).what == verdict::illegal);
  }
}

TEST_CASE("an unanswered call may take effect late, once, or never") {
  history<counter_model> h;
  (void)h.invoke("a", counter_model::add(1));  // Timed out.
  auto read = [&](std::int64_t n) { h.answer(h.invoke("b", counter_model::read()), {n}); };
  SUBCASE("never") {
    read(0);
    read(0);
    CHECK(judge(h).what == verdict::legal);
  }
  SUBCASE("late") {
    read(0);
    read(1);
    CHECK(judge(h).what == verdict::legal);
  }
  SUBCASE("twice") {
    read(1);
    read(2);
    CHECK(judge(h).what == verdict::illegal);
  }
  SUBCASE("and undone") {
    read(1);
    read(0);
    CHECK(judge(h).what == verdict::illegal);
  }
}

TEST_CASE("a refused call has no effect") {
  history<counter_model> h;
  h.refuse(h.invoke("a", counter_model::add(1)));
  auto r = h.invoke("b", counter_model::read());
  SUBCASE("none") {
    h.answer(r, {0});
    CHECK(judge(h).what == verdict::legal);
  }
  SUBCASE("yet one") {
    h.answer(r, {1});
    CHECK(judge(h).what == verdict::illegal);
  }
}

TEST_CASE("the first answer counts") {
  history<counter_model> h;
  auto n = h.invoke("a", counter_model::add(1));
  h.answer(n, {1});
  h.answer(n, {7});
  h.refuse(n);
  CHECK(judge(h).what == verdict::legal);
  CHECK(h.entries()[0].got->total == 1);
  CHECK_FALSE(h.entries()[0].is_refused);
}

TEST_CASE("each value of a set is judged by itself") {
  using model = set_model<std::string>;
  history<model> h;
  h.answer(h.invoke("a", model::insert("x")), false);
  h.answer(h.invoke("a", model::insert("y")), false);
  h.answer(h.invoke("b", model::erase("x")), true);
  auto r = h.invoke("b", model::contains("x"));
  SUBCASE("it was taken out") {
    h.answer(r, false);
    CHECK(judge(h).what == verdict::legal);
  }
  SUBCASE("it is still there") {
    h.answer(r, true);
    auto found = judge(h);
    CHECK(found.what == verdict::illegal);
    CHECK(found.why.find("contains \"x\" -> it was in") != std::string::npos);
    CHECK(found.why.find("\"y\"") == std::string::npos);
  }
}

TEST_CASE("the evidence is the shortest beginning that shows it") {
  history<counter_model> h;
  for (std::int64_t i = 1; i <= 30; ++i)
    h.answer(h.invoke("a", counter_model::add(1)), {i});
  h.answer(h.invoke("b", counter_model::read()), {29});
  for (std::int64_t i = 31; i <= 60; ++i)
    h.answer(h.invoke("a", counter_model::add(1)), {i});
  h.answer(h.invoke("b", counter_model::read()), {1});
  auto found = judge(h);
  REQUIRE(found.what == verdict::illegal);
  CHECK(found.why.starts_with("no order explains \"b: read -> 29\", answer 31 of the history; the longest that "
                              "explains the rest: (18 more) a: add 1 -> 19; "));
  CHECK(found.why.ends_with("then the state is 30"));
}

TEST_CASE("real objects are accepted, whatever overlaps and gets lost") {
  for (std::uint64_t seed = 1; seed <= 2'000; ++seed) {
    CAPTURE(seed);
    REQUIRE(judge(play_register(seed, 4, 24)).what == verdict::legal);
    REQUIRE(judge(play_counter(seed, 4, 24)).what == verdict::legal);
    REQUIRE(judge(play_set(seed, 4, 24, 3)).what == verdict::legal);
  }
}

TEST_CASE("it says the same as the definition, also of wrong answers") {
  auto rejected = 0;
  for (std::uint64_t seed = 1; seed <= 3'000; ++seed) {
    CAPTURE(seed);
    auto h = mutate(play_register(seed, 3, 8, 25), seed);
    auto found = judge(h);
    REQUIRE((found.what == verdict::legal) == is_legal_by_definition(h));
    rejected += found.what == verdict::illegal ? 1 : 0;
  }
  CHECK(rejected > 1'000);
}

TEST_CASE("one wrong answer in a long history is found") {
  auto rejected = 0;
  for (std::uint64_t seed = 1; seed <= 100; ++seed)
    rejected += judge(mutate(play_register(seed, 3, 60, 0), seed)).what == verdict::illegal ? 1 : 0;
  CHECK(rejected > 70);  // The others are legal in another order.
}

TEST_CASE("the shortest illegal beginning is the shortest") {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    CAPTURE(seed);
    auto h = mutate(play_register(seed, 3, 10, 10), seed);
    std::vector<call_span> spans;
    for (const auto& e : h.entries())
      spans.push_back(e.when);
    auto apply = [&](model_state before, std::size_t n, bool is_answered) -> std::optional<model_state> {
      auto s = static_cast<int>(before);
      const auto& e = h.entries()[n];
      if (!number::apply(s, e.what, is_answered ? e.got : std::nullopt))
        return std::nullopt;
      return static_cast<model_state>(s);
    };
    auto found = shortest_illegal(spans, apply);
    std::optional<std::size_t> expected;
    for (std::size_t n = 0; n <= spans.size() && !expected; ++n)
      if (linearize(beginning_of(spans, n), apply).what == verdict::illegal)
        expected = n;
    REQUIRE(found == expected);
  }
}

TEST_CASE("long histories of a few clients are cheap, and the cost is that of the overlap") {
  auto h = play_register(7, 5, 4'000, 0);
  auto found = judge(h);
  CHECK(found.what == verdict::legal);
  CHECK(found.configurations < 40'000);  // About as many as calls.
}

TEST_CASE("beyond the limit it is undecided, which a checker reports") {
  linearizable<counter_model> c{"one counter", {.configurations_max = 1'000}};
  for (int i = 0; i < 40; ++i)
    (void)c.calls().invoke("a", counter_model::add(1 << (i % 20)));
  c.calls().answer(c.calls().invoke("b", counter_model::read()), {-1});
  world w;
  c.at_end(w);
  REQUIRE(c.broken());
  CHECK(c.broken()->invariant == "one counter");
  CHECK(c.broken()->evidence.starts_with("undecided after 1000 configurations of 41 calls: let fewer calls"));
}

TEST_CASE("the checker names what it found") {
  linearizable<counter_model> c;
  world w;
  c.calls().answer(c.calls().invoke("a", counter_model::add(2)), {2});
  c.at_end(w);
  CHECK_FALSE(c.broken());
  c.calls().answer(c.calls().invoke("b", counter_model::read()), {0});
  c.at_end(w);
  REQUIRE(c.broken());
  CHECK(c.broken()->invariant == "linearizable");
}
