#include "net/outbox/server.hpp"

#include "net/outbox/events.hpp"
#include "net/outbox/support.hpp"

using namespace beamline;
using namespace beamline::net::outbox;
using namespace beamline::net::outbox::test;
using testing::for_each_seed;

TEST_CASE("with its target there an event is applied at once, and whoever made it gets the target's answer") {
  for_each_seed(30, [](world& w) {
    story s{w};
    s.start_target();
    s.link();
    CHECK(text_of(s.do_submit(numbered(1, "like", "a"))) == "applied: done a");
    CHECK(text_of(s.do_submit(numbered(1, "like", "a"))) == "applied: again a");
    CHECK(s.book.numbers() == up_to(1));
    CHECK(s.look().size == 0);
  });
}

TEST_CASE("without a target an event is kept, and sent when one comes, without anybody asking") {
  for (bool is_durable : {true, false}) {
    CAPTURE(is_durable);
    for_each_seed(30, [&](world& w) {
      story s{w, {.is_durable = is_durable}};
      for (std::uint64_t n = 1; n <= 20; ++n)
        CHECK(text_of(s.do_submit(numbered(n, "comment", n % 2 == 0 ? "a" : "b"), n % 3 != 0)) == "buffered");
      CHECK(s.look().size == 20);
      CHECK(w.ask<std::uint64_t>(s.outbox(), get_queue_size{}) == 20);
      s.start_target();
      s.link();
      s.expect_empty();
      CHECK(s.book.numbers() == up_to(20));
      CHECK(s.look().accepted == 20);
      CHECK(s.look().applied == 20);
    });
  }
}

TEST_CASE("two outages in a row both drain") {
  for_each_seed(30, [](world& w) {
    story s{w};
    s.start_target();
    std::uint64_t n = 0;
    for (int outage = 0; outage < 3; ++outage) {
      for (int i = 0; i < 15; ++i)
        CHECK(text_of(s.do_submit(numbered(++n, "comment", "a"))) == "buffered");
      s.link();
      s.expect_empty();
      CHECK(s.book.numbers() == up_to(n));
      s.cut();
    }
  });
}

TEST_CASE("an outage that ends in the middle of a drain, and one that comes in it, both drain") {
  for_each_seed(60, [](world& w) {
    story s{w};
    s.start_target();
    s.book.takes = 20ms;
    std::uint64_t n = 0;
    auto random = seeded_random{w.seed()};
    for (int round = 0; round < 4; ++round) {
      for (int i = 0; i < 150; ++i)
        (void)s.submit(numbered(++n, "comment", "a"), false);
      w.run();
      s.link();
      w.pass(duration{static_cast<std::int64_t>(random.below(60'000'000))});
      s.cut();
    }
    s.link();
    s.expect_empty();
    CHECK(s.book.numbers() == up_to(n));
  });
}

TEST_CASE("who is linked when the outbox begins counts as having come up: a restarted outbox sends what it finds") {
  for_each_seed(40, [](world& w) {
    story s{w};
    s.start_target();
    for (std::uint64_t n = 1; n <= 10; ++n)
      CHECK(text_of(s.do_submit(numbered(n, "comment", "a"))) == "buffered");
    s.book.is_deaf = true;
    s.link();
    w.pass(50ms);
    auto first = s.outbox();
    s.host().kill(first);
    s.book.is_deaf = false;
    w.expect("a new life", [&] { return s.outbox() && s.outbox() != first; });
    s.expect_empty();
    CHECK(s.book.numbers() == up_to(10));
  });
}

