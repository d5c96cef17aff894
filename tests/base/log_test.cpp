#include "base/log.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <thread>

namespace beamline {

namespace {

namespace fs = std::filesystem;

struct directory {
  fs::path path;
  directory() {
    auto pattern = (fs::temp_directory_path() / "beamline-log-XXXXXX").string();
    path = ::mkdtemp(pattern.data());
  }
  ~directory() { fs::remove_all(path); }
  directory(const directory&) = delete;
  directory& operator=(const directory&) = delete;
};

std::vector<std::string> lines_of(const fs::path& file) {
  std::ifstream in{file};
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);)
    lines.push_back(line);
  return lines;
}

/// A clock that counts how often it is read.
class counting_clock final : public clock {
public:
  [[nodiscard]] time_point now() const override {
    ++reads;
    return {};
  }
  [[nodiscard]] wall_time wall_now() const override {
    ++reads;
    return wall_time{};
  }
  mutable int reads = 0;
};

}  // namespace

TEST_CASE("a logger writes lines at and above its level, with the time of its clock") {
  manual_clock time;
  auto log = logger::in_memory(time, log_level::info);
  log->debug("web", "not shown");
  log->info("web", "listening", {{"port", 4000}});
  time.advance(1s);
  log->error("store", "disk is full");
  auto lines = log->recent();
  REQUIRE(lines.size() == 2);
  CHECK(lines[0] == "2023-11-14T22:13:20.000Z info     web          listening port=4000");
  CHECK(lines[1] == "2023-11-14T22:13:21.000Z error    store        disk is full");
}

TEST_CASE("each level has its call") {
  manual_clock time;
  auto log = logger::in_memory(time);
  log->trace("a", "1");
  log->debug("a", "2");
  log->info("a", "3");
  log->warn("a", "4");
  log->error("a", "5");
  log->critical("a", "6");
  log->write(log_level::off, "a", "never");
  auto lines = log->recent();
  REQUIRE(lines.size() == 6);
  for (std::size_t i = 0; i < 6; ++i)
    CHECK(lines[i].find(to_string(static_cast<log_level>(i))) != std::string::npos);
}

TEST_CASE("areas have levels of their own that can change while the node runs") {
  manual_clock time;
  log_options options;
  options.console = false;
  options.level = log_level::warn;
  options.areas = {{"web", log_level::debug}, {"store", log_level::off}};
  auto log = logger::open(options, time).value();
  CHECK(log->enabled(log_level::debug, "web"));
  CHECK_FALSE(log->enabled(log_level::trace, "web"));
  CHECK_FALSE(log->enabled(log_level::info, "net"));
  CHECK_FALSE(log->enabled(log_level::critical, "store"));
  log->debug("web", "shown");
  log->debug("net", "not shown");
  log->critical("store", "not shown");
  CHECK(log->recent().size() == 1);
  log->set_level("net", log_level::trace);
  log->trace("net", "shown");
  CHECK(log->recent().size() == 2);
  log->set_level("net", log_level::off);
  log->set_level("web", log_level::off);
  log->set_level(log_level::off);
  log->critical("other", "not shown");
  CHECK(log->recent().size() == 2);
}

TEST_CASE("a line below every level costs neither a clock nor a lock") {
  counting_clock time;
  auto log = logger::in_memory(time, log_level::warn);
  log->info("web", "not shown", {{"port", 4000}});
  CHECK(time.reads == 0);
  log->warn("web", "shown");
  CHECK(time.reads == 1);
}

TEST_CASE("memory keeps the newest lines") {
  manual_clock time;
  auto log = logger::in_memory(time, log_level::info, 3);
  for (const auto* message : {"one", "two", "three", "four"})
    log->info("a", message);
  auto lines = log->recent();
  REQUIRE(lines.size() == 3);
  CHECK(lines.front().ends_with("two"));
  CHECK(lines.back().ends_with("four"));
}

TEST_CASE("a file gets every line at once, without colours, and JSON names the node") {
  directory dir;
  manual_clock time;
  log_options options;
  options.console = false;
  options.colour = log_colour::always;
  options.format = log_format::json_lines;
  options.file = dir.path / "deep" / "node.log";
  auto log = logger::open(options, time, "accumulator_1@127.0.0.1").value();
  log->info("web", "listening", {{"port", 4000}});
  auto lines = lines_of(options.file);
  REQUIRE(lines.size() == 1);
  auto parsed = nlohmann::json::parse(lines[0]);
  CHECK(parsed["node"] == "accumulator_1@127.0.0.1");
  CHECK(parsed["port"] == 4000);
  CHECK(log->recent() == lines);
}

