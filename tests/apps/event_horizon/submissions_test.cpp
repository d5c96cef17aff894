// Likes, comments and visits: what becomes of them on their way out of a host.

#include "apps/event_horizon/submissions.hpp"

#include "apps/event_horizon/events.hpp"
#include "apps/event_horizon/host.hpp"
#include "apps/event_horizon/told.hpp"

using namespace beamline;
using namespace beamline::event_horizon;
using namespace beamline::test;
using accumulator::blog_stats;
using accumulator::event_outcome;
using accumulator::write_answer;
using net::outbox::event;
using net::outbox::outcome;
using net::outbox::refused;
using testing::world;

namespace {

outcome counted(const event& e, std::int64_t version = 10) {
  auto like = payload_of<accumulator::update_likes>(e);
  return applied_with({event_outcome::applied, "", blog_stats{like ? like->slug : "hello", 4, version}});
}

}  // namespace

TEST_CASE("a like goes to the outbox, by its slug, and the numbers of the answer are told") {
  testing::for_each_seed(30, [](world& w) {
    auto h = host{w};
    h.know_posts();
    h.outbox.answer = [](const event& e) { return counted(e); };
    h.start();
    auto page = shown_page{};
    auto t = h.open(page);
    auto other = shown_page{};
    h.open(other, "hello", "visitor_2");
    w.advance(1s);
    h.outbox.seen.clear();
    h.n.cast(t, press{"true"});
    w.advance(1s);
    REQUIRE(h.outbox.seen.size() == 1);
    auto like = payload_of<accumulator::update_likes>(h.outbox.seen[0]);
    REQUIRE(like.has_value());
    CHECK(h.outbox.seen[0].key == "hello");
    CHECK(like->slug == "hello");
    CHECK(like->visitor == "visitor_1");
    CHECK(like->liked);
    CHECK(page.is_pressed());
    CHECK(page.likes() == "4");
    CHECK(other.likes() == "4");
    CHECK_FALSE(other.is_pressed());
    CHECK(h.of.stats("hello")->version == 10);
  });
}

TEST_CASE("a like that waits shows as liked, and nobody is asked to try again") {
  testing::for_each_seed(30, [](world& w) {
    auto h = host{w};
    h.know_posts();
    auto outcomes = std::vector<std::string>{};
    auto probe = h.n.events().attach<like_done>([&](const like_done& e) { outcomes.emplace_back(e.outcome); });
    h.start();
    auto page = shown_page{};
    auto t = h.open(page);
    w.advance(1s);
    h.n.cast(t, press{"true"});
    w.advance(1s);
    CHECK(page.is_pressed());
    CHECK_FALSE(page.has_error());
    CHECK(page.likes() == "3");
    CHECK(h.of.has_liked("hello", "visitor_1"));
    CHECK(outcomes == std::vector<std::string>{"waiting"});
    h.n.cast(t, press{"false"});
    w.advance(1s);
    CHECK_FALSE(page.is_pressed());
    CHECK_FALSE(h.of.has_liked("hello", "visitor_1"));
  });
}

TEST_CASE("a like that is refused says so to its visitor and is not shown") {
  auto answer = refused{refused::cause::buffer_full, "the outbox is full"};
  std::string code = "unavailable";
  SUBCASE("the outbox is full") {}
  SUBCASE("the accumulator has had too many of this visitor") {
    answer = {refused::cause::invalid, "too_many: likes"};
    code = "busy";
  }
  SUBCASE("it can never count") {
    answer = {refused::cause::invalid, "invalid: accumulator.update_likes: visitor"};
    code = "invalid";
  }
  SUBCASE("the accumulator knows no such post") {
    answer = {refused::cause::invalid, "unknown_slug: hello"};
    code = "not_found";
  }
  auto w = world{};
  auto h = host{w};
  h.know_posts();
  h.outbox.answer = [&](const event& e) -> std::optional<outcome> {
    return e.type == accumulator::update_likes::message_name ? outcome{answer} : net::outbox::buffered{e.id};
  };
  auto outcomes = std::vector<std::string>{};
  auto probe = h.n.events().attach<like_done>([&](const like_done& e) { outcomes.emplace_back(e.outcome); });
  h.start();
  auto page = shown_page{};
  auto t = h.open(page);
  w.advance(1s);
  h.n.cast(t, press{"true"});
  w.advance(1s);
  CHECK(outcomes == std::vector<std::string>{code});
  CHECK(page.has_error());
  CHECK_FALSE(page.is_pressed());
  CHECK(page.likes() == "3");
}

