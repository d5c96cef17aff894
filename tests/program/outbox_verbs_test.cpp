#include "base/json.hpp"
#include "net/outbox/server.hpp"
#include "program/outbox_verbs.hpp"
#include "testing/simulated_node.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <optional>

#include <unistd.h>

using namespace beamline;
using namespace beamline::program;
using control::request;
namespace ob = beamline::net::outbox;

namespace {

struct memory final : control::answer_sink {
  std::optional<json> result;
  std::optional<error> failed;

  control::taken item(const json&) override { return control::taken::yes; }
  void succeed(const json& r) override { result = r; }
  void fail(const error& e, const json&) override { failed = e; }
  bool is_wanted() const override { return true; }
};

/// A file that is gone afterwards.
class scratch_file {
public:
  scratch_file() {
    auto pattern = (std::filesystem::temp_directory_path() / "beamline-outbox-XXXXXX").string();
    int fd = ::mkstemp(pattern.data());
    REQUIRE(fd >= 0);
    ::close(fd);
    path_ = pattern;
  }
  ~scratch_file() { std::filesystem::remove(path_); }
  scratch_file(const scratch_file&) = delete;
  scratch_file& operator=(const scratch_file&) = delete;
  void write(std::string_view text) const { std::ofstream{path_, std::ios::binary} << text; }
  [[nodiscard]] std::string path() const { return path_.string(); }

private:
  std::filesystem::path path_;
};

ob::event comment(std::uint64_t n, wall_time at) { return {uid{0x7000, n}, "comment", "words", "hello", at}; }

struct fixture {
  explicit fixture(testing::world& world, bool has_outbox = true) : w{world} {
    add_outbox_verbs(verbs, n.get(),
                     std::make_shared<recovery_file>("unused", std::make_shared<supervision::inline_executor>()));
    if (!has_outbox)
      return;
    auto classes = std::make_shared<const ob::class_table>(std::vector<ob::event_class>{{.type = "comment"}});
    birth how;
    how.name = std::string{ob::outbox_name};
    outbox = n.get().spawn_as<ob::server>(how, ob::outbox_parts{.classes = classes, .target_role = "target"});
    w.run();
  }
  ~fixture() { w.crash_node(n); }

  std::shared_ptr<memory> run(std::vector<std::string> words) {
    auto sink = std::make_shared<memory>();
    auto job = verbs.prepare(request{.verb = "outbox", .positional = std::move(words)});
    REQUIRE_MESSAGE(job.ok(), (job ? "" : job.error().message));
    verbs.run(*job, sink, w.now() + 10s);
    w.run();
    return sink;
  }
  json ok(std::vector<std::string> words) {
    auto sink = run(std::move(words));
    REQUIRE_MESSAGE(sink->result.has_value(), (sink->failed ? sink->failed->message : "no answer"));
    return *sink->result;
  }
  error fails(std::vector<std::string> words) {
    auto sink = run(std::move(words));
    REQUIRE(sink->failed.has_value());
    return *sink->failed;
  }
  void submit(std::uint64_t number) {
    auto o = w.ask<ob::outcome>(outbox, ob::submit{comment(number, n.env().time().wall_now()), false});
    CHECK(std::holds_alternative<ob::buffered>(o));
  }

  testing::world& w;
  testing::simulated_node& n = w.start_node();
  control::dispatcher verbs{n.env().log()};
  pid outbox;
};

bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }
std::string text_of(const json& j) { return j.at("text").get<std::string>(); }

}  // namespace

