// The comments of one post, as they are read and followed. Pure.

#include "apps/event_horizon/conversation.hpp"

#include "apps/event_horizon/comment_rules.hpp"
#include "apps/support.hpp"
#include "base/random.hpp"

#include <algorithm>
#include <deque>
#include <map>

using namespace beamline;
using namespace beamline::event_horizon;
using namespace beamline::test;
using accumulator::comment;
using accumulator::comment_list;
using accumulator::comment_news;
using accumulator::comment_state;

namespace {

comment made(std::uint64_t n, std::uint64_t parent = 0) {
  comment c{uid{1, n}, "hello", parent == 0 ? uid{} : uid{1, parent}, "Ann", "comment " + std::to_string(n)};
  c.at = wall_time{std::chrono::seconds{n}};
  return c;
}

comment_news shown(std::int64_t version, comment c, bool is_list_stale = false) {
  return {version, std::move(c), is_list_stale};
}
comment_news gone(std::int64_t version, comment c) {
  c.state = comment_state::hidden;
  c.author = c.content = "";
  return {version, std::move(c)};
}

/// Reads a list of one page.
void read(conversation& of, std::vector<comment> all, std::int64_t version) {
  REQUIRE(of.begin_reading().slug == "hello");
  auto next = of.add_page({std::move(all), version, true});
  REQUIRE(next.ok());
  REQUIRE_FALSE(next->has_value());
}

/// `1(2,3) 4()`: threads by the numbers of their comments.
std::string text_of(const conversation& of) {
  std::string out;
  auto snapshot = of.snapshot();
  for (const auto& t : snapshot->threads) {
    out += (out.empty() ? "" : " ") + std::to_string(t.first.id.low()) + "(";
    for (const auto& a : t.answers)
      out += (out.back() == '(' ? "" : ",") + std::to_string(a.id.low());
    out += ")";
  }
  return out;
}

}  // namespace

TEST_CASE("a conversation makes threads of a list, oldest first") {
  auto c = conversation{"hello"};
  CHECK_FALSE(c.is_known());
  CHECK(c.needs_reading());
  read(c, {made(1), made(2, 1), made(3), made(4, 1), made(5, 3)}, 5);
  CHECK(text_of(c) == "1(2,4) 3(5)");
  CHECK(c.is_known());
  CHECK_FALSE(c.needs_reading());
  CHECK(c.snapshot()->size() == 5);
  CHECK(c.snapshot()->is_complete);
  CHECK(c.snapshot()->find(uid{1, 4})->content == "comment 4");
  CHECK(c.snapshot()->find(uid{1, 9}) == nullptr);
}

TEST_CASE("an answer that the list has before what it answers finds its place") {
  auto c = conversation{"hello"};
  auto early = made(1, 2);
  read(c, {early, made(2)}, 2);
  CHECK(text_of(c) == "2(1)");
}

TEST_CASE("news are applied in the order of their versions, whatever order they come in") {
  auto c = conversation{"hello"};
  read(c, {made(1)}, 1);
  auto before = c.changes();
  REQUIRE(c.add(shown(3, made(3))).ok());
  CHECK(c.changes() == before);
  CHECK(c.needs_reading());
  REQUIRE(c.add(shown(2, made(2, 1))).ok());
  CHECK(text_of(c) == "1(2) 3()");
  CHECK(c.version() == 3);
  CHECK_FALSE(c.needs_reading());
  REQUIRE(c.add(shown(2, made(9))).ok());  // Known.
  CHECK(text_of(c) == "1(2) 3()");
  REQUIRE(c.add(gone(4, made(1))).ok());
  CHECK(text_of(c) == "3()");
  REQUIRE(c.add(gone(5, made(7))).ok());  // Was never there.
  CHECK(text_of(c) == "3()");
  CHECK(c.version() == 5);
}

TEST_CASE("a conversation is read again when news say so, or when others have heard of more") {
  auto c = conversation{"hello"};
  read(c, {made(2)}, 4);
  SUBCASE("a thread was shown anew") {
    REQUIRE(c.add(shown(5, made(1), true)).ok());
    CHECK(text_of(c) == "1() 2()");
    CHECK(c.needs_reading());
    read(c, {made(1), made(2), made(3, 1)}, 5);
    CHECK(text_of(c) == "1(3) 2()");
  }
  SUBCASE("an answer whose thread is not there") {
    REQUIRE(c.add(shown(5, made(9, 7))).ok());
    CHECK(c.needs_reading());
    read(c, {made(2), made(7), made(9, 7)}, 5);
  }
  SUBCASE("a number told of a newer version") {
    c.note_version(6);
    CHECK(c.needs_reading());
    read(c, {made(2)}, 6);
  }
  SUBCASE("more news than are kept, without the one before them") {
    for (std::int64_t v = 6; v < 6 + 2 * static_cast<std::int64_t>(waiting_news_max); ++v)
      REQUIRE(c.add(shown(v, made(static_cast<std::uint64_t>(v)))).ok());
    CHECK(c.needs_reading());
    read(c, {made(2)}, 1000);
  }
  CHECK_FALSE(c.needs_reading());
}

