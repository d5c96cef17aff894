#include "apps/accumulator/arguments.hpp"

#include "actors/message_codec.hpp"
#include "base/random.hpp"

#include <doctest/doctest.h>

using namespace beamline;
using namespace beamline::accumulator;

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

TEST_CASE("each post has a topic of its own, whose newest numbers are kept") {
  CHECK(blog_topic("hello").name() == "stats:blog:hello");
  CHECK(decltype(blog_topic("hello"))::kind == pubsub::topic_class::last_value);
}

TEST_CASE("good arguments come through as they were sent") {
  auto m = read_update_likes(encode(update_likes{"hello", "visitor_1", false}));
  REQUIRE(m.ok());
  CHECK(m->slug == "hello");
  CHECK(m->visitor == "visitor_1");
  CHECK_FALSE(m->liked);
  CHECK(read_get_blog_stats(encode(get_blog_stats{"hello"}))->slug == "hello");
}

TEST_CASE("bad arguments are refused by name, value and remedy") {
  auto slug = read_update_likes(encode(update_likes{"He\"llo", "visitor_1", true}));
  REQUIRE_FALSE(slug.ok());
  CHECK(slug.error().code == errc::invalid);
  CHECK(
      slug.error().message
      == R"(accumulator.update_likes: slug is "He\"llo", expected at most 100 of a-z, 0-9 and single hyphens between them)");

  auto visitor = read_update_likes(encode(update_likes{"hello", "", true}));
  REQUIRE_FALSE(visitor.ok());
  CHECK(visitor.error().message
        == R"(accumulator.update_likes: visitor is "", expected 8 to 64 of a-z, A-Z, 0-9, - and _)");

  auto huge = read_get_blog_stats(encode(get_blog_stats{std::string(100'000, 'x')}));
  REQUIRE_FALSE(huge.ok());
  CHECK(huge.error().message.size() < 250);
}

TEST_CASE("no octets make the reader do anything but answer") {
  auto random = seeded_random{7};
  auto good = encode(update_likes{"hello", "visitor_1", true});
  for (std::size_t cut = 0; cut < good.size(); ++cut)
    (void)read_update_likes(std::string_view{good}.substr(0, cut)).ok();
  CHECK_FALSE(read_update_likes("").ok());
  CHECK_FALSE(read_update_likes("\xff\xff\xff\xff").ok());
  for (int i = 0; i < 5000; ++i) {
    auto mutated = good;
    mutated[random.below(mutated.size())] = static_cast<char>(random.below(256));
    if (auto m = read_update_likes(mutated)) {
      CHECK(is_slug(m->slug));
      CHECK(is_visitor(m->visitor));
    }
  }
}