TEST_CASE("a file that is full is set aside, and the oldest goes") {
  directory dir;
  manual_clock time;
  log_options options;
  options.console = false;
  options.file = dir.path / "node.log";
  options.file_size_max = {4096};
  options.files_max = 2;
  auto log = logger::open(options, time).value();
  for (int i = 0; i < 400; ++i)
    log->info("web", "a line that takes some room", {{"number", i}});
  log->flush();
  std::size_t files = 0;
  for (const auto& file : fs::directory_iterator{dir.path}) {
    ++files;
    CHECK(fs::file_size(file) <= 4096);
  }
  CHECK(files == 3);
  CHECK(lines_of(options.file).back().ends_with("number=399"));
  CHECK(log->lost() == 0);
}

TEST_CASE("a log file that cannot be opened is an error with a remedy") {
  directory dir;
  manual_clock time;
  log_options options;
  options.console = false;
  options.file = dir.path;  // A directory.
  auto log = logger::open(options, time);
  REQUIRE_FALSE(log);
  CHECK(log.error().code == errc::io);
  CHECK(log.error().message.starts_with("log.file cannot be opened: "));
  CHECK(log.error().message.find(dir.path.string()) != std::string::npos);
}

TEST_CASE("a full disk loses lines, not the caller, and the loss is counted") {
  if (!fs::exists("/dev/full"))
    return;
  manual_clock time;
  log_options options;
  options.console = false;
  options.file = "/dev/full";
  auto log = logger::open(options, time).value();
  log->info("web", "lost");
  log->info("web", "lost");
  CHECK(log->lost() >= 1);
  CHECK(log->recent().size() == 2);
}

TEST_CASE("lines of many threads stay whole and in the same order in every sink") {
  directory dir;
  system_clock time;
  log_options options;
  options.console = false;
  options.file = dir.path / "node.log";
  options.memory_lines = 4000;
  auto log = logger::open(options, time).value();
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&log, t] {
      for (int i = 0; i < 500; ++i) {
        log->info("web", "working", {{"thread", t}, {"number", i}});
        if (i % 100 == 0)
          log->set_level("other", i % 200 == 0 ? log_level::trace : log_level::warn);
      }
    });
  for (auto& t : threads)
    t.join();
  log->flush();
  auto lines = lines_of(options.file);
  REQUIRE(lines.size() == 2000);
  CHECK(lines == log->recent());
  CHECK(std::ranges::is_sorted(lines, {}, [](const auto& line) { return line.substr(0, 24); }));
  for (int t = 0; t < 4; ++t) {
    int next = 0;
    for (const auto& line : lines)
      if (line.find("thread=" + std::to_string(t) + " ") != std::string::npos)
        REQUIRE(line.ends_with(" number=" + std::to_string(next++)));
    CHECK(next == 500);
  }
}

TEST_CASE("once_per lets one message through per interval and counts the others") {
  time_point now{};
  once_per limit{10s};
  CHECK(limit.pass(now) == 0U);
  CHECK_FALSE(limit.pass(now));
  CHECK_FALSE(limit.pass(now + 9999ms));
  CHECK(limit.pass(now + 10s) == 2U);
  CHECK_FALSE(limit.pass(now + 19s));
  CHECK(limit.pass(now + 60s) == 1U);
  CHECK(limit.pass(now + 600s) == 0U);
}

TEST_CASE("once_per loses no count when threads race") {
  once_per limit{1s};
  std::atomic<std::uint64_t> seen{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < 1000; ++i)
        if (auto held_back = limit.pass(time_point{i * 10ms}))
          seen += 1 + *held_back;
    });
  for (auto& t : threads)
    t.join();
  // Whatever was held back since the last one that passed comes out with the next.
  seen += 1 + limit.pass(time_point{100s}).value();
  CHECK(seen == 4001);
}

TEST_CASE("a repeated message says how many of it were held back") {
  manual_clock time;
  auto log = logger::in_memory(time, log_level::info);
  once_per limit{10s};
  for (int i = 0; i < 5; ++i)
    log->write(limit, log_level::warn, "net", "peer unreachable", {{"peer", "a@b"}});
  time.advance(10s);
  log->write(limit, log_level::warn, "net", "peer unreachable", {{"peer", "a@b"}});
  log->write(limit, log_level::debug, "net", "not shown");
  auto lines = log->recent();
  REQUIRE(lines.size() == 2);
  CHECK(lines[0].ends_with("peer unreachable peer=a@b"));
  CHECK(lines[1].ends_with("peer unreachable peer=a@b held_back=4"));
}

}  // namespace beamline
