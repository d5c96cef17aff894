#include "base/metrics.hpp"

#include "base/process_metrics.hpp"
#include "base/telemetry_metrics.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <limits>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <doctest/doctest.h>
#include <unistd.h>

using namespace beamline;
namespace m = beamline::metrics;

namespace {

bool has(const std::string& text, std::string_view words) { return text.find(words) != std::string::npos; }

/// The text without the registry's own failure counter, which is always there.
std::string own(const std::string& text) {
  const auto from = text.find("# HELP beamline_metrics_collector_failures_total");
  const auto to = text.find("# HELP", from + 1);
  return text.substr(0, from) + (to == std::string::npos ? "" : text.substr(to));
}

struct answered {
  static constexpr std::string_view event_name = "test.answered";
  std::string_view route;
  int status = 0;
  std::uint64_t octets = 0;
  duration took{};
  BEAMLINE_EVENT(route, status, octets, took)
};

}  // namespace

TEST_CASE("counters, gauges and histograms render in Prometheus' text format") {
  auto r = m::registry{};
  r.counter("test_requests_total", "Requests answered", {{"status", "200"}}).inc();
  r.counter("test_requests_total", "Requests answered", {{"status", "200"}}).inc(2);
  r.counter("test_requests_total", "Requests answered", {{"status", "404"}}).inc();
  r.gauge("test_depth", "Depth of the queue").set(2.5);
  r.gauge("test_depth", "Depth of the queue").add(-1);
  const double bounds[] = {0.1, 1};
  auto& h = r.histogram("test_seconds", "Time taken", bounds);
  h.observe(0.05);
  h.observe(0.1);
  h.observe(500ms);
  h.observe(7.0);
  CHECK(own(r.render()) == R"(# HELP test_depth Depth of the queue
# TYPE test_depth gauge
test_depth 1.5
# HELP test_requests_total Requests answered
# TYPE test_requests_total counter
test_requests_total{status="200"} 3
test_requests_total{status="404"} 1
# HELP test_seconds Time taken
# TYPE test_seconds histogram
test_seconds_count 4
test_seconds_sum 7.65
test_seconds_bucket{le="0.1"} 2
test_seconds_bucket{le="1"} 3
test_seconds_bucket{le="+Inf"} 4
)");
}

TEST_CASE("what is awkward in the text format is escaped in labels and replaced in help") {
  auto r = m::registry{};
  r.counter("test_total", "Line one\nline two \\", {{"path", "a\"b\\c\nd"}}).inc();
  const auto text = r.render();
  CHECK(has(text, "# HELP test_total Line one line two  \n"));
  CHECK(has(text, "test_total{path=\"a\\\"b\\\\c\\nd\"} 1\n"));
}

TEST_CASE("values that are no ordinary numbers are spelled as Prometheus wants them") {
  auto r = m::registry{};
  r.gauge("test_a", "a").set(std::numeric_limits<double>::infinity());
  r.gauge("test_b", "b").set(std::numeric_limits<double>::quiet_NaN());
  r.counter("test_c_total", "c").inc(std::uint64_t{1} << 53);
  const auto text = r.render();
  CHECK(has(text, "test_a +Inf\n"));
  CHECK((has(text, "test_b Nan\n") || has(text, "test_b NaN\n")));  // Prometheus reads any spelling.
  CHECK(has(text, "test_c_total 9007199254740992\n"));
}

TEST_CASE("references stay good however many series follow") {
  auto r = m::registry{{.label_sets_max = 5000}};
  auto& first = r.counter("test_total", "t", {{"n", "first"}});
  auto f = r.counters("test_total", "t", {"n"});
  for (int i = 0; i < 2000; ++i)
    f.with({std::to_string(i)}).inc();
  first.inc();
  CHECK(&f.with({"first"}) == &first);
  CHECK(f.with({"first"}).value() == 1);
  CHECK(f.with({"1999"}).value() == 1);
}

TEST_CASE("beyond its limit a family folds new label sets into other, and counts that") {
  auto r = m::registry{{.label_sets_max = 3}};
  auto f = r.counters("test_total", "t", {"route", "status"});
  for (auto route : {"/a", "/b", "/c", "/d", "/e", "/a"})
    f.with({route, "200"}).inc();
  f.with({"/d", "404"}).inc();
  const auto text = r.render();
  CHECK(has(text, "test_total{route=\"/a\",status=\"200\"} 2\n"));
  CHECK(has(text, "test_total{route=\"/c\",status=\"200\"} 1\n"));
  CHECK(has(text, "test_total{route=\"other\",status=\"other\"} 3\n"));
  CHECK_FALSE(has(text, "/d"));
  CHECK(has(text, "beamline_metrics_folded_total{family=\"test_total\"} 3\n"));
}

