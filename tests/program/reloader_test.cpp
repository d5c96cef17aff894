#include "control_fixture.hpp"
#include "program/control/reload_verb.hpp"
#include "program/reloader.hpp"

#include <fstream>
#include <stdexcept>
#include <thread>

using namespace beamline;
using namespace beamline::program;
using control::testing::contains;
using state = reloaded_key::state;

namespace {

struct part_options {
  std::int64_t live = 1;
  std::int64_t other = 1;
  std::int64_t fixed = 1;
  std::string token;
};

config::section<part_options> part_section() {
  return config::section<part_options>{"part", "a part of the program"}
      .key("live", &part_options::live, "Can be changed.", config::reloadable{}, config::range{0, 100})
      .key("other", &part_options::other, "Can be changed, too.", config::reloadable{}, config::range{0, 100})
      .key("fixed", &part_options::fixed, "Is read once.", config::range{0, 100})
      .key("token", &part_options::token, "A secret.", config::secret{}, config::reloadable{})
      .check([](const part_options& o) -> std::optional<config::complaint> {
        if (o.live > 10 * o.fixed)
          return config::complaint{"live", "is more than ten times part.fixed; lower it"};
        return std::nullopt;
      });
}

/// A node started with one file, which the test then changes.
struct fixture {
  control::testing::temporary_dir dir;
  system_clock time;
  std::unique_ptr<logger> log = logger::in_memory(time, log_level::info);
  config::schema all;
  config::handle<log_options> log_section = all.add(beamline::log_section());
  config::handle<part_options> part = all.add(part_section());
  std::vector<config_change> heard;
  std::unique_ptr<reloader> reloads;

  explicit fixture(const std::string& text = "[part]\nlive = 5\n") {
    write(text);
    config::sources from{.files = {file()}, .flags = {{"part.other", "2"}}};
    auto start = all.load(from);
    REQUIRE_MESSAGE(start.ok(), start.problems().front());
    reloads = std::make_unique<reloader>(all, from, start, *log);
  }

  std::filesystem::path file() const { return dir.path / "node.toml"; }
  void write(const std::string& text) const { std::ofstream{file()} << text; }
  reload_report reload(const std::string& text) {
    write(text);
    return reloads->reload("a test");
  }
  void listen(std::string where) {
    reloads->on_change(std::move(where), [this](const config_change& c) {
      heard.push_back(c);
      return result<void>{};
    });
  }
  part_options now() const { return reloads->in_effect().get(part); }
  bool logged(std::string_view text) const {
    for (const auto& line : log->recent())
      if (contains(line, text))
        return true;
    return false;
  }
};

}  // namespace

TEST_CASE("nothing has changed: nobody is told") {
  fixture f;
  f.listen("part");
  auto report = f.reload("# another comment\n[part]\nlive = 5\n");
  CHECK_FALSE(report.is_refused());
  CHECK(report.keys.empty());
  CHECK(f.heard.empty());
  CHECK(to_text(report) == "nothing has changed");
}

TEST_CASE("a key that can be reloaded is handed to its listener and is in effect") {
  fixture f;
  f.listen("part");
  auto report = f.reload("[part]\nlive = 6\n");
  REQUIRE(report.keys.size() == 1);
  CHECK(report.keys[0].then == state::applied);
  CHECK(report.keys[0].in_effect() == "6");
  REQUIRE(f.heard.size() == 1);
  REQUIRE(f.heard[0].changed.size() == 1);
  CHECK(f.heard[0].changed[0].path == "part.live");
  CHECK(f.heard[0].changed[0].before == "5");
  CHECK(f.heard[0].changed[0].after == "6");
  CHECK(f.heard[0].now.get(f.part).live == 6);
  CHECK(f.now().live == 6);
  CHECK(to_text(report) == "1 key is applied\n  part.live 5 -> 6 (changed, " + f.file().string() + ":2:8): applied");
  CHECK(f.logged("a key is applied"));
  CHECK(f.reload("[part]\nlive = 6\n").keys.empty());
}

TEST_CASE("keys that appear and disappear are told as added and removed, as OTP does") {
  fixture f{"[log.areas]\nweb = \"debug\"\nnet = \"warn\"\n"};
  f.listen("log");
  f.listen("part");
  f.reload("[part]\nlive = 7\n[log.areas]\nweb = \"trace\"\nstore = \"info\"\n");
  REQUIRE(f.heard.size() == 2);
  const auto& log = f.heard[0];
  REQUIRE(log.changed.size() == 1);
  CHECK(log.changed[0].path == "log.areas.web");
  REQUIRE(log.added.size() == 1);
  CHECK(log.added[0].path == "log.areas.store");
  CHECK(log.added[0].before.empty());
  REQUIRE(log.removed.size() == 1);
  CHECK(log.removed[0].path == "log.areas.net");
  CHECK(log.removed[0].after.empty());
  REQUIRE(f.heard[1].added.size() == 1);
  CHECK(f.heard[1].added[0].path == "part.live");
  CHECK(f.heard[1].added[0].before == "1");
  f.heard.clear();
  f.reload("");
  REQUIRE(f.heard.size() == 2);
  REQUIRE(f.heard[1].removed.size() == 1);
  CHECK(f.heard[1].removed[0].after == "1");
  CHECK(f.now().live == 1);
}

