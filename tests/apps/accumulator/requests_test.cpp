#include "apps/accumulator/requests.hpp"

#include "actors/message_codec.hpp"
#include "base/random.hpp"

#include <doctest/doctest.h>

using namespace beamline;
using namespace beamline::accumulator;

namespace {

constexpr std::size_t bytes_max = 100;

template <class M>
result<request> read(const M& m) {
  return read_event(M::message_name, encode(m), bytes_max);
}

template <class M>
std::string refusal_of(const M& m) {
  auto r = read(m);
  REQUIRE_FALSE(r.ok());
  CHECK(r.error().code == errc::invalid);
  return r.error().message;
}

template <class T>
T good(const result<request>& r) {
  INFO((r ? std::string{} : r.error().message));
  REQUIRE(r.ok());
  REQUIRE(std::holds_alternative<T>(r->what));
  return std::get<T>(r->what);
}

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("who asks for a like names a post and a visitor") {
  CHECK(read_get_liked(encode(get_liked{"hello", "visitor_1"})).ok());
  CHECK(has(read_get_liked(encode(get_liked{"Hello", "visitor_1"})).error().message, "slug"));
  CHECK(has(read_get_liked(encode(get_liked{"hello", ""})).error().message, "visitor"));
  CHECK(read_get_liked("\xff").error().code == errc::invalid);
}

TEST_CASE("a slug is words of lower-case letters and digits with single hyphens between") {
  for (auto good : {"hello", "a", "0", "two-nodes", "a-1-b", "2024"})
    CHECK_MESSAGE(is_slug(good), good);
  for (auto bad : {"", "-", "-a", "a-", "a--b", "A", "a b", "a/b", "..", "a_b", "h\xc3\xa9", "a.md"})
    CHECK_MESSAGE(!is_slug(bad), bad);
  CHECK(is_slug(std::string(slug_bytes_max, 'a')));
  CHECK_FALSE(is_slug(std::string(slug_bytes_max + 1, 'a')));
  CHECK_FALSE(is_slug(std::string_view{"a\0b", 3}));
}

TEST_CASE("a visitor is 8 to 64 letters, digits, hyphens and underscores") {
  CHECK(is_visitor("abcDEF_-09"));
  CHECK(is_visitor(std::string(64, 'x')));
  CHECK_FALSE(is_visitor("short"));
  CHECK_FALSE(is_visitor(std::string(65, 'x')));
  CHECK_FALSE(is_visitor("has space"));
  CHECK_FALSE(is_visitor("has'quote"));
  CHECK_FALSE(is_visitor(""));
}

TEST_CASE("a metric is named by its scope, its post or page, and its number") {
  for (auto key :
       {"site.visits", "site.likes", "site.comments", "page.home.visits", "blog.two-nodes.likes", "blog.a.comments"}) {
    CAPTURE(key);
    auto m = parse_metric(key);
    REQUIRE(m.has_value());
    CHECK(metric_key(*m) == key);
  }
  for (auto key : {"", ".", "site", "site.", "site.x.visits", "page.visits", "page.home.likes", "blog.likes",
                   "blog.A.likes", "blog..likes", "blog.a.b.likes", "blog.a.likes.", "visits"})
    CHECK_MESSAGE(!parse_metric(key), key);
}

TEST_CASE("each post has topics of its own, and its newest numbers are kept") {
  CHECK(blog_topic("hello").name() == "stats:blog:hello");
  CHECK(comment_topic("hello").name() == "comments:blog:hello");
  CHECK(metric_topic("blog.hello.likes").name() == "metrics:blog.hello.likes");
  CHECK(site_topic().name() == "stats:site");
  CHECK(analytics_topic().name() == "analytics:events");
  CHECK(decltype(blog_topic("hello"))::kind == pubsub::topic_class::last_value);
}

TEST_CASE("an event says the same whichever of its messages it comes in") {
  auto id = uid{0x018bcfe5680070aaULL, 0x8000000000000001ULL};
  auto l = read(update_likes{"hello", "visitor_1", false, 0, id});
  CHECK(good<like>(l).slug == "hello");
  CHECK(good<like>(l).visitor == "visitor_1");
  CHECK_FALSE(good<like>(l).liked);
  CHECK(l->event_id == id);
  CHECK(good<like>(read(update_likes{"hello", "", true, -3})).delta == -3);
  CHECK(good<like>(read(blog_like{"hello", ""})).delta == 1);
  CHECK(good<like>(read(blog_like{"hello", "visitor_1"})).delta == 0);

  auto v = good<visits>(read(increment_blog_visit{"hello", {"visitor_2", "visitor_1", "visitor_2"}}));
  CHECK(v.of == metric::scope::blog);
  CHECK(v.visitors == std::vector<std::string>{"visitor_1", "visitor_2"});
  CHECK(good<visits>(read(blog_visit{"hello", ""})).visitors.empty());
  CHECK(good<visits>(read(blog_visit{"hello", "visitor_1"})).visitors.size() == 1);
  auto home = good<visits>(read(increment_visit{"home", {"visitor_1"}}));
  CHECK(home.of == metric::scope::page);
  CHECK(home.name == "home");

  auto c = good<new_comment>(read(add_comment{"hello", "  Good\r\npoint \n", " Ada\n", id, "visitor_1"}));
  CHECK(c.content == "Good\npoint");
  CHECK(c.author == "Ada");
  CHECK(c.parent == id);
  CHECK(good<new_comment>(read(add_comment{"hello", "x"})).author == "anonymous");
  auto data = std::map<std::string, std::string>{{"content", "x"}, {"author", "Bob"}, {"parent", id.str()}};
  auto told = good<new_comment>(read(blog_comment{"hello", data}));
  CHECK(told.author == "Bob");
  CHECK(told.parent == id);
}

TEST_CASE("what cannot be is refused by field, value and what was expected") {
  CHECK(
      refusal_of(update_likes{"He\"llo", "visitor_1", true})
      == R"(accumulator.update_likes: slug is "He\"llo", expected at most 100 of a-z, 0-9 and single hyphens between them)");
  CHECK(refusal_of(update_likes{"hello", "?", true})
        == R"(accumulator.update_likes: visitor is "?", expected 8 to 64 of a-z, A-Z, 0-9, - and _)");
  CHECK(has(refusal_of(update_likes{"hello", "", true, 0}), "delta is 0, expected -1000 to 1000 and not 0"));
  CHECK(has(refusal_of(update_likes{"hello", "", true, 1001}), "delta is 1001"));
  CHECK(
      has(refusal_of(update_likes{"hello", "visitor_1", true, 1}), "delta is 1, expected 0, since there is a visitor"));
  CHECK(has(refusal_of(increment_visit{"Home", {}}), "accumulator.increment_visit: page is \"Home\""));
  CHECK(has(refusal_of(increment_blog_visit{"hello", std::vector<std::string>(1001, "visitor_1")}),
            "visitors is 1001, expected at most 1000"));
  CHECK(has(refusal_of(increment_blog_visit{"hello", {"visitor_1", "no"}}), "visitor is \"no\""));
  CHECK(has(refusal_of(add_comment{"hello", " \n "}), "content is 0 bytes, expected 1 to 100"));
  CHECK(has(refusal_of(add_comment{"hello", std::string(101, 'x')}), "content is 101 bytes, expected 1 to 100"));
  CHECK(has(refusal_of(add_comment{"hello", "a\x01"}), "text in UTF-8 without control characters"));
  CHECK(has(refusal_of(add_comment{"hello", "a\xff"}), "text in UTF-8 without control characters"));
  CHECK(has(refusal_of(add_comment{"hello", "a", std::string(81, 'x')}), "author is 81 bytes, expected 1 to 80"));
  CHECK(has(refusal_of(blog_comment{"hello", {{"content", "x"}, {"parent", "y"}}}), "parent"));
  CHECK(refusal_of(add_comment{std::string(100'000, 'x'), "a"}).size() < 250);
  CHECK(read_get_count(encode(get_count{"site.anger"})).error().message.find("site.anger") != std::string::npos);
  CHECK(has(read_moderate_comment(encode(moderate_comment{{}, static_cast<moderation>(9)})).error().message, "9"));
  CHECK(has(read_batch(encode(handle_buffered_event{std::vector<event>(101)})).error().message, "at most 100"));
}

TEST_CASE("an unknown type of event is told apart from a bad one") {
  auto r = read_event("accumulator.dance", "", bytes_max);
  REQUIRE_FALSE(r.ok());
  CHECK(r.error().code == errc::unsupported);
  CHECK(has(r.error().message, "\"accumulator.dance\""));
}

TEST_CASE("ids of events are of version 7") {
  auto clock = manual_clock{};
  auto random = seeded_random{1};
  uid_source ids{clock, random};
  CHECK(is_event_id(ids.next()));
  CHECK_FALSE(is_event_id({}));
  CHECK_FALSE(is_event_id(uid{0x018bcfe5680040aaULL, 0x8000000000000001ULL}));
  CHECK_FALSE(is_event_id(uid{0x018bcfe5680070aaULL, 0x0000000000000001ULL}));
}

TEST_CASE("no octets make the reader do anything but answer") {
  auto random = seeded_random{7};
  auto good_ones = std::vector<std::pair<std::string_view, bytes>>{
      {update_likes::message_name, encode(update_likes{"hello", "visitor_1", true})},
      {increment_blog_visit::message_name, encode(increment_blog_visit{"hello", {"visitor_1", "visitor_2"}})},
      {add_comment::message_name, encode(add_comment{"hello", "text", "Ada"})},
      {blog_comment::message_name, encode(blog_comment{"hello", {{"content", "x"}}})}};
  for (const auto& one : good_ones) {
    for (std::size_t cut = 0; cut < one.second.size(); ++cut)
      (void)read_event(one.first, std::string_view{one.second}.substr(0, cut), bytes_max).ok();
    for (int i = 0; i < 3000; ++i) {
      auto mutated = one.second;
      mutated[random.below(mutated.size())] = static_cast<char>(random.below(256));
      auto m = read_event(one.first, mutated, bytes_max);
      if (!m)
        continue;
      if (const auto* l = std::get_if<like>(&m->what))
        CHECK(is_slug(l->slug));
      if (const auto* c = std::get_if<new_comment>(&m->what))
        CHECK((is_slug(c->slug) && !c->content.empty() && c->content.size() <= bytes_max));
    }
  }
  CHECK_FALSE(read_event(update_likes::message_name, "\xff\xff\xff\xff", bytes_max).ok());
}

TEST_CASE("visits of one post can be merged until they are too many") {
  auto waiting = increment_blog_visit{"hello", {"visitor_1"}};
  CHECK(merge_visits(waiting, increment_blog_visit{"hello", {"visitor_2", "visitor_1"}}));
  CHECK(waiting.visitors == std::vector<std::string>{"visitor_1", "visitor_2"});
  CHECK_FALSE(merge_visits(waiting, increment_blog_visit{"other", {"visitor_2"}}));
  CHECK_FALSE(merge_visits(waiting, increment_blog_visit{"hello", {}}));
  CHECK_FALSE(merge_visits(waiting, increment_blog_visit{"hello", std::vector<std::string>(999, "visitor_3")}));
  CHECK(merge_visits(waiting, increment_blog_visit{"hello", std::vector<std::string>(998, "visitor_3")}));
  CHECK(waiting.visitors.size() == 3);
  auto unknown = increment_visit{"home", {}};
  CHECK_FALSE(merge_visits(unknown, increment_visit{"home", {"visitor_1"}}));
}
