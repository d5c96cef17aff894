#include "apps/accumulator/options.hpp"
#include "apps/event_horizon/options.hpp"
#include "base/config/schema.hpp"

#include <doctest/doctest.h>

using namespace beamline;

TEST_CASE("the sections of the applications are well formed and read what files say") {
  auto s = config::schema{};
  auto blog = s.add(event_horizon::event_horizon_section());
  auto counter = s.add(accumulator::accumulator_section());
  auto c = s.load({.texts = {{"t.toml", "[event_horizon]\ncontent_dir = \"posts\"\nlikes_path = \"broadcast\"\n"
                                        "post_size_max = \"64KiB\"\n[accumulator]\ncalls_max = 7\n"}}});
  REQUIRE(c.ok());
  CHECK(c.get(blog).content_dir == "posts");
  CHECK(c.get(blog).likes_path == event_horizon::event_path::broadcast);
  CHECK(c.get(blog).visits_path == event_horizon::event_path::outbox);
  CHECK(c.get(blog).post_size_max == config::byte_size{64 * 1024});
  CHECK(c.get(blog).writes_max == 1000);
  CHECK(c.get(counter).calls_max == 7);
}

TEST_CASE("values out of range are refused by name") {
  auto s = config::schema{};
  s.add(event_horizon::event_horizon_section());
  auto c = s.load({.texts = {{"t.toml", "[event_horizon]\nrescan = \"1ms\"\ntitle = \"\"\nposts_max = 0\n"
                                        "comments_path = \"pigeon\"\n"}}});
  REQUIRE(c.problems().size() == 4);
  CHECK(c.problems()[0].starts_with("t.toml:2:10: event_horizon.rescan is \"1ms\""));
  CHECK(c.problems()[3].starts_with("t.toml:5:17: event_horizon.comments_path is \"pigeon\""));
  CHECK(c.problems()[3].find("outbox") != std::string::npos);
}

TEST_CASE("the language of the site is a tag of BCP 47") {
  auto s = config::schema{};
  auto blog = s.add(event_horizon::event_horizon_section());
  auto load = [&](std::string_view language) {
    return s.load({.texts = {{"t.toml", "[event_horizon]\nlanguage = \"" + std::string{language} + "\"\n"}}});
  };
  for (std::string_view good :
       {"en", "de", "pt-BR", "zh-Hans-CN", "sr-Latn", "es-419", "gsw", "de-CH-1996", "en-a-bbb-x-a"}) {
    CAPTURE(good);
    auto c = load(good);
    REQUIRE(c.ok());
    CHECK(c.get(blog).language == good);
  }
  for (std::string_view bad :
       {"", "e", "english language", "en_GB", "en-", "-en", "en--GB", "e1", "en-x", "en-abcdefghi", "\\\"><x"}) {
    CAPTURE(bad);
    auto c = load(bad);
    REQUIRE(c.problems().size() == 1);
    CHECK(c.problems()[0].find("event_horizon.language is \"") != std::string::npos);
    CHECK(c.problems()[0].find("a language tag of BCP 47, such as en, de or pt-BR") != std::string::npos);
  }
}