TEST_CASE("a target that fails is tried again with growing pauses, and an operator may be faster") {
  for_each_seed(20, [](world& w) {
    auto o = prompt_options();
    o.retry_min = 10s;
    o.retry_max = 60s;
    story s{w, {.outbox = o}};
    s.start_target();
    s.link();
    s.book.says_retry = true;
    CHECK(text_of(s.do_submit(numbered(1, "comment", "a"))) == "buffered");
    auto st = s.look();
    CHECK(st.is_failing);
    CHECK_FALSE(st.is_syncing);
    REQUIRE(st.next_attempt);
    CHECK(*st.next_attempt > 4s);
    CHECK(st.last_error.find("later") != std::string::npos);
    // While it fails nobody waits for it in vain.
    auto asked = s.book.batches.size();
    CHECK(text_of(s.do_submit(numbered(2, "comment", "b"))) == "buffered");
    CHECK(s.book.batches.size() == asked);

    s.book.says_retry = false;
    SUBCASE("by itself") {
      w.advance(11s);
      CHECK(s.look().size == 0);
    }
    SUBCASE("by order") {
      CHECK(w.ask<bool>(s.outbox(), trigger_sync{}));
      w.advance(1s);
      CHECK(s.look().size == 0);
      CHECK(s.look().last_error.empty());
      CHECK_FALSE(w.ask<bool>(s.outbox(), trigger_sync{}));
    }
    CHECK(s.book.numbers() == up_to(2));
  });
}

TEST_CASE("I40 a connected target that had a hiccup gets everything without any further node_up") {
  for_each_seed(40, [](world& w) {
    story s{w};
    s.start_target();
    s.link();
    s.book.is_deaf = true;
    for (std::uint64_t n = 1; n <= 5; ++n)
      (void)s.submit(numbered(n, "comment", "a"));
    w.pass(3s);
    s.book.is_deaf = false;
    s.expect_empty();
    CHECK(s.book.numbers() == up_to(5));
  });
}

TEST_CASE("when one of two targets fails the other one gets the next try") {
  for_each_seed(30, [](world& w) {
    story s{w, {.targets = {"target_1@sim", "target_2@sim"}}};
    s.start_target("target_1@sim");
    s.link("target_1@sim");
    CHECK(s.look().target == "target_1@sim");
    s.start_target("target_2@sim");
    s.link("target_2@sim");
    CHECK(s.look().target == "target_1@sim");
    s.cut("target_1@sim");
    CHECK(s.look().target == "target_2@sim");
    CHECK(text_of(s.do_submit(numbered(1, "like", "a"))) == "applied: done a");
  });
}

TEST_CASE("SY24 with a prefix configured, it decides and not the role") {
  for_each_seed(10, [](world& w) {
    story s{w, {.prefix = "target_2", .targets = {"target_1@sim", "target_2@sim"}}};
    s.start_target("target_1@sim");
    s.link("target_1@sim");
    CHECK_FALSE(s.look().target);
    s.start_target("target_2@sim");
    s.link("target_2@sim");
    CHECK(s.look().target == "target_2@sim");
  });
}

TEST_CASE("what cannot be an event is refused as invalid, and leaves no trace") {
  for_each_seed(5, [](world& w) {
    story s{w};
    auto says = [&](event e, std::string_view what) {
      auto t = text_of(s.do_submit(std::move(e)));
      CAPTURE(t);
      CHECK(t.starts_with("invalid: "));
      CHECK(t.find(what) != std::string::npos);
    };
    says(numbered(1, "unheard", "a"), "unheard");
    says(numbered(1, "like", ""), "key");
    says(numbered(1, "like", std::string(300, 'k')), "key");
    says(numbered(1, "comment", "a", bytes(payload_bytes_max + 1, 'x')), "payload");
    auto nil = numbered(1, "like", "a");
    nil.id = {};
    says(nil, "id");
    CHECK(s.look().size == 0);
    CHECK(s.look().refused == 5);
  });
}

TEST_CASE("what the target rejects on the direct way is told, and kept nowhere") {
  for_each_seed(10, [](world& w) {
    story s{w};
    s.start_target();
    s.link();
    s.book.rejects = [](const event&) { return "too long"; };
    CHECK(text_of(s.do_submit(numbered(1, "comment", "a"))) == "invalid: too long");
    CHECK(s.look().size == 0);
    CHECK(s.look().dead == 0);
  });
}

