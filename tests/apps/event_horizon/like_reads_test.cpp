// How a host finds out what a visitor likes, and what its pages make of it.

#include "apps/event_horizon/like_reads.hpp"

#include "apps/event_horizon/host.hpp"
#include "apps/event_horizon/post_site.hpp"

using namespace beamline;
using namespace beamline::event_horizon;
using namespace beamline::test;
using testing::world;

namespace {

struct linked_host : host {
  explicit linked_host(world& the_world) : host{the_world} {
    know_posts();
    outbox.now = {.size = 0, .has_target = true};
    start();
  }
  /// Puts the answer where it can be seen once it has come.
  std::shared_ptr<std::optional<liked_now>> ask(const std::string& visitor = "visitor_1") {
    auto out = std::make_shared<std::optional<liked_now>>();
    n.spawn<asker>(ask_liked{"hello", visitor}, out);
    return out;
  }
  void like(bool liked) {
    of.like({"hello", "visitor_1", liked}, [](const result<like_answer>& r) { CHECK(r.ok()); });
  }

  class asker final : public process {
  public:
    asker(process_context& c, ask_liked what, std::shared_ptr<std::optional<liked_now>> out)
        : process{c}, what_{std::move(what)}, out_{std::move(out)} {}

  private:
    behavior init() override {
      call<liked_now>(pid{env().self(), std::string{submissions_name}}, what_, 1min)
          .then([this](const liked_now& now) { *out_ = now; }, [](const call_error& e) { FAIL(to_string(e)); });
      return handlers();
    }
    ask_liked what_;
    std::shared_ptr<std::optional<liked_now>> out_;
  };
};

bool is_pressed(const testing::live_page& page) { return page.element("#like").attribute("aria-pressed") == "true"; }

}  // namespace

TEST_CASE("what the accumulator says of a visitor is known to the host from then on") {
  auto w = world{};
  auto h = linked_host{w};
  h.script.likes = {{"hello", "visitor_1"}};
  auto first = h.ask();
  w.advance(1s);
  REQUIRE(first->has_value());
  CHECK((*first)->liked == true);
  CHECK(h.of.has_liked("hello", "visitor_1"));
  h.script.likes.clear();  // Taken back on another host.
  auto second = h.ask();
  w.advance(1s);
  CHECK((*second)->liked == false);
  CHECK_FALSE(h.of.has_liked("hello", "visitor_1"));
}

TEST_CASE("nobody is kept waiting when it cannot be found out, and what the host knows stays") {
  auto w = world{};
  auto h = linked_host{w};
  h.of.numbers().remember_like("hello", "visitor_1", true);
  h.script.knows_likes = false;
  auto answers = std::vector{h.ask()};
  for (std::size_t i = 0; i < like_reads_max + 10; ++i)
    answers.push_back(h.ask("visitor_" + std::to_string(1000 + i)));
  w.advance(1s);
  for (const auto& a : answers) {
    REQUIRE(a->has_value());
    CHECK_FALSE((*a)->liked.has_value());
  }
  CHECK(h.of.has_liked("hello", "visitor_1"));
}

TEST_CASE("after a deploy the questions of all tabs are asked a few at a time") {
  auto w = world{};
  auto h = linked_host{w};
  h.script.delay = 1s;
  auto answers = std::vector<std::shared_ptr<std::optional<liked_now>>>{};
  for (std::size_t i = 0; i < 2 * like_reads_max + 1; ++i)
    answers.push_back(h.ask("visitor_" + std::to_string(1000 + i)));
  w.advance(1500ms);
  CHECK(h.script.liked_asked == like_reads_max);
  w.advance(1s);
  CHECK(h.script.liked_asked == 2 * like_reads_max);
  w.advance(5s);
  CHECK(h.script.liked_asked == 2 * like_reads_max + 1);
  CHECK(std::all_of(answers.begin(), answers.end(), [](const auto& a) { return a->has_value(); }));
}

