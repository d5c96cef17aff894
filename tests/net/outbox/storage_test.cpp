#include "net/outbox/support.hpp"
#include "net/outbox/table.hpp"

using namespace beamline;
using namespace beamline::net::outbox;
using namespace beamline::net::outbox::test;
using testing::for_each_seed;
using testing::node_end;

namespace {

/// Submits numbered comments one after another and remembers what was promised.
struct promises {
  std::vector<std::shared_ptr<std::optional<outcome>>> all;
  /// The numbers that were reported applied or buffered so far.
  [[nodiscard]] std::set<std::uint64_t> kept() const {
    std::set<std::uint64_t> out;
    for (std::size_t i = 0; i < all.size(); ++i)
      if (all[i]->has_value() && !std::holds_alternative<refused>(**all[i]))
        out.insert(i + 1);
    return out;
  }
  std::shared_ptr<std::optional<outcome>> submit(story& s, std::string key = "a", bool is_direct = true) {
    auto n = all.size() + 1;
    return all.emplace_back(s.submit(numbered(n, "comment", std::move(key)), is_direct));
  }
};

/// What was promised came, nothing twice, and in order.
bool keeps(const promises& p, const ledger& book) {
  auto numbers = book.numbers();
  std::set<std::uint64_t> arrived{numbers.begin(), numbers.end()};
  return arrived.size() == numbers.size() && std::is_sorted(numbers.begin(), numbers.end())
      && std::ranges::includes(arrived, p.kept());
}

}  // namespace

TEST_CASE("SY19 I37 I38 a host that dies at any moment loses nothing it promised, and nothing is applied twice") {
  for_each_seed(150, [](world& w) {
    story s{w};
    s.start_target();
    s.book.takes = 2ms;
    promises p;
    auto random = seeded_random{w.seed()};
    bool was_linked = random.below(2) == 0;
    if (was_linked)
      s.link();
    for (int i = 0; i < 25; ++i) {
      p.submit(s, "a", random.below(3) != 0);
      if (random.below(4) == 0)
        w.pass(duration{static_cast<std::int64_t>(random.below(4'000'000))});
      if (!was_linked && i == 12)
        s.link();
    }
    w.pass(duration{static_cast<std::int64_t>(random.below(30'000'000))});
    w.end_node(s.host(), random.below(2) == 0 ? node_end::crash : node_end::power_loss);
    w.pass(100ms);
    s.start_host();
    s.link();
    s.expect_empty();
    CHECK(keeps(p, s.book));
  });
}

TEST_CASE("an outbox that is killed again and again, while its target comes and goes, keeps its promises") {
  for_each_seed(100, [](world& w) {
    story s{w};
    s.start_target();
    s.book.takes = 2ms;
    promises p;
    auto random = seeded_random{w.seed()};
    bool is_linked = false;
    for (int i = 0; i < 60; ++i) {
      switch (random.below(10)) {
        case 0:
        case 1:
          if (auto who = s.outbox())
            s.host().kill(who);
          break;
        case 2:
          is_linked ? s.cut() : s.link();
          is_linked = !is_linked;
          break;
        case 3:
        case 4: w.pass(duration{static_cast<std::int64_t>(random.below(20'000'000))}); break;
        default: p.submit(s, "a", random.below(2) == 0);
      }
    }
    if (!is_linked)
      s.link();
    w.advance(12s);
    s.expect_empty();
    for (const auto& got : p.all)
      CHECK(got->has_value());
    // Who is told by a process that was killed asks again with the same event: order holds among those told at once.
    auto numbers = s.book.numbers();
    std::set<std::uint64_t> arrived{numbers.begin(), numbers.end()};
    CHECK(arrived.size() == numbers.size());
    for (auto n : p.kept())
      CHECK(arrived.contains(n));
  });
}

