// The page of a post as a reader meets it.

#include "apps/event_horizon/post_site.hpp"

using namespace beamline;
using namespace beamline::event_horizon;
using namespace beamline::test;
using testing::live_page;

namespace {

std::string note(const live_page& page) { return page.element("#comment-form-content-note").text(); }
std::string typed(const live_page& page) { return page.element("#comment-form-content").value(); }
std::string words(std::uint64_t n) { return "#" + comment_id(nth(n)) + " .words"; }

}  // namespace

// -- reading -----------------------------------------------------------------------------------

TEST_CASE_FIXTURE(post_site, "the first render has numbers and comments, and leaves no trace") {
  of.numbers().update("hello", {.likes = 4, .version = 9, .visits = 1234, .comments = 1});
  of.discussions().put(talk({{said(1, "First <b>\n\nand more"), {said(2, "Second", "", nth(1))}}}));
  auto page = pages->browser().load("/blog/hello");
  CHECK(page.element("#like-count").text() == "4");
  CHECK(page.element(".numbers").text() == "1,234 visits 1 comment");
  CHECK(page.element("#" + comment_id(nth(1)) + " .byline").text() == "ann 22 November 2026, 14:06 UTC");
  CHECK(page.element("#" + comment_id(nth(1)) + " time").attribute("datetime") == "2026-11-22T14:06:00Z");
  CHECK(contains(page.element(words(1)).html(), "First &lt;b&gt;\n\nand more"));
  CHECK(page.element("#" + comment_id(nth(2)) + " .byline strong").text() == "anonymous");
  CHECK(page.find_all(".thread").size() == 1);
  w.advance(1min);
  CHECK(at.visits.empty());
  CHECK(at.of_stats.empty());
  CHECK(at.of_discussion.empty());
  CHECK(at.of_waiting.empty());
  CHECK(readers().empty());
}

TEST_CASE_FIXTURE(post_site, "without a script the forms lead to the handlers, and a link opens that of a thread") {
  of.discussions().put(talk({{said(1, "One"), {}}, {said(2, "Two"), {}}}));
  auto ann = pages->browser();
  auto page = ann.load("/blog/hello");
  auto form = page.element("#comment-form");
  CHECK(form.attribute("method") == "post");
  CHECK(form.attribute("action") == "/blog/hello/comments");
  CHECK(form.element("input[name=_csrf_token]").exists());
  CHECK(form.element("textarea[name=content]").exists());
  CHECK(form.element("input[name=author]").exists());
  CHECK_FALSE(form.element("input[name=parent]").exists());
  auto to = page.element("#answer-to-" + nth(2).str()).attribute("href");
  CHECK(to == "/blog/hello?reply=" + nth(2).str() + "#answer-form");

  auto opened = ann.load("/blog/hello?reply=" + nth(2).str());
  CHECK(opened.element(".thread #answer-form").exists());
  CHECK(opened.element("#answer-form input[name=parent]").value() == nth(2).str());
  CHECK(opened.element("#answer-form label", "Your reply to ann").exists());
  CHECK_FALSE(ann.load("/blog/hello?reply=nonsense").has("#answer-form"));
  CHECK_FALSE(ann.load("/blog/hello?reply=" + nth(7).str()).has("#answer-form"));
}

TEST_CASE_FIXTURE(post_site, "what was not heard of yet is said to be missing, and comes by itself") {
  auto page = pages->visit("/blog/hello");
  CHECK(page.element("#visit-count").text() == "–");
  CHECK(page.has(".quiet", "cannot be shown right now"));
  tell(talk({}));
  CHECK(page.has(".quiet", "Nobody has written anything yet"));
  tell({.likes = 1, .version = 1, .visits = 1, .comments = 2});
  CHECK(page.element(".numbers").text() == "1 visit 2 comments");
  CHECK(page.element("#like-count").text() == "1");
}

TEST_CASE_FIXTURE(post_site, "an older number or discussion that comes late changes nothing") {
  auto page = pages->visit("/blog/hello");
  tell(talk({{said(1, "New"), {}}}, 5));
  tell(talk({}, 4));
  CHECK(page.has(words(1)));
  tell({.likes = 7, .version = 7});
  for (const auto& v : at.of_stats)
    n.cast(v, stats_updated{"hello", {.likes = 6, .version = 6}});
  CHECK(page.element("#like-count").text() == "7");
}

