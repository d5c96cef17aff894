// What readers are told of likes and comments that are broadcast, and kept nowhere.

#include "apps/event_horizon/events.hpp"
#include "apps/event_horizon/host.hpp"
#include "apps/event_horizon/post_site.hpp"
#include "apps/event_horizon/told.hpp"

using namespace beamline;
using namespace beamline::event_horizon;
using namespace beamline::test;

namespace {

event_horizon_options best_effort() {
  return {.likes_path = event_path::broadcast, .comments_path = event_path::broadcast, .comments_per_minute = 1};
}

}  // namespace

TEST_CASE("what is broadcast is answered as sent, and by a page without a promise to count it later") {
  testing::world w;
  auto h = host{w, best_effort()};
  h.know_posts();
  auto heard = std::vector<accumulator::tracked_event>{};
  h.n.spawn<topic_listener<accumulator::tracked_event>>("analytics:events", heard);
  auto outcomes = std::vector<std::string>{};
  auto likes = h.n.events().attach<like_done>([&](const like_done& e) { outcomes.emplace_back(e.outcome); });
  auto comments = h.n.events().attach<comment_done>([&](const comment_done& e) { outcomes.emplace_back(e.outcome); });
  h.start();
  auto page = shown_page{};
  auto t = h.open(page);
  w.advance(1s);
  h.n.cast(t, press{"true"});
  w.advance(1s);
  CHECK(page.is_pressed());
  CHECK_FALSE(page.has_error());
  CHECK(contains(page.html, "<span id=\"like-note\" class=\"fate\" role=\"status\"></span>"));
  auto got = std::optional<comment_answer>{};
  h.of.comment(remark(), [&](const result<comment_answer>& r) { got = r.value(); });
  w.advance(1s);
  REQUIRE(got.has_value());
  CHECK(got->is_sent);
  CHECK_FALSE(got->is_waiting);
  CHECK(got->id == heard.back().id);
  CHECK(outcomes == std::vector<std::string>{"sent", "sent"});
}

TEST_CASE("a comment is not thrown away while nobody is there to take it") {
  testing::world w;
  auto h = host{w, best_effort()};
  auto lost = 0;
  auto probe = h.n.events().attach<accumulator::events_lost>([&](const accumulator::events_lost&) { ++lost; });
  h.start();
  auto code = std::optional<errc>{};
  auto note = [&](const result<comment_answer>& r) { code = r ? std::nullopt : std::optional{r.error().code}; };
  for (int i = 0; i < 2; ++i) {  // Refused, it costs nothing of what a reader may do.
    h.of.comment(remark(), note);
    w.advance(1s);
    CHECK(code == errc::unavailable);
  }
  CHECK(lost == 0);
  auto heard = std::vector<accumulator::tracked_event>{};
  h.n.spawn<topic_listener<accumulator::tracked_event>>("analytics:events", heard);
  w.run();
  h.of.comment(remark(), note);
  w.advance(1s);
  CHECK_FALSE(code.has_value());
  CHECK(heard.size() == 1);
}

TEST_CASE_FIXTURE(post_site, "a comment that was broadcast is said to be sent, until the discussion has it") {
  of.discussions().put(talk({}));
  auto page = pages->visit("/blog/hello");
  page.form("#comment-form").submit({{"content", "Gone"}});
  answer(comment_answer{.id = nth(4), .is_sent = true});
  const auto mine = "#" + comment_id(nth(4));
  CHECK(page.element(mine + " .fate").text() == note_of(own_comment::fate::sent));
  tell(talk({{said(4, "Gone"), {}}}, 2));
  CHECK_FALSE(page.has(mine + " .fate"));
}