TEST_CASE("an answer of the accumulator that makes no sense still says that the like counts") {
  std::string answer = "\xff\xff";
  SUBCASE("garbage") {}
  SUBCASE("about another post") {
    answer = encode(write_answer{event_outcome::applied, "", blog_stats{"second", 99, 99}});
  }
  SUBCASE("without numbers") { answer = encode(write_answer{event_outcome::applied}); }
  auto w = world{};
  auto h = host{w};
  h.know_posts();
  h.outbox.answer = [&](const event&) -> std::optional<outcome> { return net::outbox::applied{answer}; };
  h.start();
  auto page = shown_page{};
  auto t = h.open(page);
  w.advance(1s);
  h.n.cast(t, press{"true"});
  w.advance(1s);
  CHECK(page.is_pressed());
  CHECK(page.likes() == "3");
  CHECK(h.of.stats("second")->version == 0);
}

TEST_CASE("writes that cannot be are refused before anybody is asked") {
  auto w = world{};
  auto h = host{w};
  auto seen = noted{};
  h.of.like({"hello", "visitor_1", true}, seen.note());  // The processes do not run yet.
  h.of.comment(remark(), seen.note());
  h.start();
  h.of.like({"unknown", "visitor_1", true}, seen.note());
  h.of.like({"hello", "", true}, seen.note());
  h.of.like({"hello", "' OR 1=1", true}, seen.note());
  auto c = remark();
  c.slug = "unknown";
  h.of.comment(c, seen.note());
  c = remark("?");
  h.of.comment(c, seen.note());
  c = remark();
  c.content = "  \r\n ";
  h.of.comment(c, seen.note());
  h.of.visit("unknown", "visitor_2");
  h.of.visit("hello", "' OR 1=1");
  h.of.visit_page("not a page", "visitor_2");
  CHECK(seen.all
        == std::vector<std::string>{"unavailable", "unavailable", "not_found", "invalid", "invalid", "not_found",
                                    "invalid", "invalid"});
  w.advance(1s);
  CHECK(h.outbox.seen.empty());
}

TEST_CASE("a comment goes to the outbox as it was checked, and the answer says what became of it") {
  using accumulator::comment;
  using accumulator::comment_state;
  auto w = world{};
  auto h = host{w};
  auto made = std::optional<comment>{};
  h.outbox.answer = [&](const event& e) -> std::optional<outcome> {
    if (!made)
      return net::outbox::buffered{e.id};
    made->id = e.id;
    return applied_with({event_outcome::applied, "", blog_stats{"hello", 4, 10, 0, 1, 1}, {}, made});
  };
  std::string expected = "waiting";
  SUBCASE("it waits") {}
  SUBCASE("it is shown") {
    made = comment{{}, "hello", {}, "Ann", "Well said."};
    expected = "shown";
  }
  SUBCASE("somebody has to look at it") {
    made = comment{{}, "hello", {}, "Ann", "Well said.", {}, comment_state::pending};
    expected = "pending";
  }
  h.start();
  auto c = remark();
  c.content = "\r\n Well said.\r\nTwice. \n";
  c.author = " Ann\tSmith ";
  auto got = std::optional<comment_answer>{};
  h.of.comment(c, [&](const result<comment_answer>& r) { got = r.value(); });
  w.advance(1s);
  REQUIRE(h.outbox.seen.size() == 1);
  auto sent = payload_of<accumulator::add_comment>(h.outbox.seen[0]);
  REQUIRE(sent.has_value());
  CHECK(sent->content == "Well said.\nTwice.");
  CHECK(sent->author == "Ann Smith");
  CHECK(sent->visitor == "visitor_1");
  CHECK(h.outbox.seen[0].key == "hello");
  REQUIRE(got.has_value());
  CHECK(text_of(result<comment_answer>{*got}) == expected);
  CHECK(got->id == h.outbox.seen[0].id);
  CHECK(got->made.has_value() == (expected == "shown"));
}

TEST_CASE("a comment that cannot be says why") {
  std::string refusal, expected;
  auto code = errc::invalid;
  SUBCASE("what it answers is gone") {
    refusal = "unknown_comment: gone";
    expected = "The comment that you answer is not there any more.";
  }
  SUBCASE("there is no room at the post") {
    refusal = "full: the post";
    code = errc::too_large;
    expected = comments_full_text;
  }
  auto w = world{};
  auto h = host{w};
  h.outbox.answer = [&](const event&) -> std::optional<outcome> { return refused{refused::cause::invalid, refusal}; };
  h.start();
  auto said = error{};
  h.of.comment(remark(), [&](const result<comment_answer>& r) { said = r.error(); });
  w.advance(1s);
  CHECK(said.message == expected);
  CHECK(said.code == code);
}

