// First renders: what they wait for, and for how long.

#include "apps/event_horizon/host.hpp"

using namespace beamline;
using namespace beamline::event_horizon;
using namespace beamline::test;
using testing::world;

namespace {

struct first_render : host {
  using host::host;

  /// How long it takes until the page is made; at most a minute.
  duration take(std::string_view slug) {
    auto since = w.now();
    auto done = std::make_shared<std::optional<time_point>>();
    of.prepare(slug, first_render_wait, [this, done] {
      CHECK_FALSE(done->has_value());
      *done = w.now();
    });
    for (int i = 0; i < 6000 && !done->has_value(); ++i)
      w.advance(10ms);
    REQUIRE(done->has_value());
    return **done - since;
  }
};

/// A step costs a little time.
bool is_full_wait(duration took) { return took >= first_render_wait && took <= first_render_wait + 1ms; }

}  // namespace

TEST_CASE("a first render waits until the numbers and comments are there, and then no longer") {
  testing::for_each_seed(50, [](world& w) {
    auto h = first_render{w};
    h.know_posts();
    h.script.delay = 40ms;
    h.start();
    auto took = h.take("hello");
    CHECK(took >= 40ms);
    CHECK(took <= 50ms);
    CHECK(h.of.stats("hello").has_value());
    CHECK(h.of.site().has_value());
    CHECK(h.of.discussion("hello") != nullptr);
    CHECK(h.take("hello") == 0ns);
    CHECK(h.take("") == 0ns);
    CHECK(h.take("unknown") == 0ns);
    CHECK(h.take("second") <= 50ms);  // Its numbers are known, its comments were not.
  });
}

TEST_CASE(
    "a first render waits 200 ms at most for an accumulator that is linked and stopped, then shows what it knows") {
  testing::for_each_seed(50, [](world& w) {
    auto h = first_render{w};
    h.know_posts();
    SUBCASE("from the start") {
      h.script.is_mute = true;
      h.start();
      CHECK(is_full_wait(h.take("hello")));
      CHECK(is_full_wait(h.take("")));
      CHECK_FALSE(h.of.stats("hello").has_value());
    }
    SUBCASE("later: the numbers are the last known ones, only comments are missing") {
      h.start();
      w.advance(1s);
      h.script.is_mute = true;
      CHECK(h.take("") == 0ns);
      CHECK(is_full_wait(h.take("hello")));
      CHECK(h.of.stats("hello") == std::optional{post_stats{3, 9}});
    }
  });
}

TEST_CASE("with nobody to ask a first render does not wait") {
  testing::for_each_seed(50, [](world& w) {
    auto h = first_render{w};
    SUBCASE("no accumulator is linked") {
      h.start();
      w.advance(1s);
    }
    SUBCASE("the processes do not run") {}
    CHECK(h.take("hello") <= 10ms);
  });
}

TEST_CASE("a first render goes on when the process it waits for ends") {
  auto w = world{};
  auto h = first_render{w};
  h.script.is_mute = true;
  h.start();
  bool is_done = false;
  h.of.prepare("hello", 60s, [&] { is_done = true; });
  w.advance(1s);
  CHECK_FALSE(is_done);
  h.n.kill(h.all.numbers);
  h.n.kill(h.all.discussions);
  w.advance(1s);
  CHECK(is_done);
}

TEST_CASE("more first renders than can wait go on at once") {
  auto room = waiting_room{};
  auto gone = 0;
  auto call = [&] { return std::make_shared<const last_call>([&] { ++gone; }); };
  std::optional<waiting_room::number> first;
  for (std::size_t i = 0; i < waiting_room::waiting_max; ++i) {
    auto n = room.add(i % 2 == 0 ? "a" : "b", call());
    first = first ? first : n;
  }
  CHECK(gone == 0);
  CHECK_FALSE(room.add("a", call()).has_value());
  CHECK(gone == 1);
  room.drop(*first);
  room.drop(*first);
  CHECK(gone == 2);
  room.release("a");
  CHECK(gone == 1 + static_cast<int>(waiting_room::waiting_max) / 2);
  room.release("nobody");
  room.release_all();
  CHECK(gone == 1 + static_cast<int>(waiting_room::waiting_max));
  CHECK(room.size() == 0);
}
