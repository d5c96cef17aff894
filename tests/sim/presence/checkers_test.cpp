// Each checker of the campaign catches what it is for.

#include "actors/events.hpp"
#include "net/events.hpp"
#include "sim/presence/checkers/leaves_with_cause.hpp"
#include "sim/presence/checkers/no_endless_transfers.hpp"
#include "sim/presence/checkers/no_way_back.hpp"
#include "sim/presence/checkers/posts_as_subscribed.hpp"
#include "sim/presence/checkers/posts_in_order.hpp"
#include "sim/presence/checkers/refs_in_order.hpp"
#include "testing/world.hpp"

#include <doctest/doctest.h>

#include <initializer_list>
#include <string>
#include <vector>

using namespace beamline;
using namespace beamline::gathering;

namespace {

constexpr std::uint64_t speaker = 3, ear = 4;

/// Two linked nodes, and events as the program tells them.
struct bench {
  troubles t;
  testing::world w;
  std::vector<testing::checker*> watching;
  testing::simulated_node* a = nullptr;
  testing::simulated_node* b = nullptr;

  void start(std::initializer_list<testing::checker*> all) {
    w.add_observer(t);
    watching = all;
    for (auto* c : watching)
      w.add_observer(*c);
    a = &w.start_node("a@sim");
    b = &w.start_node("b@sim");
    link("up");
    w.pass(1s);
  }
  /// For those whose checkers go before the world.
  void leave() {
    for (auto* c : watching)
      w.remove_observer(*c);
  }
  void link(std::string_view status) {
    a->events().emit(net::link_changed{"b@sim", b->incarnation(), "", status, "", 1});
    b->events().emit(net::link_changed{"a@sim", a->incarnation(), "", status, "", 1});
  }
};

std::string evidence(const testing::checker& c) { return c.broken() ? c.broken()->evidence : ""; }

struct post_bench : bench {
  posts_as_subscribed as_subscribed{t, 100ms, 200ms};
  posts_in_order in_order;

  post_bench() { start({&as_subscribed, &in_order}); }
  ~post_bench() { leave(); }
  void say(std::uint64_t number, std::string_view to = "all", std::string_view topic = "news") {
    a->events().emit(posted{speaker, "main", topic, number, to});
  }
  void hear(std::uint64_t number, std::uint64_t by = ear, std::string_view system = "main",
            std::string_view topic = "news") {
    (by == speaker ? a : b)
        ->events()
        .emit(post_heard{by, system, "main", topic, "a@sim", a->incarnation(), speaker, number});
  }
  void subscribe(std::uint64_t now, std::uint64_t ever, std::uint64_t who = ear, std::string_view topic = "news") {
    (who == speaker ? a : b)->events().emit(subscriptions_changed{who, "main", topic, now, ever});
  }
  void end() {
    w.pass(5s);
    as_subscribed.at_end(w);
  }
};

presence::entries_transferred asked(std::string_view peer) { return {"guests", 0, peer, "asked", 10}; }

struct guest_bench : bench {
  std::uint64_t listed = 0;
  diffs_fold fold{[this](testing::simulated_node&, std::string_view, std::string_view) { return listed; }};
  guest_book book{fold};
  no_way_back forward;
  refs_in_order refs;
  silences heard{{.grace = 300ms, .period = 100ms, .down = 800ms}};
  leaves_with_cause causes{book, t, heard, 500ms};

  guest_bench() { start({&fold, &book, &forward, &refs, &causes}); }
  ~guest_bench() { leave(); }