TEST_CASE("a list that changes while it is read page by page is right in the end") {
  auto c = conversation{"hello"};
  auto first = c.begin_reading();
  CHECK(first.after.is_nil());
  auto next = c.add_page({{made(1), made(2)}, 4, false});
  REQUIRE((next.ok() && next->has_value()));
  CHECK((*next)->after == uid{1, 2});
  CHECK((*next)->after_at == made(2).at);
  REQUIRE(c.add(gone(5, made(1))).ok());
  REQUIRE(c.add(shown(6, made(4))).ok());
  SUBCASE("with all news in between") {
    next = c.add_page({{made(3), made(4)}, 6, true});
    CHECK(text_of(c) == "2() 3() 4()");
    CHECK(c.version() == 6);
    CHECK_FALSE(c.needs_reading());
  }
  SUBCASE("or is read again, when one of them was lost") {
    next = c.add_page({{made(3), made(4)}, 7, true});
    CHECK(text_of(c) == "2() 3() 4()");
    CHECK(c.needs_reading());
  }
  REQUIRE(next.ok());
}

TEST_CASE("an older list than what is known changes nothing") {
  auto c = conversation{"hello"};
  read(c, {made(1), made(2)}, 8);
  auto before = c.changes();
  read(c, {made(1)}, 7);
  CHECK(text_of(c) == "1() 2()");
  CHECK(c.version() == 8);
  CHECK(c.changes() == before);
}

TEST_CASE("what makes no sense is refused and disturbs nothing") {
  auto c = conversation{"hello"};
  read(c, {made(1)}, 1);
  auto other = made(2);
  other.slug = "second";
  auto nameless = made(2);
  nameless.id = {};
  auto hidden = made(2);
  hidden.state = comment_state::hidden;
  CHECK_FALSE(c.add(shown(2, other)).ok());
  CHECK_FALSE(c.add(shown(2, nameless)).ok());
  CHECK_FALSE(c.add(shown(0, made(2))).ok());
  for (const auto& wrong : {other, nameless, hidden}) {
    (void)c.begin_reading();
    auto page = c.add_page({{wrong}, 9, true});
    REQUIRE_FALSE(page.ok());
    CHECK(page.error().code == errc::corrupt);
    CHECK_FALSE(c.is_reading());
  }
  CHECK(text_of(c) == "1()");
  CHECK(c.version() == 1);
}