TEST_CASE(
    "a disk that is full or fails makes the outbox refuse what it cannot keep, and it goes on when it is healed") {
  for_each_seed(150, [](world& w) {
    story s{w};
    s.start_target();
    promises p;
    auto random = seeded_random{w.seed()};
    for (int round = 0; round < 3; ++round) {
      for (int i = 0; i < 10; ++i) {
        p.submit(s, "a", random.below(2) == 0);
        if (i == 3)
          random.below(2) == 0 ? s.host().disk().set_failing(true) : s.host().disk().set_full(true);
        if (random.below(3) == 0)
          w.pass(3ms);
      }
      w.advance(200ms);
      if (round == 1) {
        s.link();
        w.advance(500ms);  // What waits is sent, even though nothing can be written.
      }
      s.host().disk().heal();
      if (random.below(3) == 0)
        w.end_node(s.host(), node_end::power_loss), s.start_host();
      w.advance(2s);
    }
    if (!s.net.is_linked(s.host(), s.far()))
      s.link();
    s.expect_empty();
    CHECK(keeps(p, s.book));
    auto st = s.look();
    CHECK(st.dead == 0);
  });
}

TEST_CASE("while the disk fails the direct way still works") {
  for_each_seed(10, [](world& w) {
    story s{w};
    s.start_target();
    s.link();
    s.host().disk().set_failing(true);
    CHECK(text_of(s.do_submit(numbered(1, "like", "a"))) == "applied: done a");
    auto refusal = text_of(s.do_submit(numbered(2, "like", "a"), false));
    CHECK(refusal.starts_with("full: the outbox cannot write it down"));
    s.host().disk().heal();
    CHECK(text_of(s.do_submit(numbered(3, "like", "a"), false)) == "buffered");
    s.expect_empty();
    CHECK(s.book.numbers() == std::vector<std::uint64_t>{1, 3});
  });
}

TEST_CASE("what was merged survives the death of the host whole, once, and nothing is merged into it any more") {
  for_each_seed(60, [](world& w) {
    story s{w};
    s.start_target();
    std::vector<std::shared_ptr<std::optional<outcome>>> all;
    auto visit = [&](int n) {
      all.push_back(s.submit(numbered(static_cast<std::uint64_t>(n), "visit", "a", visit_of("v" + std::to_string(n)))));
    };
    for (int n = 1; n <= 30; ++n) {
      visit(n);
      if (n % 7 == 0)
        w.pass(2ms);
    }
    w.pass(duration{static_cast<std::int64_t>(seeded_random{w.seed()}.below(8'000'000))});
    w.end_node(s.host(), node_end::power_loss);
    s.start_host();
    for (int n = 31; n <= 40; ++n)
      visit(n);
    w.advance(1s);
    s.link();
    s.expect_empty();
    std::vector<std::string> arrived;
    for (const auto& e : s.book.applied) {
      auto some = visitors_in(e.payload);
      arrived.insert(arrived.end(), some.begin(), some.end());
    }
    CHECK(std::set<std::string>{arrived.begin(), arrived.end()}.size() == arrived.size());
    for (std::size_t i = 0; i < all.size(); ++i)
      if (all[i]->has_value() && std::holds_alternative<buffered>(**all[i]))
        CHECK(std::find(arrived.begin(), arrived.end(), "v" + std::to_string(i + 1)) != arrived.end());
  });
}

TEST_CASE("dead letters and their reasons are there after a restart") {
  for_each_seed(20, [](world& w) {
    story s{w};
    s.start_target();
    s.book.rejects = [](const event&) { return "no such post"; };
    CHECK(text_of(s.do_submit(numbered(1, "comment", "a", "words"))) == "buffered");
    s.link();
    s.expect_empty();
    w.advance(1s);
    w.end_node(s.host(), node_end::power_loss);
    s.start_host();
    s.await_ready();
    auto dead = w.ask<entry_list>(s.outbox(), list_dead{});
    REQUIRE(dead.entries.size() == 1);
    CHECK(dead.entries[0].state == "no such post");
    CHECK(dead.entries[0].what.payload == "words");
  });
}