TEST_CASE("what needs a restart is named with the value that stays, again and again until the restart") {
  fixture f;
  f.listen("part");
  for (int i = 0; i < 2; ++i) {
    auto report = f.reload("[part]\nlive = 5\nfixed = 9\n");
    REQUIRE(report.keys.size() == 1);
    CHECK(report.keys[0].then == state::needs_restart);
    CHECK(report.keys[0].in_effect() == "1");
    CHECK(contains(to_text(report), "1 key needs a restart\n  part.fixed 1 -> 9 (added, "));
    CHECK(contains(to_text(report), "needs a restart, 1 stays in effect"));
  }
  CHECK(f.heard.empty());
  CHECK(f.now().fixed == 1);
  CHECK(f.logged("a key needs a restart"));
}

TEST_CASE("a key that could be reloaded but that nobody takes over is not called applied") {
  fixture f;
  auto report = f.reload("[part]\nlive = 6\n");
  REQUIRE(report.keys.size() == 1);
  CHECK(report.keys[0].then == state::needs_restart);
  CHECK(contains(report.keys[0].why, "nothing that runs on this node"));
  CHECK(f.now().live == 5);
  f.reloads->read_when_used("part.live");
  CHECK(f.reload("[part]\nlive = 6\n").keys[0].then == state::applied);
  CHECK(f.now().live == 6);
}

TEST_CASE("a file with problems leaves everything as it was, and every problem is named with its place") {
  fixture f;
  f.listen("part");
  f.listen("log");
  auto report = f.reload("[part]\nlive = 6\nfixed = \"x\"\nlvie = 1\n[log]\nlevel = \"loud\"\n");
  CHECK(report.is_refused());
  REQUIRE(report.problems.size() == 3);
  auto file = f.file().string();
  CHECK(contains(report.problems[0], file + ":3:9: part.fixed is \"x\", expected a number from 0 to 100"));
  CHECK(contains(report.problems[1], file + ":4:1: unknown key part.lvie; did you mean part.live?"));
  CHECK(contains(report.problems[2], file + ":6:9: log.level is \"loud\""));
  CHECK(report.keys.empty());
  CHECK(f.heard.empty());
  CHECK(f.now().live == 5);
  for (const auto& problem : report.problems) {
    CHECK(contains(to_text(report), problem));
    CHECK(f.logged(file + ":6:9"));
  }
  CHECK(contains(to_text(report), "nothing was changed: the configuration has 3 problems"));
  SUBCASE("also when the file has gone") {
    std::filesystem::remove(f.file());
    auto gone = f.reloads->reload("a test");
    REQUIRE(gone.problems.size() == 1);
    CHECK(contains(gone.problems[0], "no such file"));
    CHECK(f.now().live == 5);
  }
  SUBCASE("and the next good one is applied") {
    CHECK(f.reload("[part]\nlive = 7\n").keys[0].then == state::applied);
    CHECK(f.now().live == 7);
  }
}

TEST_CASE("flags of the start win over the file at a reload, too") {
  fixture f;
  f.listen("part");
  CHECK(f.reload("[part]\nlive = 5\nother = 50\n").keys.empty());
  CHECK(f.now().other == 2);
}

TEST_CASE("secrets are hidden in the report, the log and what listeners are told as text") {
  fixture f{"[part]\ntoken = \"swordfish-one\"\n"};
  f.listen("part");
  auto report = f.reload("[part]\ntoken = \"swordfish-two\"\n");
  REQUIRE(report.keys.size() == 1);
  CHECK(report.keys[0].what.before == "\"(secret)\"");
  CHECK(report.keys[0].what.after == "\"(secret)\"");
  CHECK_FALSE(contains(to_text(report), "swordfish"));
  CHECK_FALSE(contains(to_json(report).dump(), "swordfish"));
  CHECK_FALSE(f.logged("swordfish"));
  CHECK(f.now().token == "swordfish-two");
  CHECK(f.reload("").keys[0].what.after == "\"\"");
}

TEST_CASE("a listener that refuses keeps the old value, and the others are applied") {
  fixture f;
  f.reloads->on_change("part.live", [](const config_change&) -> result<void> {
    return error{errc::busy, "the part is busy; try again"};
  });
  f.reloads->on_change("part.token",
                       [](const config_change&) -> result<void> { throw std::runtime_error{"a defect"}; });
  f.listen("log.level");
  auto report = f.reload("[part]\nlive = 6\ntoken = \"t\"\n[log]\nlevel = \"debug\"\n");
  REQUIRE(report.keys.size() == 3);
  CHECK(report.keys[0].then == state::applied);
  CHECK(report.keys[1].then == state::failed);
  CHECK(report.keys[1].why == "the part is busy; try again");
  CHECK(report.keys[2].then == state::failed);
  CHECK(contains(report.keys[2].why, "a defect"));
  CHECK(f.now().live == 5);
  CHECK(f.now().token.empty());
  CHECK(f.reloads->in_effect().get(f.log_section).level == log_level::debug);
  CHECK(contains(to_text(report), "1 key is applied, 2 keys could not be applied"));
  CHECK(f.logged("a key could not be applied"));
}