TEST_CASE_FIXTURE(post_site, "a comment that is hidden goes, one that comes is told to screen readers") {
  of.discussions().put(talk({{said(1, "One"), {}}}, 1));
  auto page = pages->visit("/blog/hello");
  CHECK(page.element("#news").text().empty());
  tell(talk({{said(1, "One"), {said(2, "Two", "bob", nth(1))}}}, 2));
  CHECK(page.element("#news").text() == "New comment by bob");
  CHECK(page.element(words(2)).text() == "Two");
  tell(talk({{said(1, "One"), {}}}, 3));
  CHECK_FALSE(page.has(words(2)));
  CHECK(page.has(words(1)));
}

TEST_CASE_FIXTURE(post_site, "one new comment among many is one small diff") {
  auto threads = std::vector<comment_thread>{};
  for (std::uint64_t i = 0; i < 100; ++i)
    threads.push_back({said(2 * i, "Thread " + std::to_string(i)), {said(2 * i + 1, "Answer", "bob", nth(2 * i))}});
  of.discussions().put(talk(threads, 1));
  auto page = pages->visit("/blog/hello");
  auto sent_after = [&](std::size_t from) { return page.wire_log().substr(from); };
  auto before = page.wire_log().size();
  SUBCASE("that begins a thread") {
    threads.push_back({said(500, "The newest of all"), {}});
    tell(talk(threads, 2));
  }
  SUBCASE("that answers in the middle") {
    threads[40].answers.push_back(said(500, "The newest of all", "cy", nth(80)));
    tell(talk(threads, 2));
  }
  CHECK(page.element(words(500)).text() == "The newest of all");
  auto diff = sent_after(before);
  INFO(diff);
  CHECK(contains(diff, "The newest of all"));
  CHECK_FALSE(contains(diff, "Thread "));
  CHECK_FALSE(contains(diff, "Answer"));
  CHECK(diff.size() < 2500);
  // The templates are known by now: another one of that kind is the values alone.
  before = page.wire_log().size();
  threads[40].answers.push_back(said(501, "And one more", "cy", nth(80)));
  tell(talk(threads, 3));
  CHECK(page.element(words(501)).text() == "And one more");
  CHECK(sent_after(before).size() < 900);
}

// -- who is there --------------------------------------------------------------------------------

TEST_CASE_FIXTURE(post_site, "a reader counts once, whatever the tabs, and only others make it worth a word") {
  auto ann = pages->browser();
  auto page = ann.visit("/blog/hello");
  auto second = ann.visit("/blog/hello");
  w.advance(1s);
  CHECK(page.element("#readers").text().empty());
  CHECK(readers().size() == 2);
  {
    auto bob = pages->browser();
    auto other = bob.visit("/blog/hello");
    w.advance(1s);
    CHECK(page.element("#readers").text() == "2 people are reading this");
    CHECK(other.element("#readers").text() == "2 people are reading this");
    SUBCASE("who goes on to another page is gone") { other.navigate("/blog/second"); }
    SUBCASE("who loses the connection is gone") { other.disconnect(); }
    w.advance(1s);
    CHECK(page.element("#readers").text().empty());
  }
  second.disconnect();
  w.advance(1s);
  CHECK(readers().size() == 1);
}

TEST_CASE_FIXTURE(post_site, "a connected page is tracked with what the cluster wants to know of it") {
  auto page = pages->visit("/blog/hello");
  auto all = readers();
  REQUIRE(all.size() == 1);
  auto meta = parse_json(*all[0].meta).value();
  CHECK(accumulator::is_visitor(all[0].key.key));
  CHECK(meta["node"] == "host_1@sim");
  CHECK(meta["joined_at"].is_number_integer());
  CHECK(meta["socket_id"].get<std::string>().size() > 2);
  REQUIRE(at.visits.size() == 1);
  CHECK(at.visits[0].first == "hello");
  CHECK(at.visits[0].second == all[0].key.key);
}

TEST_CASE_FIXTURE(post_site, "a presence that is started anew has its readers again") {
  auto page = pages->visit("/blog/hello");
  auto bob = pages->visit("/blog/hello");
  w.advance(1s);
  REQUIRE(page.has("#readers", "2 people"));
  // More than its supervisor bears, which takes the tracker along: what is tracked is forgotten.
  for (int i = 0; i < 6; ++i) {
    n.kill(presence::presence_on(n.env(), attendance_name));
    w.run();
  }
  w.advance(10s);
  CHECK(page.has("#readers", "2 people"));
  CHECK(readers().size() == 2);
  CHECK(page.is_connected());
}