TEST_CASE("of a long discussion the newest threads are kept, by number and by octets") {
  auto c = conversation{"hello"};
  std::vector<comment> all;
  std::size_t kept = discussion_comments_max;
  SUBCASE("by number") {
    for (std::uint64_t n = 1; n <= discussion_comments_max + 10; ++n)
      all.push_back(made(n));
  }
  SUBCASE("by octets") {
    kept = 0;
    std::size_t octets = 0;
    for (std::uint64_t n = 1; n <= 20; ++n) {
      all.push_back(made(n));
      all.back().content = std::string(20'000, 'x');
      octets += sizeof(comment) + all.back().author.size() + all.back().content.size();
      kept += octets <= discussion_octets_max ? 1U : 0U;
    }
    REQUIRE(kept < 20);
  }
  read(c, all, 7);
  CHECK(c.snapshot()->size() == kept);
  CHECK_FALSE(c.snapshot()->is_complete);
  CHECK(c.snapshot()->threads.back().first.id == all.back().id);
  // An answer to what was left out is no reason to read.
  REQUIRE(c.add(shown(8, made(9999, 1))).ok());
  CHECK_FALSE(c.needs_reading());
  CHECK(c.snapshot()->size() == kept);
}

TEST_CASE("of one long thread the newest answers are kept") {
  auto c = conversation{"hello"};
  auto all = std::vector{made(1)};
  for (std::uint64_t n = 2; n <= discussion_comments_max + 11; ++n)
    all.push_back(made(n, 1));
  read(c, all, 7);
  CHECK(c.snapshot()->size() == discussion_comments_max);
  REQUIRE(c.snapshot()->threads.size() == 1);
  CHECK(c.snapshot()->threads[0].answers.back().id == all.back().id);
}

TEST_CASE("a reading ends after so many pages, whatever it is told") {
  auto c = conversation{"hello"};
  (void)c.begin_reading();
  std::size_t pages = 1;
  for (std::uint64_t n = 1;; ++n, ++pages) {
    auto next = c.add_page({{made(n)}, 1, false});
    REQUIRE(next.ok());
    if (!next->has_value())
      break;
    REQUIRE(pages <= reading_pages_max);
  }
  CHECK(pages == reading_pages_max);
  CHECK_FALSE(c.snapshot()->is_complete);
}

// The accumulator as a model: whatever is lost, doubled or late, a conversation that is read when it says so ends up
// with what the model shows.
TEST_CASE("a conversation follows a model over random histories") {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    CAPTURE(seed);
    auto random = seeded_random{seed};
    std::map<std::uint64_t, comment> truth;  // By number: all that were ever made.
    std::int64_t version = 0;
    auto is_shown = [&](const comment& c) {
      return c.state == comment_state::visible
          && (c.parent.is_nil() || truth.at(c.parent.low()).state == comment_state::visible);
    };
    auto list = [&](std::uint64_t after, std::size_t limit) {
      comment_list out{.comments = {}, .version = version};
      for (const auto& [n, c] : truth)
        if (n > after && is_shown(c)) {
          if (out.comments.size() == limit) {
            out.is_complete = false;
            break;
          }
          out.comments.push_back(c);
        }
      return out;
    };
    auto c = conversation{"hello"};
    std::deque<comment_news> on_the_way;
    auto change = [&] {
      auto n = truth.size() + 1;
      bool is_new = truth.empty() || random.below(2) == 0;
      if (is_new) {
        auto parent = truth.empty() ? 0 : random.below(n);
        if (parent != 0 && (!truth.at(parent).parent.is_nil() || !is_shown(truth.at(parent))))
          parent = 0;
        auto added = truth.emplace(n, made(n, parent)).first->second;
        on_the_way.push_back(shown(++version, added));
        return;
      }
      auto& one = truth.at(1 + random.below(n - 1));
      if (!one.parent.is_nil() && truth.at(one.parent.low()).state != comment_state::visible)
        return;
      if (one.state == comment_state::visible) {
        one.state = comment_state::hidden;
        on_the_way.push_back(gone(++version, one));
      } else {
        one.state = comment_state::visible;
        auto has_answers = std::any_of(truth.begin(), truth.end(), [&](const auto& t) {
          return t.second.parent == one.id && t.second.state == comment_state::visible;
        });
        on_the_way.push_back(shown(++version, one, has_answers && one.parent.is_nil()));
      }
    };
    std::optional<accumulator::list_comments> next;
    auto step_reading = [&] {
      if (!c.is_reading() && c.needs_reading())
        next = c.begin_reading();
      if (!c.is_reading())
        return;
      auto page = c.add_page(list(next->after.low(), 1 + random.below(3)));
      REQUIRE(page.ok());
      next = *page;
    };
    for (int i = 0; i < 60; ++i) {
      switch (random.below(4)) {
        case 0: change(); break;
        case 1: step_reading(); break;
        default:
          if (on_the_way.empty())
            break;
          auto at = random.below(std::min<std::uint64_t>(2, on_the_way.size()));
          auto news = on_the_way[at];
          if (random.below(10) != 0)
            REQUIRE(c.add(news).ok());
          if (random.below(10) != 0)
            on_the_way.erase(on_the_way.begin() + static_cast<std::ptrdiff_t>(at));
      }
    }
    c.note_version(version);
    while (c.is_reading() || c.needs_reading())
      step_reading();
    auto expected = conversation{"hello"};
    read(expected, list(0, 1000).comments, version);
    REQUIRE(text_of(c) == text_of(expected));
    REQUIRE(c.version() == version);
  }
}

TEST_CASE("a comment is trimmed and checked, with words for whoever wrote it") {
  auto check = [](std::string content, std::string author = "") {
    auto r = check_comment({.slug = "hello", .author = std::move(author), .content = std::move(content)}, 20);
    return r ? "ok: " + r->author + "|" + r->content : r.error().message;
  };
  CHECK(check(" a\r\nb \n") == "ok: |a\nb");
  CHECK(check("a", "\tAnn\nB ") == "ok: Ann B|a");
  CHECK(check("\xc3\xa9\xc3\xa9") == "ok: |\xc3\xa9\xc3\xa9");
  CHECK(check(" \t\r\n") == "Please write something first.");
  CHECK(check(std::string(20, 'x')) == "ok: |" + std::string(20, 'x'));
  CHECK(check(std::string(21, 'x')) == "This comment is 1 letter too long. Please shorten it.");
  CHECK(check("a", std::string(81, 'x')) == "This name is 1 letter too long. Please shorten it.");
  for (const char* bad : {"a\x01"
                          "b",
                          "a\x7f", "a\x1b[31m", "\xff"}) {
    CHECK(check(bad) == "This comment has characters that cannot be shown. Please write it as plain text.");
    CHECK(check("a", bad) == "This name has characters that cannot be shown. Please write it as plain text.");
  }
}