TEST_CASE("a label value that is too long counts as other") {
  auto r = m::registry{};
  auto f = r.counters("test_total", "t", {"path", "status"});
  f.with({std::string(m::label_value_bytes_max, 'x'), "200"}).inc();
  f.with({std::string(m::label_value_bytes_max + 1, 'x'), "200"}).inc();
  f.with({std::string(9999, 'y'), "200"}).inc();
  CHECK(has(r.render(), "test_total{path=\"other\",status=\"200\"} 2\n"));
}

TEST_CASE("label values that would join to the same text stay apart") {
  auto r = m::registry{};
  auto f = r.counters("test_total", "t", {"a", "b"});
  CHECK(&f.with({"x", "yz"}) != &f.with({"xy", "z"}));
  CHECK(&f.with({"", "x"}) != &f.with({"x", ""}));
}

TEST_CASE("mistakes of the program are logic errors that name the metric") {
  auto r = m::registry{};
  (void)r.counter("test_total", "t", {{"a", "1"}});
  const double bounds[] = {1, 2};
  (void)r.histogram("test_seconds", "t", bounds);
  const auto said = [](auto&& f) -> std::string {
    try {
      f();
    } catch (const std::logic_error& e) {
      return e.what();
    }
    return "nothing was thrown";
  };
  CHECK(said([&] {
          (void)r.gauge("test_total", "t", {{"a", "1"}});
        })
        == "metrics: test_total is registered already as another kind of metric");
  CHECK(has(said([&] { (void)r.counter("test_total", "other help", {{"a", "1"}}); }), "another help"));
  CHECK(has(said([&] { (void)r.counter("test_total", "t", {{"b", "1"}}); }), "other labels"));
  CHECK(has(said([&] { (void)r.counter("test_total", "t"); }), "other labels"));
  CHECK(has(said([&] { (void)r.histogram("test_seconds", "t", m::latency_seconds); }), "bounds"));
  CHECK(has(said([&] { (void)r.counter("9lives", "t"); }), "\"9lives\" is not a metric name"));
  CHECK(has(said([&] { (void)r.counter("", "t"); }), "not a metric name"));
  CHECK(has(said([&] { (void)r.counter("a_total", "t", {{"le", "1"}}); }), "\"le\" of a_total is not a label name"));
  CHECK(has(said([&] { (void)r.counter("a_total", "t", {{"__x", "1"}}); }), "not a label name"));
  CHECK(has(said([&] { (void)r.histogram("b", "t", std::vector<double>{}); }), "bounds of b must be given and grow"));
  CHECK(has(said([&] { (void)r.histogram("b", "t", std::vector<double>{2, 1}); }), "must be given and grow"));
  CHECK(has(said([&] { (void)r.counters("test_total", "t", {"a"}).with({"1", "2"}); }), "has 1 labels, 2 values"));
}

TEST_CASE("collectors are asked at each scrape, until they are gone") {
  auto r = m::registry{};
  int scrapes = 0;
  auto c = r.collect([&](m::samples& out) {
    out.gauge("test_scrapes", "How often", ++scrapes, {{"by", "test"}});
    out.counter("test_total", "t", 5);
  });
  CHECK(has(r.render(), "test_scrapes{by=\"test\"} 1\n"));
  CHECK(has(r.render(), "# TYPE test_total counter\ntest_total 5\n"));
  c.remove();
  CHECK_FALSE(has(r.render(), "test_scrapes"));
  CHECK(scrapes == 2);
}

TEST_CASE("a collector may add series to a family of the registry") {
  auto r = m::registry{};
  r.gauge("test_depth", "d", {{"queue", "b"}}).set(2);
  auto c = r.collect([](m::samples& out) { out.gauge("test_depth", "d", 1, {{"queue", "a"}}); });
  CHECK(has(r.render(), "# TYPE test_depth gauge\ntest_depth{queue=\"a\"} 1\ntest_depth{queue=\"b\"} 2\n"));
}

TEST_CASE("a collector that throws is left out whole and counted") {
  auto r = m::registry{};
  r.counter("test_total", "t").inc();
  auto bad = r.collect([](m::samples& out) {
    out.gauge("test_half", "h", 1);
    throw std::runtime_error{"no luck"};
  });
  auto clash = r.collect([](m::samples& out) { out.gauge("test_total", "t", 1); });
  auto good = r.collect([](m::samples& out) { out.gauge("test_good", "g", 1); });
  const auto text = r.render();
  CHECK_FALSE(has(text, "test_half"));
  CHECK(has(text, "test_good 1\n"));
  CHECK(has(text, "# TYPE test_total counter\ntest_total 1\n"));
  CHECK(has(text, "beamline_metrics_collector_failures_total 2\n"));
}

TEST_CASE("a collector may outlive its registry") {
  auto c = m::registry::collector{};
  {
    auto r = m::registry{};
    c = r.collect([](m::samples&) {});
  }
  c.remove();
}