  entry_shown entry(std::string_view ref, bool is_join) const {
    entry_shown e{"guests", 0, "bar", "a@sim", 7, 20, "k", ref, {}, 1};
    e.is_join = is_join;
    return e;
  }
  void tell(testing::simulated_node& n, const std::vector<entry_shown>& all, std::uint64_t then) {
    listed = then;
    for (const auto& e : all)
      n.events().emit(e);
    n.events().emit(diff_told{"guests", 0});
  }
  void note(std::string_view is, std::string_view ref = {}) {
    a->events().emit(guest_changed{"guests", "bar", 20, "k", is, ref});
  }
  /// A guest is tracked on a, and seen on b.
  void arrive() {
    note("asked");
    tell(*a, {entry("r1", true)}, 1);
    note("there", "r1");
    tell(*b, {entry("r1", true)}, 1);
  }
  /// Of the shard on b.
  [[nodiscard]] silences::shard_id shard() const { return {b->incarnation(), "presence:guests:0"}; }
  void beat() { heard.heard(shard(), "a@sim", w.now()); }
  void lose() { heard.link_lost(shard(), "a@sim", w.now()); }
  void find() { heard.link_found(shard(), "a@sim", w.now()); }
  [[nodiscard]] std::string found() const {
    return evidence(fold) + evidence(book) + evidence(forward) + evidence(refs) + evidence(causes);
  }
};

}  // namespace

TEST_CASE("posts that are heard as often as they are subscribed to are fine") {
  post_bench p;
  p.subscribe(2, 2);
  p.say(1);
  p.hear(1);
  p.hear(1);
  p.say(2);
  p.subscribe(0, 2);
  p.say(3);
  p.end();
  CHECK(evidence(p.as_subscribed) == "");
  CHECK(evidence(p.in_order) == "");
}

TEST_CASE("a post that is heard once too often is caught") {
  post_bench p;
  p.subscribe(1, 1);
  p.say(1);
  p.hear(1);
  p.hear(1);
  CHECK(evidence(p.as_subscribed).ends_with("copy 2, and had 1 subscriptions to it (I17)"));
}

TEST_CASE("a kept post comes once more for each later subscription, and not more often") {
  post_bench p;
  p.subscribe(1, 1, ear, "weather");
  p.say(1, "all", "weather");
  p.hear(1, ear, "main", "weather");
  p.subscribe(2, 2, ear, "weather");
  p.hear(1, ear, "main", "weather");
  CHECK(evidence(p.as_subscribed) == "");
  p.hear(1, ear, "main", "weather");
  CHECK(evidence(p.as_subscribed).ends_with("copy 3, and had 2 subscriptions to it (I17)"));
}

TEST_CASE("a post that is lost with nothing in its way is caught") {
  post_bench p;
  p.subscribe(2, 2);
  p.say(1);
  p.hear(1);
  SUBCASE("nothing was in its way") {
    p.end();
    CHECK(evidence(p.as_subscribed).ends_with("1 times, with 2 subscriptions and nothing in its way (I17)"));
  }
  SUBCASE("the link was down") {
    p.link("down");
    p.end();
    CHECK(evidence(p.as_subscribed) == "");
  }
  SUBCASE("the receiver ended") {
    p.b->events().emit(process_ended{9, "beamline::pubsub::detail::receiver", "killed"});
    p.end();
    CHECK(evidence(p.as_subscribed) == "");
  }
  SUBCASE("it was refused") {
    p.a->events().emit(post_refused{speaker, 1});
    p.end();
    CHECK(evidence(p.as_subscribed) == "");
  }
}

TEST_CASE("an own post that was for others is caught") {
  post_bench p;
  p.subscribe(1, 1, speaker);
  p.say(1, "others");
  p.hear(1, speaker);
  CHECK(evidence(p.as_subscribed).ends_with("its own, which was for others only (I19)"));
}

TEST_CASE("a post that was made after its listener unsubscribed is caught") {
  post_bench p;
  p.subscribe(1, 1);
  p.subscribe(0, 1);
  p.say(1);
  p.hear(1);
  CHECK(evidence(p.as_subscribed).ends_with("copy 1, and had 0 subscriptions since it was made (I20)"));
}

TEST_CASE("a post of another system is caught, and one that was for another node, and one that nobody made") {
  post_bench p;
  p.subscribe(1, 1);
  p.say(1, "here");
  SUBCASE("of another system") {
    p.hear(1, ear, "red");
    CHECK(evidence(p.as_subscribed).ends_with("which was made in the system main (I21)"));
  }
  SUBCASE("for another node") {
    p.hear(1);
    CHECK(evidence(p.as_subscribed).ends_with("which was for its own node only (I17)"));
  }
  SUBCASE("never made") {
    p.hear(2);
    CHECK(evidence(p.as_subscribed).ends_with("which was never made (I17)"));
  }
}