TEST_CASE("a new value that breaks a rule beside an old one that stays waits for the restart as well") {
  fixture f;
  f.listen("part");
  auto report = f.reload("[part]\nlive = 50\nfixed = 5\n");  // Fine together; 50 beside fixed = 1 is not.
  REQUIRE(report.keys.size() == 2);
  CHECK(report.keys[0].then == state::needs_restart);
  CHECK(contains(report.keys[0].why, "beside the values that stay, part.live is more than ten times part.fixed"));
  CHECK(report.keys[1].then == state::needs_restart);
  CHECK(f.heard.empty());
  CHECK(f.now().live == 5);
}

TEST_CASE("log levels really change, and areas come and go") {
  fixture f{"[log.areas]\nweb = \"warn\"\n"};
  reload_log_levels(*f.reloads, f.log_section, *f.log);
  CHECK_FALSE(f.log->enabled(log_level::debug, "store"));
  f.reload("[log]\nlevel = \"debug\"\nareas.net = \"error\"\n");
  CHECK(f.log->enabled(log_level::debug, "store"));
  CHECK(f.log->enabled(log_level::debug, "web"));
  CHECK_FALSE(f.log->enabled(log_level::warn, "net"));
  f.log->debug("store", "seen at last");
  CHECK(f.logged("seen at last"));
  f.reload("[log]\nlevel = \"error\"\n");
  CHECK(f.log->level("net") == log_level::error);
  CHECK(f.log->level("store") == log_level::error);
  f.log->info("store", "not seen");
  CHECK_FALSE(f.logged("not seen"));
}

TEST_CASE("a listener for what cannot be reloaded is a mistake of the program") {
  fixture f;
  auto nothing = [](const config_change&) { return result<void>{}; };
  for (const char* wrong : {"part.fixed", "part.nothing", "nothing", "par", "part.live.deeper", ""})
    CHECK_THROWS_AS_MESSAGE(f.reloads->on_change(wrong, nothing), std::logic_error, wrong);
}

TEST_CASE("reloads at the same time are done one after another") {
  fixture f;
  std::atomic<int> inside{0};
  std::atomic<int> most{0};
  f.reloads->on_change("part.live", [&](const config_change&) {
    most = std::max(most.load(), ++inside);
    std::this_thread::yield();
    --inside;
    return result<void>{};
  });
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      for (int i = 0; i < 20; ++i) {
        // Replaced at once, so that nobody reads half a file.
        auto fresh = f.dir.path / ("fresh" + std::to_string(t));
        std::ofstream{fresh} << "[part]\nlive = " << (t + i) % 10 << "\n";
        std::filesystem::rename(fresh, f.file());
        CHECK_FALSE(f.reloads->reload("a test").is_refused());
      }
    });
  for (auto& t : threads)
    t.join();
  CHECK(most == 1);
}

TEST_CASE("the report as JSON has every key with its state and counts") {
  fixture f{"[log.areas]\nweb = \"debug\"\n"};
  f.listen("part");
  f.listen("log");
  auto all = to_json(f.reload("[part]\nlive = 6\nfixed = 2\n"));
  CHECK(all["applied"] == 2);
  CHECK(all["needs_restart"] == 1);
  CHECK(all["failed"] == 0);
  CHECK(all["problems"].empty());
  CHECK(all["keys"][0]["key"] == "log.areas.web");
  CHECK(all["keys"][0]["after"].is_null());
  CHECK(all["keys"][2]
        == json{{"key", "part.fixed"},
                {"change", "added"},
                {"before", "1"},
                {"after", "2"},
                {"from", f.file().string() + ":3:9"},
                {"state", "needs_restart"},
                {"in_effect", "1"}});
}

TEST_CASE("a configuration with problems cannot be what the node was started with") {
  fixture f;
  auto bad = f.all.load({.texts = {{"x", "nonsense = 1"}}});
  CHECK_THROWS_AS((reloader{f.all, {}, bad, *f.log}), std::logic_error);
}

TEST_CASE("the verb reload answers with the report, and with an error when it is refused") {
  fixture f;
  f.listen("part");
  control::testing::running_server s;
  control::add_reload_verb(s.verbs, *f.reloads);
  auto c = s.connect();
  f.write("[part]\nlive = 9\n");
  auto done = c.ask(R"({"verb":"reload"})");
  CHECK(done["result"]["applied"] == 1);
  CHECK(contains(done["result"]["text"], "1 key is applied\n  part.live 5 -> 9"));
  f.write("[part]\nlive = 1000\n");
  auto refused = c.ask(R"({"verb":"reload"})");
  CHECK(refused["error"]["code"] == "invalid");
  CHECK(contains(refused["error"]["message"], f.file().string() + ":2:8: part.live is 1000"));
  CHECK(refused["error"]["details"]["problems"].size() == 1);
  CHECK(f.now().live == 9);
}
