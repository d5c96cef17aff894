#include "base/config/diff.hpp"

#include "base/config_fixture.hpp"

#include <stdexcept>

namespace beamline::config::testing {

namespace {

std::string told(const std::vector<change>& all) {
  std::string out;
  for (const auto& c : all)
    out += c.path + " " + std::string{to_string(c.how)} + " " + c.before + " -> " + c.after + " @" + to_string(c.from)
         + "\n";
  return out;
}

}  // namespace

TEST_CASE("diff tells every key that differs, in the order of the schema, with both values and the new place") {
  two_sections s;
  auto before = s.load("[web]\nport = 1\nbind = \"a\"\nareas.x = \"fast\"\nareas.y = \"fast\"\n"
                       "[[web.queries]]\ndns = \"a\"\n[other]\nenabled = false\n");
  auto after = s.load("[web]\nport = 2\nidle_timeout = \"5s\"\nareas.y = \"careful\"\nareas.z = \"fast\"\n"
                      "[[web.queries]]\ndns = \"a\"\nevery = \"20s\"\n[[web.queries]]\ndns = \"b\"\n");
  CHECK(told(diff(before, after))
        == "web.bind removed \"a\" -> \"127.0.0.1\" @default\n"
           "web.port changed 1 -> 2 @dev.toml:2:8\n"
           "web.idle_timeout added \"1m\" -> \"5s\" @dev.toml:3:16\n"
           "web.areas.x removed \"fast\" ->  @dev.toml:4:1\n"
           "web.areas.y changed \"fast\" -> \"careful\" @dev.toml:4:11\n"
           "web.areas.z added  -> \"fast\" @dev.toml:5:11\n"
           "web.queries changed [{ dns = \"a\", role = \"any\", every = \"10s\" }] -> "
           "[{ dns = \"a\", role = \"any\", every = \"20s\" }, { dns = \"b\", role = \"any\", every = \"10s\" }]"
           " @dev.toml:6:1\n");
}

TEST_CASE("a value that is only said in another way is no change") {
  two_sections s;
  auto before = s.load("");
  CHECK(diff(before, s.load("[web]\nport = 4000\nidle_timeout = \"60s\"\n")).empty());
  CHECK(diff(before, before).empty());
}

TEST_CASE("diff hides secrets, but not that there is none") {
  two_sections s;
  auto none = s.load("");
  auto one = s.load("[web]\npassword = \"hunter-one\"\n");
  auto two = s.load("[web]\npassword = \"hunter-two\"\n");
  CHECK(diff(one, two).at(0).before == "\"(secret)\"");
  CHECK(diff(one, two).at(0).after == "\"(secret)\"");
  CHECK(diff(none, one).at(0).before == "\"\"");
}

TEST_CASE("merge takes the wanted keys with their places and leaves the rest") {
  two_sections s;
  auto base = s.load("[web]\nport = 1\nareas.x = \"fast\"\n[[web.queries]]\ndns = \"a\"\n");
  auto fresh = s.load("\n[web]\nport = 2\nratio = 0.1\nareas.y = \"careful\"\n[[web.queries]]\ndns = \"b\"\n");
  auto some = merge(base, fresh, [](const std::string& key) { return key == "web.areas" || key == "web.queries"; });
  CHECK(some.held_back.empty());
  const auto& o = some.values.get(s.web);
  CHECK(o.port == 1);
  CHECK(o.ratio == 0.5);
  CHECK(o.areas == std::map<std::string, mode>{{"y", mode::careful}});
  REQUIRE(o.queries.size() == 1);
  CHECK(o.queries[0].dns == "b");
  CHECK(to_string(some.values.origin_of("web.port")) == "dev.toml:2:8");
  CHECK(to_string(some.values.origin_of("web.areas.y")) == "dev.toml:5:11");
  CHECK(to_string(some.values.origin_of("web.queries[1].dns")) == "dev.toml:7:7");
  CHECK(dump(merge(base, fresh, [](const auto&) { return true; }).values) == dump(fresh));
  CHECK(dump(merge(base, fresh, [](const auto&) { return false; }).values) == dump(base));
}

TEST_CASE("merge leaves a section alone when old and new values together break one of its rules") {
  two_sections s;
  auto base = s.load("");
  auto fresh = s.load("[web]\nport = 2\n[other]\nenabled = true\ncookie = \"x\"\n");
  auto some = merge(base, fresh, [](const std::string& key) { return key != "other.cookie"; });
  CHECK(some.held_back
        == std::map<std::string, std::string>{
            {"other", "other.cookie has no value although other.enabled is true; set it"}});
  CHECK_FALSE(some.values.get(s.other).enabled);
  CHECK(some.values.get(s.web).port == 2);
}

TEST_CASE("values of two schemas, or with problems, cannot be compared") {
  two_sections a;
  two_sections b;
  CHECK_THROWS_AS((void)diff(a.load(""), b.load("")), std::logic_error);
  CHECK_THROWS_AS((void)diff(a.load(""), a.load("nonsense")), std::logic_error);
}

TEST_CASE("the table of keys marks what can be reloaded") {
  struct options {
    int a = 1;
    int b = 1;
  };
  auto text = describe(section<options>{"x", "a section"}
                           .key("a", &options::a, "First.", reloadable{}, range{0, 9})
                           .key("b", &options::b, "Second.", range{0, 9})
                           .take());
  CHECK(text.find("| `x.a` | whole number from 0 to 9 | `1` |  | yes | First. |") != std::string::npos);
  CHECK(text.find("| `x.b` | whole number from 0 to 9 | `1` |  |  | Second. |") != std::string::npos);
}

}  // namespace beamline::config::testing
