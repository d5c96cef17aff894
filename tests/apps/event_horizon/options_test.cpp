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
