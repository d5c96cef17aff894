#include "base/config_fixture.hpp"

namespace beamline::config::testing {

namespace {

bool contains(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

std::string without_comments(const std::string& toml) {
  std::string out;
  for (std::size_t at = 0; at < toml.size();) {
    auto end = toml.find('\n', at);
    auto line = toml.substr(at, end - at);
    auto comment = line.find("  # ");
    out += line.substr(0, comment) + "\n";
    at = end + 1;
  }
  return out;
}

}  // namespace

TEST_CASE("durations are read and written in the units people use") {
  CHECK(parse_duration("60s") == 60s);
  CHECK(parse_duration("250ms") == 250ms);
  CHECK(parse_duration("10m") == 10min);
  CHECK(parse_duration("1h30m") == 90min);
  CHECK(parse_duration("2d") == 48h);
  CHECK(parse_duration("1s500ms") == 1500ms);
  CHECK(parse_duration("7us") == 7us);
  CHECK(parse_duration("0s") == 0s);
  for (const auto* bad : {"", "60", "s", "60 s", " 60s", "60s ", "1.5s", "-1s", "+1s", "1S", "30m1h", "1s1s", "1w",
                          "9223372036854775808ns", "106752d", "99999999999999999999s"})
    CHECK_MESSAGE(!parse_duration(bad), bad);
  CHECK(format(60s) == "1m");
  CHECK(format(90s) == "90s");
  CHECK(format(1500ms) == "1500ms");
  CHECK(format(duration{0}) == "0s");
  for (auto d : {duration{1}, duration{250ms}, duration{10s}, duration{36h}, duration{48h}})
    CHECK(parse_duration(format(d)) == d);
}

TEST_CASE("sizes are read and written with binary units") {
  CHECK(parse_byte_size("0B") == 0_B);
  CHECK(parse_byte_size("512B") == 512_B);
  CHECK(parse_byte_size("256KiB") == 256_KiB);
  CHECK(parse_byte_size("16MiB") == 16_MiB);
  CHECK(parse_byte_size("2GiB") == 2_GiB);
  for (const auto* bad : {"", "256", "KiB", "256kb", "256KB", "256 KiB", "-1B", "1.5MiB", "9999999999GiB"})
    CHECK_MESSAGE(!parse_byte_size(bad), bad);
  CHECK(format(64_KiB) == "64KiB");
  CHECK(format(1025_B) == "1025B");
  CHECK(format(0_B) == "0B");
}

TEST_CASE("quoted text is valid TOML and cannot disturb a terminal") {
  CHECK(quote("plain") == R"("plain")");
  CHECK(quote("a\"b\\c\n\t\r") == R"("a\"b\\c\n\t\r")");
  CHECK(quote("\x1b[31m\x7f") == R"("\u001B[31m\u007F")");
  CHECK(quote("\xC2\x9B"
              "31m")
        == R"("\u009B31m")");
  CHECK(quote("\xE2\x80\xAEtxt") == R"("\u202Etxt")");
  CHECK(quote("gr\xC3\xBC\xC3\x9F") == "\"gr\xC3\xBC\xC3\x9F\"");
  CHECK(quote("a\xff") == "\"a\xEF\xBF\xBD\"");
}

TEST_CASE("dump shows each value with its origin and hides secrets") {
  two_sections s;
  auto c = s.all.load({.texts = {{"dev.toml", "[web]\nport = 4001\nareas.live = \"careful\"\npassword = \"hunter2!\"\n"
                                              "[[web.queries]]\ndns = \"a.internal\"\n"}},
                       .environment = {{"BEAMLINE_IDLE", "5m"}},
                       .flags = {{"web.compress", "false"}}});
  REQUIRE_MESSAGE(c.ok(), c.problems().front());
  CHECK(dump(c) == R"toml([web]
bind = "127.0.0.1"                              # default
port = 4001                                     # dev.toml:2:8
idle_timeout = "5m"                             # BEAMLINE_IDLE
compress = false                                # --set web.compress
ratio = 0.5                                     # default
body_max = "1MiB"                               # default
origins = []                                    # default
root = "assets"                                 # default
mode = "fast"                                   # default
cache = "none"                                  # default
password = "(secret)"                           # dev.toml:4:12

[web.areas]
live = "careful"                                # dev.toml:3:14

[[web.queries]]
dns = "a.internal"                              # dev.toml:6:7
role = "any"                                    # dev.toml:5:1
every = "10s"                                   # dev.toml:5:1

[other]
enabled = false                                 # default
cookie = ""                                     # default
)toml");
}

TEST_CASE("what dump prints loads again to the same values") {
  two_sections s;
  auto c =
      s.load("[web]\nport = 4001\nroot = \"a \\\"b\\\"\"\nratio = 1e-3\norigins = [\"x,y\", \"z\"]\n"
             "[web.areas]\n\"odd name\" = \"careful\"\n[[web.queries]]\ndns = \"a\"\n[[web.queries]]\ndns = \"b\"\n");
  REQUIRE_MESSAGE(c.ok(), c.problems().front());
  auto again = s.load(dump(c));
  REQUIRE_MESSAGE(again.ok(), again.problems().front());
  CHECK(again.get(s.web).origins == c.get(s.web).origins);
  CHECK(again.get(s.web).root == c.get(s.web).root);
  CHECK(again.get(s.web).ratio == c.get(s.web).ratio);
  CHECK(without_comments(dump(again)) == without_comments(dump(c)));
}

TEST_CASE("the table of keys tells type, range, default, variable and meaning of every key") {
  two_sections s;
  auto text = describe(s.all);
  CHECK(contains(text, "### `[web]`: HTTP and WebSocket listener\n\n"
                       "| key | values | default | variable | reload | meaning |\n"));
  CHECK(contains(text, "| `web.port` | whole number from 1 to 65535 | `4000` | `BEAMLINE_PORT` |  | TCP port browsers "
                       "connect to. |\n"));
  CHECK(contains(text, "| `web.idle_timeout` | duration from 1s to 1h | `\"1m\"` |"));
  CHECK(contains(text, "| `web.compress` | true or false | `true` |"));
  CHECK(contains(text, "| `web.body_max` | size from 1KiB to 16MiB | `\"1MiB\"` |"));
  CHECK(contains(text, "| `web.mode` | \"fast\" or \"careful\" | `\"fast\"` |"));
  CHECK(contains(text, "| `web.origins` | list of text | `[]` |"));
  CHECK(contains(text,
                 "| `web.password` | at least 8 bytes | none | `BEAMLINE_PASSWORD` |  | Password of the admin page. "
                 "Secret: never shown. |\n"));
  CHECK(contains(text, "| `web.queries` | list of tables, see below | `[]` |"));
  CHECK(contains(text, "| `web.queries[].dns` | text of 1 to 253 bytes | must be given |"));
  CHECK(contains(text, "### `[other]`: a second section\n"));
}

}  // namespace beamline::config::testing
