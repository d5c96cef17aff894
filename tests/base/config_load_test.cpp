#include "base/config_fixture.hpp"

namespace beamline::config::testing {

TEST_CASE("configuration without sources has the defaults of the structs") {
  two_sections s;
  auto c = s.all.load({});
  REQUIRE(c.ok());
  CHECK(c.get(s.web).port == 4000);
  CHECK(c.get(s.web).idle_timeout == 60s);
  CHECK(c.get(s.web).queries.empty());
  CHECK(to_string(c.origin_of("web.port")) == "default");
}

TEST_CASE("configuration reads a value of every kind") {
  two_sections s;
  auto c = s.load(R"(
[web]
bind = "::1"
port = 4001
idle_timeout = "1m30s"
compress = false
ratio = 1
body_max = "64KiB"
origins = ["https://a.example", "https://b.example"]
root = "/srv/assets"
mode = "careful"
cache = "pages"
password = "long enough"
[web.areas]
live = "careful"
[[web.queries]]
dns = "a.internal"
[[web.queries]]
dns = "b.internal"
role = "accumulator"
every = "250s"
)");
  REQUIRE_MESSAGE(c.ok(), c.problems().front());
  const auto& web = c.get(s.web);
  CHECK(web.bind == "::1");
  CHECK(web.port == 4001);
  CHECK(web.idle_timeout == 90s);
  CHECK_FALSE(web.compress);
  CHECK(web.ratio == 1.0);
  CHECK(web.body_max == 64_KiB);
  CHECK(web.origins == text_list{"https://a.example", "https://b.example"});
  CHECK(web.root == "/srv/assets");
  CHECK(web.how == mode::careful);
  CHECK(web.cache == "pages");
  CHECK(web.password == "long enough");
  CHECK(web.areas.at("live") == mode::careful);
  REQUIRE(web.queries.size() == 2);
  CHECK(web.queries[0].role == "any");
  CHECK(web.queries[1].dns == "b.internal");
  CHECK(web.queries[1].every == 250s);
}

TEST_CASE("configuration takes the last of defaults, files in order, environment, flags") {
  two_sections s;
  sources from{.texts = {{"base.toml", "[web]\nport = 1000\n"}}};
  CHECK(s.all.load(from).get(s.web).port == 1000);
  from.texts.push_back({"dev.toml", "[web]\nport = 2000\nbind = \"::\"\n"});
  CHECK(s.all.load(from).get(s.web).port == 2000);
  from.environment = {{"BEAMLINE_PORT", "3000"}};
  CHECK(s.all.load(from).get(s.web).port == 3000);
  from.flags = {{"web.port", "3999"}, {"web.port", "4001"}};
  auto c = s.all.load(from);
  CHECK(c.get(s.web).port == 4001);
  CHECK(c.get(s.web).bind == "::");
  CHECK(to_string(c.origin_of("web.port")) == "--set web.port");
  CHECK(to_string(c.origin_of("web.bind")) == "dev.toml:3:8");
}

TEST_CASE("configuration takes values of every kind from the environment") {
  two_sections s;
  auto c = s.all.load({.environment = {{"BEAMLINE_PORT", "4002"},
                                       {"BEAMLINE_IDLE", "250s"},
                                       {"BEAMLINE_COMPRESS", "0"},
                                       {"BEAMLINE_RATIO", "0.25"},
                                       {"BEAMLINE_ORIGINS", "https://a.example, https://b.example"},
                                       {"BEAMLINE_PASSWORD", "12345678"},
                                       {"BEAMLINE_AREAS", "live=careful,rpc=fast"}}});
  REQUIRE_MESSAGE(c.ok(), c.problems().front());
  const auto& web = c.get(s.web);
  CHECK(web.port == 4002);
  CHECK(web.idle_timeout == 250s);
  CHECK_FALSE(web.compress);
  CHECK(web.ratio == 0.25);
  CHECK(web.origins == text_list{"https://a.example", "https://b.example"});
  CHECK(web.password == "12345678");
  CHECK(web.areas.size() == 2);
  CHECK(to_string(c.origin_of("web.origins")) == "BEAMLINE_ORIGINS");
}

TEST_CASE("a variable that is set but empty counts as not set") {
  two_sections s;
  auto c = s.all.load({.texts = {{"dev.toml", "[web]\nport = 4001\n"}}, .environment = {{"BEAMLINE_PORT", ""}}});
  REQUIRE(c.ok());
  CHECK(c.get(s.web).port == 4001);
}

TEST_CASE("a BEAMLINE_ variable that nobody reads is a warning, other variables are not looked at") {
  two_sections s;
  auto c = s.all.load({.environment = {{"BEAMLINE_PROT", "4001"}, {"HOME", "/root"}}});
  CHECK(c.ok());
  REQUIRE(c.warnings().size() == 1);
  CHECK(c.warnings().front() == "BEAMLINE_PROT is set, but nothing reads it; did you mean BEAMLINE_PORT?");
}

TEST_CASE("tables of text grow from file to file, lists are replaced") {
  two_sections s;
  auto c = s.all.load({.texts = {{"base.toml", "[web]\norigins = [\"a\", \"b\"]\nareas.live = \"careful\"\n"
                                               "[[web.queries]]\ndns = \"a\"\n[[web.queries]]\ndns = \"b\"\n"},
                                 {"dev.toml", "[web]\norigins = [\"c\"]\nareas.rpc = \"careful\"\n"
                                              "[[web.queries]]\ndns = \"c\"\n"}},
                       .flags = {{"web.areas.rpc", "fast"}, {"web.areas.http", "fast"}}});
  REQUIRE_MESSAGE(c.ok(), c.problems().front());
  const auto& web = c.get(s.web);
  CHECK(web.origins == text_list{"c"});
  CHECK(web.areas == std::map<std::string, mode>{{"http", mode::fast}, {"live", mode::careful}, {"rpc", mode::fast}});
  REQUIRE(web.queries.size() == 1);
  CHECK(web.queries[0].dns == "c");
  CHECK(to_string(c.origin_of("web.areas.live")) == "base.toml:3:14");
  CHECK(to_string(c.origin_of("web.areas.rpc")) == "--set web.areas.rpc");
  CHECK(to_string(c.origin_of("web.queries[1].dns")) == "dev.toml:5:7");
  // The second query is gone, and with it where it came from.
  CHECK(to_string(c.origin_of("web.queries[2].dns")) != "base.toml:7:7");
}

TEST_CASE("a section that is ignored may hold anything") {
  two_sections s;
  s.all.ignore("store");
  CHECK(s.load("[store]\npath = 1\n[store.deep]\nx = []\n").ok());
}

TEST_CASE("rules between keys run when each key is good, and point at the key to repair") {
  two_sections s;
  auto c = s.load("[other]\nenabled = true\n");
  REQUIRE(c.problems().size() == 1);
  CHECK(c.problems().front() == "other.cookie has no value although other.enabled is true; set it");
  c = s.load("[other]\nenabled = true\ncookie = \"\"\n");
  REQUIRE(c.problems().size() == 1);
  CHECK(c.problems().front() == "dev.toml:3:10: other.cookie has no value although other.enabled is true; set it");
  CHECK(s.load("[other]\nenabled = true\ncookie = \"c\"\n").ok());
  CHECK(s.problems("[other]\nenabled = 3\n").size() == 1);
}

TEST_CASE("values of a configuration with problems cannot be had by accident") {
  two_sections s;
  two_sections t;
  auto c = s.load("[web]\nport = 0\n");
  REQUIRE_FALSE(c.ok());
  CHECK_THROWS_AS((void)c.get(s.web), std::logic_error);
  auto good = s.load("");
  CHECK_THROWS_AS((void)good.get(handle<other_options>{0}), std::logic_error);
  CHECK_THROWS_AS((void)good.get(handle<other_options>{7}), std::logic_error);
}

TEST_CASE("values outlive the schema and survive copies of the outcome") {
  auto s = std::make_unique<two_sections>();
  auto web = s->web;
  auto c = s->load("[web]\nport = 4001\n");
  s.reset();
  auto copy = c;
  CHECK(copy.get(web).port == 4001);
  CHECK(&copy.get(web) == &c.get(web));
}

}  // namespace beamline::config::testing
