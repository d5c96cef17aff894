#include "base/config/document.hpp"
#include "base/config/suggest.hpp"
#include "base/config_fixture.hpp"
#include "base/random.hpp"

#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace beamline::config::testing {

namespace {

namespace fs = std::filesystem;

struct bad_input {
  const char* toml;
  const char* problem;  // The only one.
};

/// A directory that goes away with the test.
struct directory {
  fs::path path;
  directory() {
    auto pattern = (fs::temp_directory_path() / "beamline-config-XXXXXX").string();
    path = ::mkdtemp(pattern.data());
  }
  ~directory() { fs::remove_all(path); }
  directory(const directory&) = delete;
  directory& operator=(const directory&) = delete;

  fs::path write(const std::string& name, const std::string& text) const {
    std::ofstream{path / name} << text;
    return path / name;
  }
};

void check_each(const std::vector<bad_input>& matrix) {
  two_sections s;
  for (const auto& row : matrix) {
    CAPTURE(std::string{row.toml});
    auto problems = s.problems(row.toml);
    REQUIRE(problems.size() == 1);
    CHECK(problems.front() == row.problem);
  }
}

}  // namespace

TEST_CASE("a value of the wrong type is answered with its place, itself and what was expected") {
  check_each({
      {"[web]\nport = \"http\"", R"(dev.toml:2:8: web.port is "http", expected a number from 1 to 65535)"},
      {"[web]\nport = 80.5", "dev.toml:2:8: web.port is 80.5, expected a whole number from 1 to 65535"},
      {"[web]\nport = true", "dev.toml:2:8: web.port is true, expected a number from 1 to 65535"},
      {"[web]\nport = [1, 2]", "dev.toml:2:8: web.port is a list, expected a number from 1 to 65535"},
      {"[web]\nport = {}", "dev.toml:2:8: web.port is a table, expected a number from 1 to 65535"},
      {"[web]\nport = 2024-01-01", "dev.toml:2:8: web.port is a date or time, expected a number from 1 to 65535"},
      {"[web]\n  port   =   \"x\"", R"(dev.toml:2:14: web.port is "x", expected a number from 1 to 65535)"},
      {"web = { port = \"x\" }", R"(dev.toml:1:16: web.port is "x", expected a number from 1 to 65535)"},
      {"web.port = \"x\"", R"(dev.toml:1:12: web.port is "x", expected a number from 1 to 65535)"},
      {"[web]\ncompress = \"yes\"", R"(dev.toml:2:12: web.compress is "yes", expected true or false)"},
      {"[web]\ncompress = 1", "dev.toml:2:12: web.compress is 1, expected true or false"},
      {"[web]\nbind = 1", "dev.toml:2:8: web.bind is 1, expected text of 1 to 64 bytes"},
      {"[web]\nratio = \"half\"", R"(dev.toml:2:9: web.ratio is "half", expected a number from 0 to 1)"},
      {"[web]\nroot = 3", "dev.toml:2:8: web.root is 3, expected a path"},
      {"[web]\nidle_timeout = 60",
       R"(dev.toml:2:16: web.idle_timeout is 60, expected a duration from 1s to 1h, written like "30s" or "250ms")"},
      {"[web]\nidle_timeout = \"60\"",
       R"(dev.toml:2:16: web.idle_timeout is "60", expected a duration from 1s to 1h, written like "30s" or "250ms")"},
      {"[web]\nbody_max = \"1MB\"",
       R"(dev.toml:2:12: web.body_max is "1MB", expected a size from 1KiB to 16MiB, written like "64KiB" or "16MiB")"},
      {"[web]\norigins = \"a\"", R"(dev.toml:2:11: web.origins is "a", expected a list of text, like ["a", "b"])"},
      {"[web]\norigins = [\"a\", 5]", "dev.toml:2:17: web.origins[2] is 5, expected text"},
      {"[web]\nareas = \"fast\"",
       R"(dev.toml:2:9: web.areas is "fast", expected a table of "fast" or "careful" by name)"},
      {"[web.areas]\nlive = 1", R"(dev.toml:2:8: web.areas.live is 1, expected "fast" or "careful")"},
      {"web = 3", "dev.toml:1:7: web is 3, expected a table; write its keys under [web]"},
      {"[[web]]\nport = 1", "dev.toml:1:1: web is a list, expected a table; write its keys under [web]"},
      {"[web]\nqueries = \"a\"",
       R"(dev.toml:2:11: web.queries is "a", expected tables, each under its own [[web.queries]])"},
      {"[web.queries]\ndns = \"a\"",
       "dev.toml:1:1: web.queries is a table, expected tables, each under its own [[web.queries]]"},
      {"[web]\nqueries = [1]", "dev.toml:2:12: web.queries[1] is 1, expected a table"},
  });
}