// -- addresses -------------------------------------------------------------------------------------

TEST_CASE_FIXTURE(post_site, "a slug in other letters leads to the post's own address") {
  auto ann = pages->browser();
  auto answer = ann.get("/blog/HELLO?reply=x");
  CHECK(answer.status == 301);
  CHECK(answer.headers.get("location") == "/blog/hello?reply=x");
  auto page = ann.visit("/blog/second");
  page.navigate("/blog/Hello");
  CHECK(page.path() == "/blog/hello");
  CHECK(page.element("h1").text() == "Hello <you>");
  CHECK(page.is_connected());
}

TEST_CASE_FIXTURE(post_site, "live navigation to a post that is not there ends at the page that says so") {
  auto page = pages->visit("/blog/hello");
  CHECK_THROWS_WITH_AS(page.navigate("/blog/none-such"), doctest::Contains("/not-found is answered with status 404"),
                       testing::page_error);
}

// -- likes ---------------------------------------------------------------------------------------

TEST_CASE_FIXTURE(post_site, "a like that waits is shown as pressed and waiting, until nothing waits any more") {
  tell({.likes = 3, .version = 1});
  at.like_answer = like_answer{.stats = std::nullopt, .liked = true, .is_waiting = true};
  auto page = pages->visit("/blog/hello");
  page.form("#like-form").submit_with("#like");
  REQUIRE(at.likes.size() == 1);
  CHECK(at.likes[0].liked);
  CHECK(page.element("#like").attribute("aria-pressed") == "true");
  CHECK(page.element("#like-note").text() == "Your like is kept here, and counted later.");
  CHECK(page.element("#like-count").text() == "3");
  tell({.waiting = 1, .is_connected = true});
  CHECK_FALSE(page.element("#like-note").text().empty());
  tell({.likes = 4, .version = 2});
  tell(waiting_state{.waiting = 0, .is_connected = true});
  CHECK(page.element("#like-note").text().empty());
  CHECK(page.element("#like-count").text() == "4");
}

TEST_CASE_FIXTURE(post_site, "a like that is refused says why, and the button stays as it was") {
  auto page = pages->visit("/blog/hello");
  SUBCASE("for good reason") {
    at.like_answer = error{errc::unavailable, "no room"};
    page.form("#like-form").submit_with("#like");
    CHECK(page.has("#flash .error", std::string{like_failed_text}));
  }
  SUBCASE("because it was too much") {
    at.like_answer = error{errc::busy, std::string{too_many_at_address_text}};
    page.form("#like-form").submit_with("#like");
    CHECK(page.has("#flash .error", std::string{too_many_at_address_text}));
  }
  CHECK(page.element("#like").attribute("aria-pressed") == "false");
}

// -- what waits ------------------------------------------------------------------------------------

TEST_CASE_FIXTURE(post_site,
                  "what waits is told discreetly: at once when nobody is there to take it, else after a while") {
  auto page = pages->visit("/blog/hello");
  CHECK(page.element("#waiting").text().empty());
  CHECK(page.element("#waiting").attribute("role") == "status");
  tell(waiting_state{.waiting = 1, .is_connected = true});
  CHECK(page.element("#waiting").text().empty());
  SUBCASE("it was on its way") {
    tell(waiting_state{.waiting = 0, .is_connected = true});
    w.advance(5s);
    CHECK(page.element("#waiting").text().empty());
  }
  SUBCASE("it stays") {
    w.advance(waiting_shown_after);
    CHECK(page.element("#waiting").text() == "Events waiting: 1");
    tell(waiting_state{.waiting = 3, .is_connected = true});
    CHECK(page.element("#waiting").text() == "Events waiting: 3");
  }
  SUBCASE("the accumulator is away") {
    tell(waiting_state{.waiting = 3, .is_connected = false});
    CHECK(page.element("#waiting").text() == "Live numbers are paused. Events waiting: 3");
    tell(waiting_state{.waiting = 3, .is_connected = true});
    CHECK(page.element("#waiting").text() == "Events waiting: 3");
    tell(waiting_state{.waiting = 0, .is_connected = true});
    CHECK(page.element("#waiting").text().empty());
  }
}

// -- writing ---------------------------------------------------------------------------------------

