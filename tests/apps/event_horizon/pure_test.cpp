#include "apps/event_horizon/audience.hpp"
#include "apps/event_horizon/refresh_queue.hpp"
#include "apps/event_horizon/scoreboard.hpp"

#include <algorithm>
#include <doctest/doctest.h>

using namespace beamline;
using namespace beamline::event_horizon;

TEST_CASE("the scoreboard takes the first numbers and higher versions, of known posts only") {
  auto board = scoreboard{};
  board.add_post("hello");
  CHECK_FALSE(board.stats("hello").has_value());
  CHECK(board.update("hello", {0, 0}));
  CHECK_FALSE(board.update("hello", {0, 0}));
  CHECK(board.update("hello", {5, 7}));
  CHECK_FALSE(board.update("hello", {4, 6}));
  CHECK_FALSE(board.update("hello", {9, 7}));
  CHECK(board.stats("hello") == std::optional{post_stats{5, 7}});
  CHECK_FALSE(board.update("unknown", {1, 1}));
  CHECK_FALSE(board.stats("unknown").has_value());
}

TEST_CASE("the scoreboard remembers the likes of recent visitors, oldest forgotten first") {
  auto board = scoreboard{2};
  board.remember_like("hello", "one", true);
  board.remember_like("hello", "two", true);
  CHECK(board.has_liked("hello", "one"));
  CHECK_FALSE(board.has_liked("other", "one"));
  SUBCASE("a third one takes the place of the oldest") {
    board.remember_like("hello", "three", true);
    CHECK_FALSE(board.has_liked("hello", "one"));
    CHECK(board.has_liked("hello", "two"));
    CHECK(board.has_liked("hello", "three"));
  }
  SUBCASE("liking again makes a like recent") {
    board.remember_like("hello", "one", true);
    board.remember_like("hello", "three", true);
    CHECK(board.has_liked("hello", "one"));
    CHECK_FALSE(board.has_liked("hello", "two"));
  }
  SUBCASE("a like taken back is forgotten") {
    board.remember_like("hello", "one", false);
    board.remember_like("hello", "one", false);
    CHECK_FALSE(board.has_liked("hello", "one"));
    board.remember_like("hello", "three", true);
    CHECK(board.has_liked("hello", "two"));
  }
}

TEST_CASE("the scoreboard keeps the newest numbers of the site, and what waits") {
  auto board = scoreboard{};
  CHECK_FALSE(board.site().has_value());
  CHECK(board.update_site({10, 3, 1, 7}));
  CHECK_FALSE(board.update_site({99, 99, 99, 7}));
  CHECK_FALSE(board.update_site({1, 1, 1, 6}));
  CHECK(board.site() == std::optional{site_numbers{10, 3, 1, 7}});
  CHECK(board.update_site({11, 3, 1, 8}));
  CHECK(board.site()->visits == 11);
  CHECK(board.waiting() == waiting_state{});
  CHECK(board.update_waiting({2, true}));
  CHECK_FALSE(board.update_waiting({2, true}));
  CHECK(board.waiting() == waiting_state{2, true});
}

TEST_CASE("the audience knows each view once per post and forgets it with everything") {
  auto node = std::make_shared<const node_identity>(node_identity{"one@sim", 1});
  auto a = pid{node, 1};
  auto b = pid{node, 2};
  auto views = audience{3};
  CHECK(views.add("hello", a) == audience::outcome::first);
  CHECK(views.add("hello", a) == audience::outcome::another);
  CHECK(views.add("other", a) == audience::outcome::another);
  CHECK(views.size() == 2);
  CHECK(views.add("hello", b) == audience::outcome::first);
  CHECK(views.add("other", b) == audience::outcome::full);
  CHECK(views.of("hello") == std::set{a, b});
  CHECK(views.of("other") == std::set{a});
  views.remove(a);
  views.remove(a);
  CHECK(views.size() == 1);
  CHECK(views.of("hello") == std::set{b});
  CHECK(views.of("other").empty());
  CHECK(views.of("nothing").empty());
}