TEST_CASE("a value out of bounds is answered like one of the wrong type") {
  check_each({
      {"[web]\nport = 0", "dev.toml:2:8: web.port is 0, expected a number from 1 to 65535"},
      {"[web]\nport = 65536", "dev.toml:2:8: web.port is 65536, expected a number from 1 to 65535"},
      {"[web]\nport = -9223372036854775808",
       "dev.toml:2:8: web.port is -9223372036854775808, expected a number from 1 to 65535"},
      {"[web]\nratio = 1.5", "dev.toml:2:9: web.ratio is 1.5, expected a number from 0 to 1"},
      {"[web]\nratio = nan", "dev.toml:2:9: web.ratio is nan, expected a number from 0 to 1"},
      {"[web]\nratio = -inf", "dev.toml:2:9: web.ratio is -inf, expected a number from 0 to 1"},
      {"[web]\nidle_timeout = \"999ms\"",
       R"(dev.toml:2:16: web.idle_timeout is "999ms", expected a duration from 1s to 1h, written like "30s" or "250ms")"},
      {"[web]\nbind = \"\"", R"(dev.toml:2:8: web.bind is "", expected text of 1 to 64 bytes)"},
      {"[web]\nbind = \"a\\u001Bb\"",
       R"(dev.toml:2:8: web.bind is "a\u001Bb", expected text without control characters)"},
      {"[web]\norigins = [\"a\", \"b\", \"c\", \"d\"]", "dev.toml:2:11: web.origins has 4 entries, expected at most 3"},
      {"[web.areas]\na=\"fast\"\nb=\"fast\"\nc=\"fast\"\nd=\"fast\"\ne=\"fast\"",
       "dev.toml:1:1: web.areas has 5 entries, expected at most 4"},
      {"[web]\nqueries = [{dns=\"a\"}, {dns=\"b\"}, {dns=\"c\"}]",
       "dev.toml:2:11: web.queries has 3 entries, expected 0 to 2"},
      {"[web]\nmode = \"carefull\"",
       R"(dev.toml:2:8: web.mode is "carefull", expected "fast" or "careful"; did you mean "careful"?)"},
      {"[web]\ncache = \"x\"", R"(dev.toml:2:9: web.cache is "x", expected "none", "pages" or "everything")"},
      {"[web]\npassword = \"hunter2\"", "dev.toml:2:12: web.password is (secret), expected at least 8 bytes"},
      {"[web]\npassword = 7", "dev.toml:2:12: web.password is (secret), expected at least 8 bytes"},
      {"[[web.queries]]\nrole = \"x\"", "dev.toml:1:1: web.queries[1].dns is missing, expected text of 1 to 253 bytes"},
      {"[[web.queries]]\ndns = \"a\"\nevery = \"2h\"",
       "dev.toml:3:9: web.queries[1].every is \"2h\", expected a duration from 1s to 1h, written like \"30s\" or "
       "\"250ms\""},
  });
}

