// How an outbox stands, as those who watch it are told.

#include "net/outbox/server.hpp"

#include "net/outbox/support.hpp"

using namespace beamline;
using namespace beamline::net::outbox;
using namespace beamline::net::outbox::test;
using testing::for_each_seed;

namespace {

struct told_standing {
  standing what;
  time_point at;
};

class watcher final : public process {
public:
  watcher(process_context& c, pid outbox, std::vector<told_standing>& heard)
      : process{c}, outbox_{std::move(outbox)}, heard_{heard} {}

private:
  behavior init() override {
    call<standing>(outbox_, watch_standing{self()}, 5s)
        .then([this](const standing& s) { note(s); }, [this](const call_error&) { stop(); });
    return handlers([this](const standing& s) { note(s); });
  }
  void note(const standing& s) { heard_.push_back({s, now()}); }

  pid outbox_;
  std::vector<told_standing>& heard_;
};

}  // namespace

TEST_CASE("a watcher is told how many wait and whether a target is there, and the last change for sure") {
  for_each_seed(30, [](world& w) {
    story s{w};
    std::vector<told_standing> heard;
    s.host().spawn<watcher>(s.outbox(), heard);
    w.run();
    REQUIRE(heard.size() == 1);
    CHECK(heard[0].what == standing{0, false});
    for (std::uint64_t n = 1; n <= 20; ++n)
      CHECK(text_of(s.do_submit(numbered(n, "comment", "a"))) == "buffered");
    w.advance(watch_interval);
    CHECK(heard.back().what == standing{20, false});
    s.start_target();
    s.link();
    s.expect_empty();
    w.advance(watch_interval);
    CHECK(heard.back().what == standing{0, true});
    s.cut();
    w.advance(watch_interval);
    CHECK(heard.back().what == standing{0, false});
    for (std::size_t i = 2; i < heard.size(); ++i)
      CHECK(heard[i].at - heard[i - 1].at >= watch_interval - 1ms);  // Each is on its way for a moment.
  });
}

TEST_CASE("an entry waits until it is applied, over restarts of the outbox, too; a dead letter does not wait") {
  for_each_seed(30, [](world& w) {
    story s{w};
    auto waits = [&](std::uint64_t n) { return w.ask<bool>(s.outbox(), is_waiting{numbered(n, "", "").id}); };
    s.book.rejects = [](const event& e) { return e.id.low() == 2 ? "no such post" : ""; };
    for (std::uint64_t n = 1; n <= 2; ++n)
      CHECK(text_of(s.do_submit(numbered(n, "comment", "a"))) == "buffered");
    CHECK(waits(1));
    CHECK_FALSE(waits(3));
    s.host().kill(s.outbox());
    w.advance(1s);
    CHECK(waits(1));
    CHECK(waits(2));
    s.start_target();
    s.link();
    s.expect_empty();
    CHECK_FALSE(waits(1));
    CHECK_FALSE(waits(2));
    CHECK(s.look().dead == 1);
  });
}

TEST_CASE("the outbox has a bounded number of watchers, and forgets those that ended") {
  world w;
  story s{w};
  std::vector<told_standing> heard;
  std::vector<pid> all;
  for (std::size_t i = 0; i < watchers_max + 1; ++i) {
    all.push_back(s.host().spawn<watcher>(s.outbox(), heard));
    w.run();
  }
  CHECK(heard.size() == watchers_max);
  CHECK_FALSE(s.host().is_alive(all.back()));
  s.host().kill(all.front());
  w.run();
  s.host().spawn<watcher>(s.outbox(), heard);
  w.run();
  CHECK(heard.size() == watchers_max + 1);
}

TEST_CASE("one who comes while others are told in a moment is told, too, when it is as before again") {
  watchers all;
  auto here = std::make_shared<const node_identity>(node_identity{"host_1@sim", 1});
  pid a{here, 1};
  pid b{here, 2};
  CHECK_FALSE(all.note({1, true}));  // Nobody is there.
  REQUIRE(all.add(a));
  CHECK(all.note({1, true}));
  CHECK_FALSE(all.note({2, true}));  // It is told less than `watch_interval` later.
  REQUIRE(all.add(b));               // And was told 2.
  all.resume();
  CHECK(all.note({1, true}));
  all.resume();
  CHECK_FALSE(all.note({1, true}));
}