TEST_CASE("a type that the target does not know yet is a dead letter, which is retried after the upgrade") {
  for_each_seed(20, [](world& w) {
    story s{w};
    s.start_target();
    s.link();
    s.book.rejects = [](const event& e) { return e.type == "comment" ? std::string{unknown_event_type} : ""; };
    CHECK(text_of(s.do_submit(numbered(1, "comment", "a"))) == "buffered");
    s.expect_empty();
    CHECK(s.look().dead == 1);
    CHECK(text_of(s.do_submit(numbered(2, "like", "a"))) == "applied: done a");
    auto dead = w.ask<entry_list>(s.outbox(), list_dead{});
    REQUIRE(dead.entries.size() == 1);
    CHECK(dead.entries[0].state == unknown_event_type);

    s.book.rejects = nullptr;
    CHECK(w.ask<std::uint64_t>(s.outbox(), retry_dead{uid{0x7000, 1}}) == 1);
    s.expect_empty();
    CHECK(s.look().dead == 0);
    CHECK(s.book.numbers() == std::vector<std::uint64_t>{2, 1});
    CHECK(w.ask<std::uint64_t>(s.outbox(), retry_dead{}) == 0);
  });
}

TEST_CASE("SY17 a batch with one invalid event in the middle: the others are applied, the bad one is a dead letter") {
  for_each_seed(30, [](world& w) {
    story s{w};
    s.start_target();
    for (std::uint64_t n = 1; n <= 9; ++n)
      CHECK(text_of(s.do_submit(numbered(n, "comment", "a"))) == "buffered");
    s.book.rejects = [](const event& e) { return e.id.low() == 5 ? "no such post" : ""; };
    s.link();
    s.expect_empty();
    CHECK(s.book.numbers() == std::vector<std::uint64_t>{1, 2, 3, 4, 6, 7, 8, 9});
    CHECK(s.look().dead == 1);
    CHECK(w.ask<std::uint64_t>(s.outbox(), discard_dead{uid{0x7000, 4}}) == 0);
    CHECK(w.ask<std::uint64_t>(s.outbox(), discard_dead{}) == 1);
    CHECK(s.look().dead == 0);
  });
}

TEST_CASE("a target that answers for a part of a batch gets the rest again, and nothing twice") {
  for_each_seed(30, [](world& w) {
    story s{w};
    s.start_target();
    s.book.answers_max = 7;
    for (std::uint64_t n = 1; n <= 40; ++n)
      (void)s.submit(numbered(n, "comment", "a"), false);
    w.advance(1s);
    s.link();
    s.expect_empty(60s);
    CHECK(s.book.numbers() == up_to(40));
    CHECK(s.book.duplicates == 0);
  });
}

TEST_CASE("what waits can be looked at") {
  for_each_seed(5, [](world& w) {
    story s{w};
    for (std::uint64_t n = 1; n <= 12; ++n)
      (void)s.do_submit(numbered(n, n == 1 ? "comment" : "visit", "a", n == 1 ? "words" : visit_of("v")));
    auto seen = w.ask<entry_list>(s.outbox(), peek{.count = 10});
    CHECK(seen.total == 2);
    REQUIRE(seen.entries.size() == 2);
    CHECK(seen.entries[0].what.payload == "words");
    CHECK(seen.entries[0].state == "waiting");
    CHECK(seen.entries[1].merged == 11);
    CHECK(s.look().merged == 10);
    CHECK(w.ask<entry_list>(s.outbox(), peek{.count = 1}).entries.size() == 1);
  });
}