TEST_CASE("an outbox that ends in order sends what it can, and leaves the rest for its next life") {
  for_each_seed(40, [](world& w) {
    story s{w};
    s.start_target();
    promises p;
    for (int i = 0; i < 200; ++i)
      p.submit(s, "a", false);
    w.advance(1s);
    SUBCASE("the target is there: everything arrives") {
      s.book.takes = 5ms;
      s.link();
      CHECK(w.stop_node(s.host(), 6s).is_clean());
      CHECK(s.book.numbers() == up_to(200));
    }
    SUBCASE("the target is away: it does not wait for it") {
      auto begun = w.now();
      CHECK(w.stop_node(s.host(), 6s).is_clean());
      CHECK(w.now() - begun < 1s);
      CHECK(s.book.numbers().empty());
    }
    SUBCASE("the target does not answer: it waits no longer than it may") {
      s.book.is_deaf = true;
      s.link();
      w.pass(10ms);
      auto begun = w.now();
      CHECK(w.stop_node(s.host(), 6s).is_clean());
      CHECK(w.now() - begun < 4s);
      s.book.is_deaf = false;
    }
    if (s.book.numbers().size() < 200) {
      s.start_host();
      if (!s.net.is_linked(s.host(), s.far()))
        s.link();
      s.expect_empty();
    }
    CHECK(s.book.numbers() == up_to(200));
  });
}

TEST_CASE("events that were under way directly at the end are kept, and whoever made them is told") {
  for_each_seed(20, [](world& w) {
    story s{w};
    s.start_target();
    s.link();
    s.book.is_deaf = true;
    auto got = s.submit(numbered(1, "comment", "a"));
    w.pass(20ms);
    CHECK(s.look().direct == 1);
    w.stop_node(s.host(), 6s);
    s.book.is_deaf = false;
    s.start_host();
    s.link();
    s.expect_empty();
    CHECK(s.book.numbers() == up_to(1));
  });
}

TEST_CASE("an outbox in memory writes what is left at its end to the recovery file, from which it is imported") {
  for_each_seed(20, [](world& w) {
    story s{w, {.is_durable = false}};
    s.start_target();
    for (std::uint64_t n = 1; n <= 7; ++n)
      CHECK(text_of(s.do_submit(numbered(n, "comment", "a"))) == "buffered");
    w.stop_node(s.host(), 6s);
    auto left = parse_recovery_file(s.recovery->text);
    CHECK(left.problems.empty());
    REQUIRE(left.events.size() == 7);

    s.start_host();
    s.await_ready();
    CHECK(s.look().size == 0);
    auto report = w.ask<import_report>(s.outbox(), import_events{left.events});
    CHECK(report.kept == 7);
    CHECK(report.refused.empty());
    CHECK(w.ask<import_report>(s.outbox(), import_events{left.events}).known == 7);
    s.link();
    s.expect_empty();
    CHECK(s.book.numbers() == up_to(7));
    // Once more, when they have been applied: the target knows them.
    CHECK(w.ask<import_report>(s.outbox(), import_events{left.events}).kept == 7);
    s.expect_empty();
    CHECK(s.book.numbers() == up_to(7));
  });
}

TEST_CASE("an import says which events it refuses, and why") {
  for_each_seed(5, [](world& w) {
    auto o = prompt_options();
    o.entries_max = 2;
    story s{w, {.outbox = o}};
    auto old = numbered(1, "comment", "a");
    old.at = s.host().env().time().wall_now() - std::chrono::hours{24 * 8};
    auto fresh = [&](std::uint64_t n, std::string type) {
      auto e = numbered(n, std::move(type), "a");
      e.at = s.host().env().time().wall_now();
      return e;
    };
    auto report = w.ask<import_report>(s.outbox(),
                                       import_events{{old, fresh(2, "unheard"), fresh(3, "comment"),
                                                      fresh(3, "comment"), fresh(4, "comment"), fresh(5, "comment")}});
    CHECK(report.kept == 2);
    CHECK(report.known == 1);
    REQUIRE(report.refused.size() == 3);
    CHECK(report.refused[0].find("age_max") != std::string::npos);
    CHECK(report.refused[1].find("unheard") != std::string::npos);
    CHECK(report.refused[2].find("full") != std::string::npos);
    CHECK(w.ask<import_report>(s.outbox(), import_events{}).kept == 0);
  });
}