TEST_CASE("a full audience does not half know a view") {
  auto node = std::make_shared<const node_identity>(node_identity{"one@sim", 1});
  auto views = audience{0};
  CHECK(views.add("hello", pid{node, 1}) == audience::outcome::full);
  CHECK(views.size() == 0);
  views.remove(pid{node, 1});
  CHECK(views.of("hello").empty());
}

TEST_CASE("the refresh queue asks a few at a time, each once") {
  auto q = refresh_queue{{.asking_max = 2}};
  for (auto slug : {"a", "b", "c"})
    q.want(slug);
  CHECK(q.next() == std::optional<std::string>{"a"});
  CHECK(q.next() == std::optional<std::string>{"b"});
  CHECK_FALSE(q.next().has_value());
  q.answered("a");
  CHECK(q.next() == std::optional<std::string>{"c"});
  q.answered("b");
  q.answered("c");
  CHECK(q.is_idle());
}

TEST_CASE("what is wanted again while it is asked for is asked for again afterwards") {
  auto q = refresh_queue{};
  q.want("a");
  CHECK(q.next().has_value());
  q.want("a");
  CHECK_FALSE(q.next().has_value());
  q.answered("a");
  CHECK(q.next() == std::optional<std::string>{"a"});
}

TEST_CASE("after a failure there is a pause, then one question at a time until one is answered") {
  auto random = seeded_random{3};
  auto q = refresh_queue{{.asking_max = 2, .pause_min = 1s, .pause_max = 8s}};
  for (auto slug : {"a", "b", "c"})
    q.want(slug);
  (void)q.next();
  (void)q.next();
  auto pause = q.failed("a", random);
  REQUIRE(pause.has_value());
  CHECK(*pause > 500ms);
  CHECK(*pause <= 1s);
  CHECK_FALSE(q.failed("b", random).has_value());  // The same pause.
  CHECK_FALSE(q.next().has_value());
  q.retry();
  CHECK(q.next() == std::optional<std::string>{"c"});  // Its turn: it was not asked yet.
  CHECK_FALSE(q.next().has_value());
  SUBCASE("pauses double up to a limit") {
    auto longest = duration{};
    auto next = std::optional<std::string>{"c"};
    for (int i = 0; i < 10; ++i) {
      auto again = q.failed(*next, random);
      REQUIRE(again.has_value());
      longest = std::max(longest, *again);
      CHECK(*again <= 8s);
      q.retry();
      next = q.next();
      REQUIRE(next.has_value());
    }
    CHECK(longest > 4s);
  }
  SUBCASE("an answer ends the caution") {
    q.answered("c");
    CHECK(q.next().has_value());
    CHECK(q.next().has_value());
  }
  SUBCASE("so does news of the owner") {
    (void)q.failed("c", random);
    q.encourage();
    CHECK(q.next().has_value());
    CHECK(q.next().has_value());
  }
}

TEST_CASE("one post that never gets an answer does not keep the others from theirs") {
  auto random = seeded_random{4};
  auto q = refresh_queue{};
  for (auto slug : {"", "a", "b"})
    q.want(slug);
  auto answered = std::string{};
  while (auto slug = q.next()) {
    if (slug->empty() || answered.size() == 2) {
      (void)q.failed(*slug, random);
      if (answered.size() == 2)
        break;
      q.retry();
    } else {
      answered += *slug;
      q.answered(*slug);
    }
  }
  CHECK(answered == "ab");
}

TEST_CASE("what is skipped makes room for another question, and a pause says that it is one") {
  auto q = refresh_queue{{.asking_max = 1}};
  auto random = seeded_random{1};
  q.want("a");
  q.want("b");
  CHECK(q.next() == std::optional<std::string>{"a"});
  CHECK_FALSE(q.next().has_value());
  q.skipped("a");
  CHECK(q.next() == std::optional<std::string>{"b"});
  CHECK_FALSE(q.is_paused());
  CHECK(q.failed("b", random).has_value());
  CHECK(q.is_paused());
  q.retry();
  CHECK_FALSE(q.is_paused());
}