TEST_CASE("posts of one speaker in another order are caught, over all topics") {
  post_bench p;
  p.hear(1);
  p.hear(2, ear, "main", "sport");
  p.hear(1, ear, "main", "weather");  // A value that was kept.
  CHECK(evidence(p.in_order) == "");
  p.hear(1);
  CHECK(evidence(p.in_order).ends_with("heard post 1 of <a@sim.3> after 2 (I18)"));
}

TEST_CASE("guests that come, change and go as diffs say are fine") {
  guest_bench g;
  g.arrive();
  g.note("asked");
  auto changed = g.entry("r2", true);
  changed.ref_prev = "r1";
  g.tell(*g.a, {g.entry("r1", false), changed}, 1);
  g.note("there", "r2");
  g.tell(*g.b, {g.entry("r1", false), changed}, 1);
  g.note("asked");
  g.tell(*g.a, {g.entry("r2", false)}, 0);
  g.note("gone");
  g.tell(*g.b, {g.entry("r2", false)}, 0);
  CHECK(g.found() == "");
}

TEST_CASE("who joins twice, or leaves unlisted, is caught, and a list that is not what diffs say") {
  guest_bench g;
  g.arrive();
  SUBCASE("twice") {
    g.tell(*g.b, {g.entry("r1", true)}, 1);
    CHECK(evidence(g.fold).ends_with("bar/k of <a@sim.20> joins, and is listed already (I25)"));
  }
  SUBCASE("unlisted") {
    auto other = g.entry("r1", false);
    other.key = "k2";
    g.tell(*g.b, {other}, 1);
    CHECK(evidence(g.fold).ends_with("bar/k2 of <a@sim.20> leaves, and was not listed (I25)"));
  }
  SUBCASE("another list") {
    auto other = g.entry("r1", true);
    other.key = "k2";
    g.tell(*g.b, {other}, 1);
    CHECK(evidence(g.fold).ends_with("1 are listed in bar, and its diffs lead to 2 (I25)"));
  }
}

TEST_CASE("who is tracked and not listed on its own node is caught") {
  guest_bench g;
  SUBCASE("never") {
    g.note("there", "r1");
    CHECK(evidence(g.book).ends_with("and its own node lists nothing (I23)"));
  }
  SUBCASE("not any more") {
    g.arrive();
    g.tell(*g.a, {g.entry("r1", false)}, 0);
    CHECK(evidence(g.book).ends_with("and neither did it end nor did its host ask for that (I26)"));
  }
  SUBCASE("it ended") {
    g.arrive();
    g.a->events().emit(process_ended{20, "guest", "normal"});
    g.tell(*g.a, {g.entry("r1", false)}, 0);
    CHECK(g.found() == "");
  }
}

TEST_CASE("who joins in an earlier run of its shard is caught") {
  guest_bench g;
  g.b->events().emit(presence::replica_changed{"guests", 0, "a@sim", 8, "up", ""});
  g.note("asked");
  g.tell(*g.a, {g.entry("r1", true)}, 1);
  g.tell(*g.b, {g.entry("r1", true)}, 1);
  CHECK(evidence(g.forward).ends_with("joins bar in run 7 of its shard, and run 8 was shown already (I29)"));
}

TEST_CASE("refs that are given twice, follow another or come out of order are caught") {
  guest_bench g;
  g.arrive();
  SUBCASE("twice") {
    auto other = g.entry("r1", true);
    other.key = "k2";
    g.tell(*g.a, {other}, 2);
    CHECK(evidence(g.refs).ends_with("was given before (I31)"));
  }
  SUBCASE("the one before is another") {
    auto changed = g.entry("r2", true);
    changed.ref_prev = "r0";
    g.tell(*g.a, {g.entry("r1", false), changed}, 1);
    CHECK(evidence(g.refs).ends_with("names r0 before it, and that was r1 (I31)"));
  }
  SUBCASE("by nobody") {
    g.tell(*g.b, {g.entry("r1", false), g.entry("r9", true)}, 1);
    CHECK(evidence(g.refs).ends_with("was given by nobody (I31)"));
  }
  SUBCASE("out of order") {
    g.tell(*g.a, {g.entry("r1", false), g.entry("r2", true)}, 1);
    g.tell(*g.b, {g.entry("r1", false), g.entry("r2", true)}, 1);
    g.tell(*g.b, {g.entry("r2", false), g.entry("r1", true)}, 1);
    CHECK(evidence(g.refs).ends_with("comes after r2, and was given before it (I31)"));
  }
}