TEST_CASE("D208 what waited is sent in batches at the rate that is allowed, and not before its delay") {
  for_each_seed(10, [](world& w) {
    auto o = prompt_options();
    o.events_per_s = 200;
    o.start_delay_max = 2s;
    story s{w, {.outbox = o}};
    s.start_target();
    for (std::uint64_t n = 1; n <= 500; ++n)
      (void)s.submit(numbered(n, "comment", "a"), false);
    w.advance(1s);
    s.link();
    auto begun = w.now();
    s.expect_empty(60s);
    CHECK(s.book.numbers() == up_to(500));
    std::size_t sent = 0;
    for (std::size_t i = 0; i < s.book.batches.size(); ++i) {
      sent += s.book.batches[i];
      CHECK(s.book.batches[i] <= batch_events_max);
      auto since = std::chrono::duration<double>(s.book.at[i] - begun).count();
      CHECK(static_cast<double>(sent) <= 100 + 200 * since + 1);
    }
    CHECK(w.now() - begun >= 2s);
  });
}

TEST_CASE("a target that takes all the time there is leaves enough of it to hear that an event is kept") {
  for_each_seed(10, [](world& w) {
    auto o = prompt_options();
    o.call_time = call_time_max;
    story s{w, {.outbox = o}};
    s.start_target();
    s.link();
    s.book.is_mute = true;
    CHECK(text_of(s.do_submit(numbered(1, "comment", "a"))) == "buffered");
    s.book.is_mute = false;
    s.expect_empty();
    CHECK(s.book.numbers() == up_to(1));
  });
}

TEST_CASE("what was sent directly is never told that the outbox is full") {
  for_each_seed(40, [](world& w) {
    auto o = prompt_options();
    o.entries_max = 5;
    story s{w, {.outbox = o}};
    s.start_target();
    s.link();
    s.book.is_mute = true;  // It applies them.
    std::vector<std::shared_ptr<std::optional<outcome>>> direct, others;
    for (std::uint64_t n = 1; n <= 3; ++n)
      direct.push_back(s.submit(numbered(n, "comment", "a")));
    w.pass(20ms);
    // While they are under way others fill the queue, as far as there is room.
    for (std::uint64_t n = 4; n <= 9; ++n)
      others.push_back(s.submit(numbered(n, "comment", "b"), n % 2 == 0));
    w.pass(20ms);
    for (const auto& got : direct)
      CHECK(text_of(s.await(got)) == "buffered");
    std::size_t kept = 0;
    for (const auto& got : others)
      kept += text_of(s.await(got)) == "buffered" ? 1 : 0;
    CHECK(kept == 2);
    CHECK(s.look().size == 5);
    s.book.is_mute = false;
    s.expect_empty();
    CHECK(s.book.applied.size() == 5);
  });
}

TEST_CASE("telemetry names every event that had to make room") {
  for_each_seed(5, [](world& w) {
    auto o = prompt_options();
    o.entries_max = 2;
    story s{w, {.outbox = o}};
    std::vector<std::string> dropped;
    auto probe = s.host().events().attach<event_settled>([&](const event_settled& e) {
      CHECK(e.how == "dropped");
      CHECK(e.type == "like");
      dropped.emplace_back(e.id);
    });
    for (std::uint64_t n = 1; n <= 3; ++n)
      CHECK(text_of(s.do_submit(numbered(n, "like", "k" + std::to_string(n)))) == "buffered");
    CHECK(text_of(s.do_submit(numbered(4, "comment", "k4"))) == "buffered");
    CHECK(dropped == std::vector{numbered(1, "", "").id.str(), numbered(2, "", "").id.str()});
  });
}

TEST_CASE("the telemetry of the buffer tells what happens, and that every drain ends") {
  for_each_seed(10, [](world& w) {
    story s{w};
    std::map<std::string, std::uint64_t> seen;
    auto probe = s.host().events().attach_all(
        [&](const event_view& e) {
          if (const auto* b = e.as<buffer_changed>())
            seen[std::string{b->action}] += b->count;
        },
        "event_horizon.cluster.buffer");
    s.start_target();
    for (std::uint64_t n = 1; n <= 5; ++n)
      (void)s.do_submit(numbered(n, "comment", "a"));
    s.link();
    s.expect_empty();
    CHECK(seen["accepted"] == 5);
    CHECK(seen["applied"] == 5);
    CHECK(seen["syncing"] > 0);
    CHECK(seen.contains("idle"));
  });
}