TEST_CASE("many threads count without losing anything while others scrape") {
  auto r = m::registry{};
  auto f = r.counters("test_total", "t", {"thread"});
  auto& shared = r.counter("test_shared_total", "t");
  auto& sizes = r.histogram("test_size", "t", m::size_bytes);
  auto& level = r.gauge("test_level", "t");
  auto workers = std::vector<std::thread>{};
  for (int w = 0; w < 4; ++w)
    workers.emplace_back([&, w] {
      for (int i = 0; i < 5000; ++i) {
        f.with({std::to_string(w)}).inc();
        shared.inc();
        sizes.observe(static_cast<double>(i));
        level.add(w % 2 == 0 ? 1 : -1);
      }
    });
  for (int i = 0; i < 20; ++i)
    (void)r.render();
  for (auto& w : workers)
    w.join();
  CHECK(shared.value() == 20'000);
  CHECK(f.with({"3"}).value() == 5000);
  CHECK(sizes.count() == 20'000);
  CHECK(sizes.sum() == doctest::Approx(4.0 * 5000 * 4999 / 2));
  CHECK(level.value() == 0);
}

TEST_CASE("metrics follow telemetry events, with labels from the event's fields") {
  auto t = telemetry{};
  auto r = m::registry{};
  auto handles = std::vector<telemetry::handle>{};
  handles.push_back(m::count<answered>(t, r.counters("test_requests_total", "Requests", {"route", "status"})));
  handles.push_back(m::sum(t, &answered::octets, r.counters("test_octets_total", "Octets")));
  handles.push_back(m::last(t, &answered::status, r.gauges("test_last_status", "Status")));
  const double bounds[] = {0.01, 0.1};
  handles.push_back(m::observe(t, &answered::took, r.histograms("test_seconds", "Time", bounds, {"route", "absent"})));
  t.emit(answered{"/", 200, 100, 5ms});
  t.emit(answered{"/", 200, 20, 50ms});
  t.emit(answered{"/no", 404, 3, 5ms});
  const auto text = r.render();
  CHECK(has(text, "test_requests_total{route=\"/\",status=\"200\"} 2\n"));
  CHECK(has(text, "test_requests_total{route=\"/no\",status=\"404\"} 1\n"));
  CHECK(has(text, "test_octets_total 123\n"));
  CHECK(has(text, "test_last_status 404\n"));
  CHECK(has(text, "test_seconds_bucket{route=\"/\",absent=\"\",le=\"0.01\"} 1\n"));
  CHECK(has(text, "test_seconds_count{route=\"/\",absent=\"\"} 2\n"));
  handles.clear();
  CHECK_FALSE(t.wants<answered>());
}

TEST_CASE("the facts of this process are read from /proc") {
  const auto facts = m::read_process_facts().value();
  CHECK(facts.resident_bytes > 1'000'000);
  CHECK(facts.virtual_bytes >= facts.resident_bytes);
  CHECK(facts.threads >= 1);
  CHECK(facts.open_fds >= 3);
  auto r = m::registry{};
  auto c = m::collect_process(r);
  const auto text = r.render();
  for (auto name : {"process_resident_memory_bytes ", "process_virtual_memory_bytes ", "process_cpu_seconds_total ",
                    "process_threads ", "process_open_fds "})
    CHECK(has(text, name));
  CHECK(has(text, "beamline_metrics_collector_failures_total 0\n"));
}

TEST_CASE("process facts cope with odd names and refuse what they do not understand") {
  const auto dir = std::filesystem::temp_directory_path() / ("beamline-proc-" + std::to_string(::getpid()));
  std::filesystem::create_directories(dir / "fd");
  const auto write = [&](const char* name, std::string_view text) { std::ofstream{dir / name} << text; };
  write("limits", "Limit  Soft Limit  Hard Limit  Units\nMax open files            unlimited   4096   files\n");
  SUBCASE("a name with spaces and parentheses") {
    write("stat", "7 (a) b (c) S 1 1 1 0 -1 4194304 1 0 0 0 150 50 0 0 20 0 3 0 100 1000000 25 0\n");
    std::ofstream{dir / "fd" / "0"};
    const auto facts = m::read_process_facts(dir).value();
    CHECK(facts.cpu_seconds == doctest::Approx(200.0 / static_cast<double>(sysconf(_SC_CLK_TCK))));
    CHECK(facts.threads == 3);
    CHECK(facts.virtual_bytes == 1'000'000);
    CHECK(facts.open_fds == 1);
    CHECK(facts.fds_max == 0);
  }
  SUBCASE("too few fields") {
    write("stat", "7 (a) S 1 1\n");
    CHECK(has(m::read_process_facts(dir).error().message, "stat is not as proc(5) describes it"));
  }
  SUBCASE("no stat") { CHECK(has(m::read_process_facts(dir).error().message, "stat cannot be read")); }
  SUBCASE("no limit of files") {
    write("stat", "7 (a) S 1 1 1 0 -1 4194304 1 0 0 0 150 50 0 0 20 0 3 0 100 1000000 25 0\n");
    write("limits", "nothing here\n");
    CHECK(has(m::read_process_facts(dir).error().message, "limits is not as proc(5)"));
  }
  std::filesystem::remove_all(dir);
}