TEST_CASE("an unknown name is answered with the one that was probably meant") {
  check_each({
      {"[web]\nprot = 1", "dev.toml:2:1: unknown key web.prot; did you mean web.port?"},
      {"[web]\nidle-timeout = \"1s\"", "dev.toml:2:1: unknown key web.idle-timeout; did you mean web.idle_timeout?"},
      {"[wbe]\nport = 1", "dev.toml:1:2: unknown section [wbe]; did you mean [web]?"},
      {"[zzzzzz]\nport = 1", "dev.toml:1:2: unknown section [zzzzzz]; known are [web], [other]"},
      {"port = 1", "dev.toml:1:1: unknown key port; did you mean web.port?"},
      {"zzzzzzzz = 1", "dev.toml:1:1: unknown key zzzzzzzz; keys stand under the [section] they belong to"},
      {"[other]\nport = 1", "dev.toml:2:1: unknown key other.port; did you mean web.port?"},
      {"[other]\nzzzzzzzz = 1", "dev.toml:2:1: unknown key other.zzzzzzzz; [other] has enabled, cookie"},
      {"[other.deep]\nx = 1", "dev.toml:1:8: unknown key other.deep; [other] has enabled, cookie"},
      {"\"web.port\" = 1",
       R"(dev.toml:1:1: unknown key "web.port"; within quotes a dot is part of the name, leave them out)"},
      {"[web]\n\"a\\nb\" = 1", "dev.toml:2:1: unknown key \"web.a\\nb\"; docs/configuration.md lists what there is"},
      {"[[web.queries]]\ndns = \"a\"\nrol = \"x\"", "dev.toml:3:1: web.queries[1].rol is unknown; did you mean role?"},
  });
}

TEST_CASE("a broken file is answered with the place where it breaks") {
  two_sections s;
  for (const auto* toml : {"[web", "[web]\nport", "[web]\nport =", "[web]\nport = 40x", "[web]\nbind = \"127.0",
                           "[web]\norigins = [\"a\",", "[web]\nport = 1\nport = 2", "[web]\n[web]", "[[web.queries]\n",
                           "[web]\nbind = \"\"\"\nnever closed", "= 1", "]", "[web]\nport = 99999999999999999999",
                           "[web]\nbind = \"\xff\xfe\"", "\x01", "<html><body>404</body></html>"}) {
    CAPTURE(toml);
    auto problems = s.problems(toml);
    REQUIRE(problems.size() == 1);
    CHECK(problems.front().starts_with("dev.toml:"));
    CHECK(problems.front().find(": not valid TOML: ") != std::string::npos);
  }
  CHECK(s.problems("[web]\nport = 1\nport = 2").front().starts_with("dev.toml:3:"));
}

TEST_CASE("every prefix of a good file is either good or has a clear problem") {
  two_sections s;
  const std::string whole = "# comment\n[web]\nport = 4001\norigins = [\"a\", \"b\"]\nareas = { live = \"fast\" }\n"
                            "[[web.queries]]\ndns = \"x.internal\"\nevery = \"30s\"\n";
  REQUIRE(s.problems(whole).empty());
  for (std::size_t n = 0; n < whole.size(); ++n)
    for (const auto& problem : s.problems(whole.substr(0, n)))
      CHECK_MESSAGE(problem.starts_with("dev.toml:"), problem);
}

TEST_CASE("random damage to a file never does more than make problems") {
  two_sections s;
  seeded_random chance{2};
  const std::string whole = "[web]\nport = 4001\norigins = [\"a\", \"b\"]\nareas = { live = \"fast\" }\n"
                            "[[web.queries]]\ndns = \"x.internal\"\nevery = \"30s\"\n";
  const std::string_view alphabet = "\"'[]{}=.,#\n\\ 0ax\xff\x80-+:";
  for (int round = 0; round < 2000; ++round) {
    auto damaged = whole;
    for (auto hits = chance.below(4) + 1; hits > 0; --hits)
      damaged[chance.below(damaged.size())] = alphabet[chance.below(alphabet.size())];
    for (const auto& problem : s.problems(damaged))
      REQUIRE(problem.starts_with("dev.toml:"));
  }
}