TEST_CASE_FIXTURE(post_site, "a comment is sent, shown once, and the form is ready for the next one") {
  of.discussions().put(talk({}));
  auto page = pages->visit("/blog/hello");
  page.form("#comment-form").submit({{"content", "Nice <post>"}, {"author", "ann"}});
  REQUIRE(at.comments.size() == 1);
  CHECK(at.comments[0].slug == "hello");
  CHECK(at.comments[0].author == "ann");
  CHECK(at.comments[0].content == "Nice <post>");
  CHECK(at.comments[0].parent.is_nil());
  CHECK(accumulator::is_visitor(at.comments[0].visitor));
  // Nothing is lost before it is known what became of it, and a second press does not send it twice.
  CHECK(typed(page) == "Nice <post>");
  CHECK(page.has("#comment-form .progress", "Sending"));
  page.form("#comment-form").submit({});
  CHECK(at.comments.size() == 1);

  auto made = said(3, "Nice <post>");
  answer(comment_answer{.id = made.id, .made = made});
  CHECK(typed(page).empty());
  CHECK(page.element("#comment-form-author").value() == "ann");
  CHECK(page.element("#comment-form .progress").text().empty());
  CHECK(page.element(words(3)).text() == "Nice <post>");
  tell(talk({{made, {}}}, 2));
  CHECK(page.find_all(words(3)).size() == 1);
  CHECK(page.find_all(".own").empty());
  CHECK(page.element("#news").text().empty());
}

TEST_CASE_FIXTURE(post_site,
                  "a comment that waits is shown to its writer alone, and becomes the real one when it arrives") {
  of.discussions().put(talk({}));
  auto page = pages->visit("/blog/hello");
  auto other = pages->visit("/blog/hello");
  page.form("#comment-form").submit({{"content", "Kept"}});
  answer(comment_answer{.id = nth(4), .is_waiting = true});
  auto mine = "#" + comment_id(nth(4));
  CHECK(page.has(mine + " .fate", "Waiting to be sent"));
  CHECK(page.element(mine + " .byline strong").text() == "anonymous");
  CHECK_FALSE(other.has(mine));
  CHECK(typed(page).empty());
  tell(waiting_state{.waiting = 1, .is_connected = false});
  CHECK(page.has(mine + " .fate", "Waiting to be sent"));
  tell(waiting_state{.waiting = 0, .is_connected = true});
  CHECK(page.has(mine + " .fate", "Sent"));
  tell(talk({{said(4, "Kept", ""), {}}}, 2));
  CHECK_FALSE(page.has(mine + " .fate"));
  CHECK(page.find_all(mine).size() == 1);
  CHECK(other.find_all(mine).size() == 1);
}

TEST_CASE_FIXTURE(post_site, "a comment that a moderator has to see says so") {
  of.discussions().put(talk({}));
  auto page = pages->visit("/blog/hello");
  page.form("#comment-form").submit({{"content", "Hm"}});
  auto made = said(4, "Hm");
  made.state = accumulator::comment_state::pending;
  answer(comment_answer{.id = made.id, .is_pending = true, .made = made});
  CHECK(page.has("#" + comment_id(nth(4)) + " .fate", "Waiting for a moderator"));
}

TEST_CASE_FIXTURE(post_site, "what is wrong with a comment is said beside it while it is written, and the text stays") {
  auto page = pages->visit("/blog/hello");
  auto bytes_max = of.options().comment_bytes_max;
  auto form = page.form("#comment-form");
  form.change({{"content", std::string(bytes_max - 3, 'x')}});
  CHECK(note(page) == "About 3 more letters fit.");
  form.change({{"content", std::string(bytes_max, 'x') + "ä"}});
  CHECK(note(page) == "This comment is 1 letter too long. Please shorten it.");
  CHECK(page.element("#comment-form-content").attribute("aria-invalid") == "true");
  form.submit({});
  CHECK(at.comments.empty());
  form.change({{"content", ""}});
  form.submit({{"content", "   "}});
  CHECK(note(page) == "Please write something first.");
  CHECK(at.comments.empty());
}

