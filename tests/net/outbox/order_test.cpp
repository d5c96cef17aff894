#include "net/outbox/support.hpp"

using namespace beamline;
using namespace beamline::net::outbox;
using namespace beamline::net::outbox::test;
using testing::for_each_seed;

TEST_CASE("SY16 a call that timed out and was applied all the same counts once when it is repeated") {
  for_each_seed(40, [](world& w) {
    story s{w};
    s.start_target();
    s.link();
    s.book.is_mute = true;
    auto got = s.submit(numbered(1, "like", "a"));
    CHECK(text_of(s.await(got)) == "buffered");
    CHECK(s.book.numbers() == up_to(1));
    s.book.is_mute = false;
    s.expect_empty();
    CHECK(s.book.numbers() == up_to(1));
    CHECK(s.book.duplicates > 0);
    CHECK(s.look().dead == 0);
  });
}

TEST_CASE("SY18 an event that comes during a drain is applied behind those that wait, also on the direct way") {
  for_each_seed(60, [](world& w) {
    story s{w};
    s.start_target();
    for (std::uint64_t n = 1; n <= 5; ++n)
      CHECK(text_of(s.do_submit(numbered(n, "comment", "a"))) == "buffered");
    s.book.takes = 30ms;
    s.link();
    w.run_until([&] { return !s.book.batches.empty(); }, 5s);
    auto sixth = s.submit(numbered(6, "comment", "a"));
    CHECK(text_of(s.await(sixth)) == "buffered");
    // Nothing of this key waits: it need not wait either.
    auto other = s.submit(numbered(100, "comment", "b"));
    CHECK(text_of(s.await(other)) == "applied: done b");
    s.expect_empty();
    CHECK(s.book.numbers("a") == up_to(6));
  });
}

TEST_CASE(
    "I39 of one key everything is applied in the order it came, whichever way it goes and however the link fares") {
  for_each_seed(80, [](world& w) {
    story s{w};
    s.start_target();
    s.book.takes = 3ms;
    auto random = seeded_random{w.seed()};
    std::map<std::string, std::vector<std::uint64_t>> came;
    std::uint64_t n = 0;
    bool is_linked = false;
    for (int i = 0; i < 60; ++i) {
      switch (random.below(8)) {
        case 0:
          is_linked ? s.cut() : s.link();
          is_linked = !is_linked;
          break;
        case 1: w.pass(duration{static_cast<std::int64_t>(random.below(400'000'000))}); break;
        case 2: s.net.shake(s.host(), s.far()); break;
        default: {
          auto key = "k" + std::to_string(random.below(3));
          came[key].push_back(++n);
          (void)s.submit(numbered(n, "comment", key), random.below(4) != 0);
          if (random.below(3) == 0)
            w.pass(duration{static_cast<std::int64_t>(random.below(5'000'000))});
        }
      }
    }
    if (!is_linked)
      s.link();
    w.advance(2s);
    s.expect_empty();
    for (const auto& k : came)
      CHECK(s.book.numbers(k.first) == k.second);
  });
}

TEST_CASE("however many come at once, the direct way asks the target once per round trip") {
  for_each_seed(20, [](world& w) {
    story s{w};
    s.start_target();
    s.link();
    s.book.takes = 5ms;
    std::vector<std::shared_ptr<std::optional<outcome>>> all;
    for (std::uint64_t n = 1; n <= 200; ++n)
      all.push_back(s.submit(numbered(n, "like", "k" + std::to_string(n % 5))));
    w.advance(2s);
    for (const auto& got : all)
      CHECK(text_of(s.await(got)).starts_with("applied"));
    CHECK(s.book.batches.size() < 60);
    CHECK(s.book.numbers() == up_to(200));
  });
}

TEST_CASE("more than the direct way holds is kept, and nothing is overtaken") {
  for_each_seed(5, [](world& w) {
    auto o = prompt_options();
    o.call_time = 5s;
    story s{w, {.outbox = o}};
    s.start_target();
    s.link();
    s.book.takes = 50ms;
    for (std::uint64_t n = 1; n <= direct_max + 200; ++n)
      (void)s.submit(numbered(n, "comment", "a"));
    w.advance(3s);
    s.expect_empty();
    CHECK(s.book.numbers() == up_to(direct_max + 200));
  });
}

TEST_CASE("merged events wait as one entry with all their visitors, and go as one") {
  for_each_seed(20, [](world& w) {
    story s{w, {.classes = blog_classes(1000)}};
    s.start_target();
    std::vector<std::string> visitors;
    for (std::uint64_t n = 1; n <= 2500; ++n) {
      visitors.push_back("v" + std::to_string(n));
      (void)s.submit(numbered(n, "visit", "a", visit_of(visitors.back())));
      if (n % 100 == 0)
        w.run();
    }
    w.advance(1s);
    auto entries = s.look().size;
    CHECK(entries >= 3);
    CHECK(entries <= 6);
    s.link();
    s.expect_empty();
    std::vector<std::string> arrived;
    for (const auto& e : s.book.applied) {
      auto some = visitors_in(e.payload);
      CHECK(some.size() <= 1000);
      arrived.insert(arrived.end(), some.begin(), some.end());
    }
    CHECK(arrived == visitors);
  });
}