TEST_CASE("dead letters beyond their bound are written down, and gone only then") {
  for_each_seed(10, [](world& w) {
    auto o = prompt_options();
    o.dead_max = 3;
    story s{w, {.outbox = o}};
    s.start_target();
    s.book.rejects = [](const event&) { return "no"; };
    for (std::uint64_t n = 1; n <= 5; ++n)
      (void)s.do_submit(numbered(n, "comment", "a"));
    bool is_failing = w.seed() % 2 == 0;
    s.recovery->is_failing = is_failing;
    s.link();
    s.expect_empty();
    w.advance(2s);
    CHECK(s.look().dead == 3);
    CHECK(s.look().lost == 0);
    auto written = [&] { return parse_recovery_file(s.recovery->text).events.size(); };
    CHECK(written() == (is_failing ? 0 : 2));
    bool is_power_lost = w.seed() % 3 != 0;
    if (is_power_lost) {
      w.end_node(s.host(), node_end::power_loss);
      s.start_host();
      s.await_ready();
    }
    w.advance(2s);
    CHECK(s.look().dead == 3);
    CHECK(written() == (is_failing ? 0 : 2));
    s.recovery->is_failing = false;
    w.advance(30s);
    CHECK(written() == 2);
    CHECK(s.look().lost == 0);
    w.end_node(s.host(), node_end::power_loss);
    s.start_host();
    s.await_ready();
    w.advance(30s);
    CHECK(s.look().dead == 3);
    CHECK(written() == 2);  // Their rows were gone.
  });
}

TEST_CASE("an outbox in memory writes dead letters that waited for the recovery file at its end") {
  for_each_seed(5, [](world& w) {
    auto o = prompt_options();
    o.dead_max = 1;
    story s{w, {.outbox = o, .is_durable = false}};
    s.start_target();
    s.book.rejects = [](const event&) { return "no"; };
    for (std::uint64_t n = 1; n <= 3; ++n)
      (void)s.do_submit(numbered(n, "comment", "a"));
    s.recovery->is_failing = true;
    s.link();
    s.expect_empty();
    s.recovery->is_failing = false;
    w.stop_node(s.host(), 6s);
    CHECK(parse_recovery_file(s.recovery->text).events.size() == 3);
  });
}

TEST_CASE("dead letters that wait for the recovery file are bounded: more are lost, and counted") {
  for_each_seed(2, [](world& w) {
    auto o = prompt_options();
    o.dead_max = 1;
    story s{w, {.outbox = o}};
    s.start_target();
    s.book.rejects = [](const event&) { return "no"; };
    s.recovery->is_failing = true;
    for (std::uint64_t n = 1; n <= evicted_max + 51; ++n)
      (void)s.submit(numbered(n, "comment", "k" + std::to_string(n)), false);
    w.advance(1s);
    s.link();
    s.expect_empty(60s);
    w.advance(10s);
    CHECK(s.look().dead == 1);
    CHECK(s.look().lost == 50);
    s.recovery->is_failing = false;
    w.advance(30s);
    CHECK(s.look().lost == 50);
    CHECK(parse_recovery_file(s.recovery->text).events.size() == evicted_max);
  });
}

TEST_CASE("a table of a newer release is refused with a reason, and not touched") {
  for_each_seed(3, [](world& w) {
    story s{w};
    (void)s.do_submit(numbered(1, "comment", "a"));
    w.stop_node(s.host(), 6s);
    {
      auto& n = w.start_node("host_1@sim");
      auto& db = n.own<testing::simulated_database>(n);
      bool is_done = false;
      auto newer = migrations();
      newer.push_back({static_cast<int>(newer.size()) + 1, "later", "CREATE TABLE outbox_later (x BIGINT)"});
      db.port().migrate(std::string{schema_name}, newer, [&](const result<void>& r) { is_done = r.ok(); });
      w.advance(1s);
      CHECK(is_done);
      w.crash_node(n);
    }
    auto& n = w.start_node("host_1@sim");
    auto& db = n.own<testing::simulated_database>(n);
    auto p = n.spawn<server>(outbox_parts{.classes = blog_classes(), .target_role = "target", .store = db.share()});
    w.advance(1s);
    CHECK_FALSE(n.is_alive(p));
    auto why = n.processes().exit_reason(p.id());
    REQUIRE(why);
    CHECK(why->text.find("newer") != std::string::npos);
  });
}