TEST_CASE_FIXTURE(post_site, "a comment that is refused says why, and stays in the form") {
  auto page = pages->visit("/blog/hello");
  page.form("#comment-form").submit({{"content", "Buy now"}});
  SUBCASE("for what it is") {
    answer(error{errc::invalid, "Please write without so many links."});
    CHECK(note(page) == "Please write without so many links.");
  }
  SUBCASE("because there were too many") {
    answer(error{errc::busy, std::string{too_many_text}});
    CHECK(note(page) == std::string{too_many_text} + ".");
  }
  SUBCASE("because the post is full") {
    answer(error{errc::too_large, std::string{comments_full_text}});
    CHECK(note(page) == std::string{comments_full_text} + ".");
  }
  SUBCASE("because nothing can be kept") {
    answer(error{errc::unavailable, "disk"});
    CHECK(note(page) == std::string{comment_failed_text} + ".");
  }
  CHECK(typed(page) == "Buy now");
  CHECK(page.find_all(".own").empty());
  page.form("#comment-form").submit({{"content", "Sorry"}});
  CHECK(at.comments.size() == 2);
}

TEST_CASE_FIXTURE(post_site, "a reply goes into its thread, its form closes, and the reader is led to it") {
  of.discussions().put(talk({{said(1, "One"), {}}, {said(2, "Two"), {}}}));
  auto page = pages->visit("/blog/hello");
  page.element("#answer-to-" + nth(1).str()).click();
  CHECK(page.element("#answer-form-content").has_attribute("phx-mounted"));
  page.form("#answer-form").submit({{"content", "Right"}, {"author", "bob"}});
  REQUIRE(at.comments.size() == 1);
  CHECK(at.comments[0].parent == nth(1));
  (void)page.take_events();
  auto made = said(9, "Right", "bob", nth(1));
  answer(comment_answer{.id = made.id, .made = made});
  CHECK_FALSE(page.has("#answer-form"));
  CHECK(page.path() == "/blog/hello");
  CHECK(page.element(".thread:first-child " + words(9)).text() == "Right");
  CHECK(page.expect_event("js-exec") == json{{"to", "#" + comment_id(nth(9))}, {"attr", "data-arrived"}});
  CHECK_NOTHROW(page.element("#" + comment_id(nth(9))).exec("data-arrived"));
  CHECK_NOTHROW(page.element("#" + comment_id(nth(1))).exec("data-arrived"));
  // The name is known by now.
  page.element("#answer-to-" + nth(2).str()).click();
  CHECK(page.element("#answer-form-author").value() == "bob");
  page.element("#answer-form a", "Cancel").click();
  CHECK_FALSE(page.has("#answer-form"));
}

TEST_CASE_FIXTURE(post_site, "what was typed survives a lost connection, in both forms") {
  of.discussions().put(talk({{said(1, "One"), {}}}));
  auto page = pages->visit("/blog/hello");
  page.form("#comment-form").change({{"content", "Half a thou"}, {"author", "ann"}});
  page.element("#answer-to-" + nth(1).str()).click();
  page.form("#answer-form").change({{"content", "And a reply"}});
  page.disconnect();
  w.advance(10s);
  page.reconnect();
  CHECK(typed(page) == "Half a thou");
  CHECK(page.element("#comment-form-author").value() == "ann");
  CHECK(page.element("#answer-form-content").value() == "And a reply");
  CHECK(page.element("#answer-form input[name=parent]").value() == nth(1).str());
}

TEST_CASE_FIXTURE(post_site, "a reply that was begun survives on a host that does not know the discussion yet") {
  of.discussions().put(talk({{said(1, "One"), {}}}));
  auto page = pages->visit("/blog/hello");
  page.element("#answer-to-" + nth(1).str()).click();
  page.form("#answer-form").change({{"content", "And a reply"}});
  page.disconnect();
  of.discussions().clear();
  page.reconnect();
  CHECK(page.element("#answer-form-content").value() == "And a reply");
  tell(talk({{said(1, "One"), {}}}));
  CHECK(page.element(".thread #answer-form-content").value() == "And a reply");
  CHECK(page.find_all("#answer-form").size() == 1);
}

TEST_CASE_FIXTURE(post_site, "more comments of one reader than are kept are shown as the newest of them") {
  of.discussions().put(talk({}));
  auto page = pages->visit("/blog/hello");
  for (std::uint64_t i = 0; i <= own_comments_max; ++i) {
    page.form("#comment-form").submit({{"content", "No. " + std::to_string(i)}});
    answer(comment_answer{.id = nth(i), .is_waiting = true});
  }
  CHECK(page.find_all(".own").size() == own_comments_max);
  CHECK_FALSE(page.has(words(0)));
  CHECK(page.has(words(own_comments_max)));
}