TEST_CASE("a connected view counts a visit, the first render without a connection does not") {
  auto w = world{};
  auto h = host{w};
  h.start();
  auto page = shown_page{};
  h.n.spawn<tab>(tab::setup{"hello", "visitor_1", page, false});
  w.advance(1s);
  CHECK(h.outbox.seen.empty());
  h.open(page, "second", "visitor_2");
  h.open(page, "unknown", "visitor_2");
  h.open(page, "hello", "");  // Whose session brings no visitor.
  h.of.visit_page("home", "visitor_2");
  w.advance(1s);
  REQUIRE(h.outbox.seen.size() == 2);
  auto of_page = payload_of<accumulator::increment_visit>(h.outbox.seen[0]);
  auto of_post = payload_of<accumulator::increment_blog_visit>(h.outbox.seen[1]);
  if (!of_page) {
    of_page = payload_of<accumulator::increment_visit>(h.outbox.seen[1]);
    of_post = payload_of<accumulator::increment_blog_visit>(h.outbox.seen[0]);
  }
  REQUIRE(of_page.has_value());
  REQUIRE(of_post.has_value());
  CHECK(of_post->slug == "second");
  CHECK(of_post->visitors == std::vector<std::string>{"visitor_2"});
  CHECK(of_page->page == "home");
}

TEST_CASE("visits that are not counted are events, and one line a minute in the log") {
  auto w = world{};
  auto h = host{w, {.writes_max = 1}};
  auto why = std::vector<std::string>{};
  auto probe = h.n.events().attach<visit_lost>(
      [&](const visit_lost& e) { why.push_back(std::string{e.of} + " " + std::string{e.why}); });
  h.of.visit("hello", "visitor_1");  // The processes do not run yet.
  h.of.visit_page("home", "visitor_1");
  CHECK(why == std::vector<std::string>{"hello no_process", "home no_process"});
  CHECK(h.lines("visits are not counted") == 1);
  h.outbox.delay = 3s;
  h.start();
  why.clear();
  h.of.visit("hello", "visitor_1");
  h.of.visit("hello", "visitor_2");
  h.of.visit_page("home", "visitor_3");
  w.advance(1s);
  CHECK(why == std::vector<std::string>{"hello under_way", "home under_way"});
  CHECK(h.lines("visits are not counted") == 1);
  w.advance(1min);
  h.of.visit("hello", "visitor_4");
  h.of.visit("hello", "visitor_5");
  w.advance(1s);
  CHECK(why.size() == 3);
  CHECK(h.lines("visits are not counted") == 2);
  h.outbox.answer = [](const event&) -> std::optional<outcome> { return refused{refused::cause::invalid, "no"}; };
  w.advance(1min);
  h.of.visit("hello", "visitor_6");
  w.advance(5s);
  CHECK(why.back() == "hello refused");
}

TEST_CASE("each kind goes the way that is configured") {
  auto w = world{};
  auto h = host{w,
                {.visits_path = event_path::broadcast,
                 .likes_path = event_path::broadcast,
                 .comments_path = event_path::broadcast}};
  auto heard = std::vector<accumulator::tracked_event>{};
  h.n.spawn<topic_listener<accumulator::tracked_event>>("analytics:events", heard);
  h.start();
  auto seen = noted{};
  h.of.visit("hello", "visitor_1");
  h.of.visit_page("home", "visitor_1");
  h.of.like({"hello", "visitor_1", true}, seen.note());
  h.of.like({"hello", "visitor_1", false}, seen.note());
  h.of.comment(remark(), seen.note());
  w.advance(1s);
  CHECK(h.outbox.seen.empty());
  CHECK(seen.all == std::vector<std::string>{"sent", "sent", "sent"});
  REQUIRE(heard.size() == 5);
  auto types = std::vector<std::string>{};
  for (std::size_t i = 0; i < heard.size(); ++i) {
    types.push_back(heard[i].type);
    CHECK(heard[i].sequence == i + 1);
    CHECK(heard[i].source == heard[0].source);
  }
  CHECK(types
        == std::vector<std::string>{"analytics.blog_visit", "accumulator.increment_visit", "analytics.blog_like",
                                    "accumulator.update_likes", "analytics.blog_comment"});
  CHECK(decode<accumulator::blog_comment>(heard[4].payload)->data.at("content") == "Well said.");
}