TEST_CASE("outbox shows how many events wait, for whom, and since when") {
  testing::world w;
  fixture f{w};
  f.submit(1);
  f.submit(2);
  w.advance(90s);
  auto s = f.ok({});
  CHECK(s.at("size") == 2);
  CHECK(s.at("status") == "idle");
  CHECK(s.at("is_durable") == false);
  CHECK(s.at("target").is_null());
  CHECK(s.at("oldest_ms").get<std::int64_t>() >= 90'000);
  CHECK(contains(text_of(s), "2 of 10,000 entries wait"));
  CHECK(contains(text_of(s), "no target is linked"));
  CHECK(f.ok({"status"}).at("accepted") == 2);
}

TEST_CASE("outbox peek shows the first ones that wait, as many as are asked for") {
  testing::world w;
  fixture f{w};
  CHECK(text_of(f.ok({"peek"})) == "nothing waits\n");
  for (std::uint64_t n = 1; n <= 5; ++n)
    f.submit(n);
  auto all = f.ok({"peek", "3"});
  CHECK(all.at("total") == 5);
  CHECK(all.at("entries").size() == 3);
  CHECK(all.at("entries")[0].at("payload") == "d29yZHM");
  CHECK(contains(text_of(all), "... 2 more"));
  for (const auto* wrong : {"0", "-1", "1001", "x", "3x"})
    CHECK(f.fails({"peek", wrong}).code == errc::invalid);
}

TEST_CASE("outbox queue_size says how many wait, and nothing else") {
  testing::world w;
  fixture f{w};
  CHECK(f.ok({"queue_size"}).at("size") == 0);
  f.submit(1);
  f.submit(2);
  auto two = f.ok({"queue_size"});
  CHECK(two.at("size") == 2);
  CHECK(text_of(two) == "2\n");
}

TEST_CASE("outbox enqueue keeps one event, as a line of a recovery file has it, once") {
  testing::world w;
  fixture f{w};
  auto now = f.n.env().time().wall_now();
  auto line = ob::recovery_line({.at = 1, .what = comment(7, now)}, "by hand");
  auto first = f.ok({"enqueue", line});
  CHECK(first.at("id") == comment(7, now).id.str());
  CHECK(first.at("is_known") == false);
  CHECK(f.ok({"enqueue", line}).at("is_known") == true);
  // Id and time are made.
  auto made = f.ok({"enqueue", R"({"type":"comment","key":"hello","payload":"d29yZHM"})"});
  CHECK(contains(text_of(made), made.at("id").get<std::string>() + " waits\n"));
  auto waiting = w.ask<ob::entry_list>(f.outbox, ob::peek{}).entries;
  REQUIRE(waiting.size() == 2);
  CHECK(waiting[1].what.id.str() == made.at("id"));
  CHECK(waiting[1].what.id.made_at() <= now + 1s);
  CHECK(waiting[1].what.at >= now);
  CHECK(waiting[1].what.payload == "words");
}

TEST_CASE("outbox enqueue refuses what import would, and says why") {
  testing::world w;
  fixture f{w};
  auto says = [&](const std::string& line, std::string_view why) {
    auto e = f.fails({"enqueue", line});
    CHECK(e.code == errc::invalid);
    CHECK_MESSAGE(contains(e.message, why), e.message);
  };
  CHECK(f.fails({"enqueue"}).code == errc::invalid);
  says("words", "needs an event as JSON");
  says("[1]", "needs an event as JSON");
  says(R"({"type":"comment","key":"hello"})", "\"payload\"");
  says(R"({"type":"dance","key":"hello","payload":""})", "dance");
  says(R"({"id":"1","type":"comment","key":"hello","payload":""})", "\"id\"");
  says(R"({"type":"comment","key":"hello","payload":"","at":1})", "age_max");
  says(R"({"type":"comment","key":"hello","payload":"","at":-1})", "\"at\"");
  CHECK(f.ok({"queue_size"}).at("size") == 0);
}

TEST_CASE("outbox trigger_sync says when there is nothing to do") {
  testing::world w;
  fixture f{w};
  CHECK(f.ok({"trigger_sync"}).at("is_begun") == false);
}

TEST_CASE("outbox dead, retry and discard work on dead letters, by id or on all") {
  testing::world w;
  fixture f{w};
  CHECK(text_of(f.ok({"dead"})) == "no dead letters\n");
  CHECK(f.ok({"retry", "all"}).at("count") == 0);
  CHECK(f.ok({"discard", "00000000-0000-7000-0000-000000000001"}).at("count") == 0);
  CHECK(f.fails({"retry"}).code == errc::invalid);
  CHECK(f.fails({"discard", "five"}).code == errc::invalid);
  f.submit(1);
  w.advance(24h * 7 + 1min);
  // Nobody asks for a batch without a target: the age is seen when there is one.
  CHECK(f.ok({"dead"}).at("total") == 0);
}

TEST_CASE("outbox import reads a recovery file, keeps what is new, and names what is no event") {
  testing::world w;
  fixture f{w};
  f.submit(1);
  scratch_file file;
  auto now = f.n.env().time().wall_now();
  std::string text;
  for (std::uint64_t n : {1, 2, 3})
    text += ob::recovery_line({.at = n, .what = comment(n, now)}, "the node ended");
  file.write(text + "broken\n");
  auto report = f.ok({"import", file.path()});
  CHECK(report.at("kept") == 2);
  CHECK(report.at("known") == 1);
  CHECK(report.at("problems").size() == 1);
  CHECK(contains(text_of(report), "line 4"));
  CHECK(f.ok({}).at("size") == 3);
  CHECK(f.fails({"import"}).code == errc::invalid);
  CHECK(f.fails({"import", "/nonexistent/file"}).code == errc::not_found);
}

TEST_CASE("without an outbox, and with a word that means nothing, the verb says so") {
  testing::world w;
  fixture f{w, false};
  auto e = f.fails({});
  CHECK(e.code == errc::unavailable);
  CHECK(contains(e.message, "no outbox"));
  CHECK(contains(f.fails({"empty"}).message, "expected status, queue_size, peek"));
}