TEST_CASE("a like pressed meanwhile wins over a late answer, and one under way over no answer at all") {
  auto w = world{};
  auto h = linked_host{w};
  h.outbox.answer = [](const net::outbox::event&) {
    return std::optional{
        applied_with({accumulator::event_outcome::applied, "", accumulator::blog_stats{"hello", 4, 10}})};
  };
  h.script.delay = 2s;
  SUBCASE("it was counted before the answer came") {
    auto asked = h.ask();
    w.advance(1s);
    h.like(true);
    w.advance(500ms);
    CHECK_FALSE(asked->has_value());
    w.advance(2s);
    CHECK((*asked)->liked == true);
  }
  SUBCASE("it is counted later") {
    h.outbox.delay = 5s;
    auto asked = h.ask();
    w.advance(1s);
    h.like(true);
    w.advance(2s);
    auto second = h.ask();
    w.advance(1s);
    CHECK_FALSE(asked->has_value());
    CHECK_FALSE(second->has_value());
    w.advance(5s);
    CHECK((*asked)->liked == true);
    CHECK((*second)->liked == true);
    CHECK(h.script.liked_asked == 1);
  }
  SUBCASE("it waits in the outbox, of which the accumulator knows nothing yet") {
    h.outbox.answer = nullptr;
    h.script.likes = {{"hello", "visitor_1"}};
    h.like(false);
    w.advance(1s);
    auto asked = h.ask();
    w.advance(1s);
    REQUIRE(asked->has_value());
    CHECK((*asked)->liked == false);
    CHECK(h.script.liked_asked == 0);
    // Applied so soon that nobody was told of an outbox that was not empty: the outbox itself must be asked.
    h.outbox.drained = 1;
    auto later = h.ask();
    w.advance(3s);
    REQUIRE(later->has_value());
    CHECK((*later)->liked == true);
    CHECK(h.script.liked_asked == 1);
  }
  SUBCASE("it waits in an outbox that cannot be asked") {
    h.outbox.answer = nullptr;
    h.like(true);
    w.advance(1s);
    h.n.kill(h.outbox_pid);
    auto asked = h.ask();
    w.advance(1s);
    REQUIRE(asked->has_value());
    CHECK((*asked)->liked == true);
    CHECK(h.script.liked_asked == 0);
  }
  SUBCASE("it was taken back while the outbox was asked of it") {
    h.outbox.answer = nullptr;
    h.script.likes = {{"hello", "visitor_1"}};
    h.like(true);
    w.advance(1s);
    h.outbox.drained = 1;
    auto asked = h.ask();
    h.like(false);
    w.advance(5s);
    REQUIRE(asked->has_value());
    CHECK((*asked)->liked == false);
  }
}

// -- the page ---------------------------------------------------------------------------------------

TEST_CASE_FIXTURE(post_site, "a page shows whether its reader likes the post as soon as that is known") {
  auto page = pages->visit("/blog/hello");
  REQUIRE(at.asked_liked.size() == 1);
  CHECK(at.asked_liked[0].slug == "hello");
  CHECK_FALSE(is_pressed(page));
  SUBCASE("it does") {
    answer_liked(true);
    CHECK(is_pressed(page));
    CHECK(page.element("#like").value() == "false");
    page.disconnect();
    page.reconnect();  // To a host that knows nothing of it.
    answer_liked(true);
    CHECK(is_pressed(page));
  }
  SUBCASE("it could not be found out") {
    answer_liked(std::nullopt);
    CHECK_FALSE(is_pressed(page));
    tell({.waiting = 0, .is_connected = false});
    tell({.waiting = 0, .is_connected = true});
    answer_liked(true);
    CHECK(is_pressed(page));
  }
  SUBCASE("the reader has pressed meanwhile") {
    at.like_answer = like_answer{.liked = true};
    page.form("#like-form").submit_with("#like");
    answer_liked(false);
    CHECK(is_pressed(page));
  }
}

TEST_CASE_FIXTURE(post_site,
                  "a page asks what its reader likes when there is somebody to ask, and again when nothing waits") {
  of.numbers().update_waiting({.waiting = 2, .is_connected = false});
  auto page = pages->visit("/blog/hello");
  CHECK(at.asked_liked.empty());
  tell({.waiting = 2, .is_connected = true});
  CHECK(at.asked_liked.size() == 1);
  answer_liked(false);
  tell({.waiting = 1, .is_connected = true});
  CHECK(at.asked_liked.size() == 1);
  tell({.waiting = 0, .is_connected = true});
  CHECK(at.asked_liked.size() == 2);
  answer_liked(true);
  CHECK(is_pressed(page));
  tell({.waiting = 1, .is_connected = true});
  tell({.waiting = 0, .is_connected = true});
  CHECK(at.asked_liked.size() == 2);
}