TEST_CASE("who leaves another node's list without a cause is caught") {
  guest_bench g;
  g.arrive();
  g.w.pass(2s);
  auto leave = [&] { g.tell(*g.b, {g.entry("r1", false)}, 0); };
  auto caught = [&] { return evidence(g.causes).find("on a node that was not away for long: ") != std::string::npos; };
  SUBCASE("nothing is known of who was heard") {
    leave();
    CHECK(evidence(g.causes).ends_with("nothing is known of its shard (I30)"));
  }
  SUBCASE("it was heard") {
    g.beat();
    g.w.pass(800ms);
    leave();
    CHECK(caught());
  }
  SUBCASE("it was not heard for too long") {
    g.beat();
    g.w.pass(801ms);
    leave();
    CHECK_FALSE(caught());
  }
  SUBCASE("its shard was started anew") {
    g.beat();
    g.a->events().emit(process_ended{9, "beamline::presence::shard", "killed"});
    leave();
    CHECK_FALSE(caught());
  }
  SUBCASE("its host asked for it") {
    g.beat();
    g.note("asked");
    leave();
    CHECK_FALSE(caught());
  }
}

TEST_CASE("a lost link is a cause to leave when nothing is heard for the grace, and for a period after it is back") {
  guest_bench g;
  g.arrive();
  g.w.pass(2s);
  g.beat();
  g.lose();
  auto is_cause = [&] { return g.heard.is_cause(g.shard(), "a@sim", g.w.now()); };
  auto after = [&](duration d) {
    g.w.pass(d);
    return is_cause();
  };
  SUBCASE("it stays lost") {
    CHECK_FALSE(after(299ms));
    CHECK(after(1ms));
  }
  SUBCASE("it is lost again and again") {
    g.w.pass(100ms);
    g.find();
    g.w.pass(50ms);
    g.lose();
    CHECK_FALSE(after(149ms));
    CHECK(after(1ms));
  }
  // Seed 20261122992237: a node that thaws, is linked, and freezes before it has said a word.
  SUBCASE("it is back, and says nothing") {
    g.w.pass(226ms);
    g.find();
    CHECK_FALSE(after(99ms));
    CHECK(after(1ms));
  }
  SUBCASE("it is back, and heard") {
    g.w.pass(226ms);
    g.find();
    g.beat();
    CHECK_FALSE(after(800ms));
  }
  SUBCASE("it is heard, and lost once more") {
    g.w.pass(226ms);
    g.beat();
    g.lose();
    CHECK_FALSE(after(299ms));
    CHECK(after(1ms));
  }
  SUBCASE("who was not linked when the shard started was away before") {
    g.heard.started(g.shard(), {"c@sim"}, g.w.now());
    CHECK_FALSE(after(299ms));
    CHECK(after(1ms));
    CHECK_FALSE(g.heard.is_cause(g.shard(), "c@sim", g.w.now()));
  }
}

TEST_CASE("transfers without an end, and entries that differ at equal clocks, are caught") {
  no_endless_transfers c{3};
  bench b;
  b.start({&c});
  SUBCASE("without an end") {
    for (int i = 0; i < 3; ++i)
      b.a->events().emit(asked("b@sim"));
    CHECK(evidence(c) == "");
    b.a->events().emit(asked("b@sim"));
    CHECK(evidence(c) == "4 transfers were asked for, the last one by a@sim (I44)");
  }
  SUBCASE("differ") {
    b.a->events().emit(presence::replica_diverged{"guests", 0, "b@sim"});
    CHECK(evidence(c) == "a@sim holds of b@sim what that one does not have, at equal clocks, in guests (I27)");
  }
}