TEST_CASE("deep nesting and endless lines are refused before they cost anything") {
  two_sections s;
  std::string dots = "a";
  for (int i = 0; i < 200'000; ++i)
    dots += ".a";
  auto problems = s.problems("[" + dots + "]\n");
  REQUIRE(problems.size() == 1);
  CHECK(problems.front() == "dev.toml:1:8193: the line is longer than 8KiB; break it into several");
  problems = s.problems("[web]\nroot = " + std::string(200, '[') + std::string(200, ']'));
  REQUIRE(problems.size() == 1);
  CHECK(problems.front().find("is nested deeper than 16 levels; flatten it") != std::string::npos);
  problems = s.problems("[" + dots.substr(0, 8001) + "]\n" + dots.substr(0, 8001) + " = 1\n");
  REQUIRE(problems.size() == 1);
  CHECK(problems.front().find("is nested deeper than 16 levels; flatten it") != std::string::npos);
  CHECK(s.problems("[web]\nroot = " + std::string(100'000, '[')).size() == 1);
}

TEST_CASE("all problems are reported at once, in the order of the sources") {
  two_sections s;
  directory dir;
  auto c = s.all.load({.files = {dir.path / "missing.toml", dir.write("bad.toml", "[web")},
                       .texts = {{"base.toml", "[web]\nport = 0\nbind = 1\n"}, {"dev.toml", "[web]\nprot = 1\n"}},
                       .environment = {{"BEAMLINE_PORT", "http"}},
                       .flags = {{"web.port", "http"}}});
  REQUIRE(c.problems().size() == 7);
  CHECK(c.problems()[2].starts_with("base.toml:2:8: "));
  CHECK(c.problems()[3].starts_with("base.toml:3:8: "));
  CHECK(c.problems()[4].starts_with("dev.toml:2:1: "));
  CHECK(c.problems()[5] == R"(BEAMLINE_PORT is "http", expected a number from 1 to 65535 (it sets web.port))");
  CHECK(c.problems()[6] == R"(--set web.port=http: web.port is "http", expected a number from 1 to 65535)");
}

TEST_CASE("a table that grows over several files is bounded as a whole") {
  two_sections s;
  auto c = s.all.load({.texts = {{"base.toml", "[web.areas]\na = \"fast\"\nb = \"fast\"\nc = \"fast\"\n"},
                                 {"dev.toml", "[web.areas]\nc = \"fast\"\nd = \"fast\"\ne = \"fast\"\n"}}});
  REQUIRE(c.problems().size() == 1);
  CHECK(c.problems().front() == "dev.toml:1:1: web.areas has more than 4 entries in all");
}

TEST_CASE("a flood of problems is cut") {
  two_sections s;
  std::string toml = "[web]\n";
  for (int i = 0; i < 150; ++i)
    toml += "unknown_" + std::to_string(i) + " = 1\n";
  auto problems = s.problems(toml);
  REQUIRE(problems.size() == problems_max + 1);
  CHECK(problems.back() == "and 50 more problems; repair these first");
}

TEST_CASE("problems of the environment name the variable") {
  two_sections s;
  auto one = [&](const std::string& variable, const std::string& text) {
    auto c = s.all.load({.environment = {{variable, text}}});
    REQUIRE(c.problems().size() == 1);
    return c.problems().front();
  };
  CHECK(one("BEAMLINE_COMPRESS", "yes")
        == R"(BEAMLINE_COMPRESS is "yes", expected true or false (it sets web.compress))");
  CHECK(one("BEAMLINE_PORT", "4000 ")
        == R"(BEAMLINE_PORT is "4000 ", expected a number from 1 to 65535 (it sets web.port))");
  CHECK(one("BEAMLINE_PASSWORD", "hunter2")
        == "BEAMLINE_PASSWORD is (secret), expected at least 8 bytes (it sets web.password)");
  CHECK(one("BEAMLINE_ORIGINS", "a,b,c,d")
        == "BEAMLINE_ORIGINS has 4 entries, expected at most 3 (it sets web.origins)");
  CHECK(one("BEAMLINE_AREAS", "live")
        == R"(BEAMLINE_AREAS is "live", expected a table of "fast" or "careful" by name (it sets web.areas))");
  CHECK(one("BEAMLINE_AREAS", "live=slow")
        == R"(BEAMLINE_AREAS.live is "slow", expected "fast" or "careful" (it sets web.areas))");
  CHECK(one("BEAMLINE_ORIGINS", "a\xff").find("expected text in UTF-8") != std::string::npos);
}

TEST_CASE("problems of flags show the flag, but no secret") {
  two_sections s;
  auto one = [&](const std::string& path, const std::string& text) {
    auto c = s.all.load({.flags = {{path, text}}});
    REQUIRE(c.problems().size() == 1);
    return c.problems().front();
  };
  CHECK(one("web.prot", "1") == "--set web.prot: unknown key web.prot; did you mean web.port?");
  CHECK(one("web", "1").starts_with("--set web: unknown key web; "));
  CHECK(one("", "1").starts_with("--set \"\": unknown key \"\"; "));
  CHECK(one("web.password", "hunter2")
        == "--set web.password=(secret): web.password is (secret), expected at least 8 bytes");
  CHECK(one("web.passwort", "hunter2") == "--set web.passwort: unknown key web.passwort; did you mean web.password?");
  CHECK(one("web.queries", "a")
        == "--set web.queries=a: web.queries is a list of tables, which only a file can set: [[web.queries]]");
  CHECK(one("web.areas.live", "slow")
        == R"(--set web.areas.live=slow: web.areas.live is "slow", expected "fast" or "careful")");
  auto shown = one("web.mode", "a\nb" + std::string(5000, 'x'));
  CHECK(shown.find('\n') == std::string::npos);
  CHECK(shown.size() < 400);
}

TEST_CASE("a file that cannot be read is one clear message") {
  directory dir;
  auto one = [](const fs::path& file) {
    two_sections s;
    auto c = s.all.load({.files = {file}});
    REQUIRE(c.problems().size() == 1);
    CHECK(c.problems().front().starts_with(file.string() + ": "));
    return c.problems().front().substr(file.string().size() + 2);
  };
  SUBCASE("missing") {
    CHECK(one(dir.path / "no.toml") == "no such file; check the path, which counts from the current directory");
  }
  SUBCASE("below a file") { CHECK(one(dir.write("a.toml", "") / "no.toml").starts_with("no such file; ")); }
  SUBCASE("a directory") {
    CHECK(one(dir.path) == "is a directory; name a file in it, such as " + (dir.path / "dev.toml").string());
  }
  SUBCASE("a device") {
    CHECK(one("/dev/zero") == "is not a regular file; copy what it gives into a file and name that");
  }
  SUBCASE("too large") {
    CHECK(one(dir.write("big.toml", std::string(file_bytes_max + 1, '\n')))
          == "is larger than 1MiB, which no configuration is; check that it is the right file");
    two_sections s;
    CHECK(s.all.load({.files = {dir.write("full.toml", std::string(file_bytes_max, '\n'))}}).ok());
  }
  SUBCASE("an error of the device") {
    // Nothing is mapped at address 0, so reading this file fails in the kernel.
    CHECK(one("/proc/self/mem")
          == "cannot be read (Input/output error); give the user that runs beamline the right to read it");
  }
  SUBCASE("without the right to read") {
    auto file = dir.write("closed.toml", "");
    fs::permissions(file, fs::perms::none);
    if (::geteuid() != 0) {  // The superuser may read everything.
      CHECK(one(file) == "cannot be read (Permission denied); give the user that runs beamline the right to read it");
    }
  }
}

TEST_CASE("edit distance counts a swap of neighbours as one slip") {
  CHECK(edit_distance("port", "port") == 0);
  CHECK(edit_distance("prot", "port") == 1);
  CHECK(edit_distance("", "port") == 4);
  CHECK(edit_distance("web.port", "wbe.prot") == 2);
  CHECK(edit_distance("kitten", "sitting") == 3);
  CHECK(closest("prt", {"bind", "port"}) == "port");
  CHECK(closest("warning", {"info", "warn"}) == "warn");
  CHECK(closest("x", {"a", "b"}).empty());
  CHECK(closest("something_else", {"bind", "port"}).empty());
}

}  // namespace beamline::config::testing
