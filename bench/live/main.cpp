// What live views cost: a server of our own in a process of its own, a load client in this one, and beside it the
// floor, a bare epoll program that writes the same octets to as many connections.
//
// usage: bench_live [--quick] [--benchmark_filter=REGEX] [--benchmark_format=json]      run by scripts/bench
#include "live/measures.hpp"
#include "live/open_files.hpp"
#include "live/program.hpp"
#include "live/usage.hpp"

#include <exception>
#include <iostream>
#include <regex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace beamline::bench {

namespace {

// Of the issue.
constexpr double floors_per_delivery_max = 4;
constexpr double kib_per_view_max = 16;
constexpr double us_per_join_max = 300;
constexpr double us_per_click_max = 20;
constexpr double ms_stale_max = 500;
constexpr double kib_per_frozen_client_max = 64;
// What "memory flat" may mean for a thousand viewers: an allocator has its moods.
constexpr double kib_grown_max = 4096;

struct scale {
  std::size_t views;
  std::size_t clickers;  // Each below the rate at which an endpoint slows a browser down.
  std::size_t readers;   // Of the page with a hundred rows.
  std::size_t viewers;   // Of the ticks.
  std::size_t frozen;
  int rounds;
  std::int64_t tick_seconds;
  duration clicking;
  duration idling;
  duration leaving;  // What was theirs may be kept so long after they have left.
};
constexpr scale whole{.views = 10'000,
                      .clickers = 400,
                      .readers = 2'000,
                      .viewers = 1'000,
                      .frozen = 50,
                      .rounds = 20,
                      .tick_seconds = 12,
                      .clicking = std::chrono::seconds{5},
                      .idling = std::chrono::seconds{15},
                      .leaving = std::chrono::seconds{20}};
constexpr scale quick{.views = 1'000,
                      .clickers = 300,
                      .readers = 200,
                      .viewers = 200,
                      .frozen = 20,
                      .rounds = 5,
                      .tick_seconds = 3,
                      .clicking = std::chrono::seconds{1},
                      .idling = std::chrono::seconds{2},
                      .leaving = std::chrono::seconds{1}};
constexpr std::int64_t ticks_per_second = 5'000;
// A visitor who does not read leaves what is sent to him with the server, not in a buffer of this machine's.
constexpr int small_receive_octets = 4096;

struct plan {
  scale size = whole;
  std::regex filter{".*"};
  std::vector<figures> found{};

  [[nodiscard]] bool wants(std::initializer_list<const char*> names) const {
    for (const auto* name : names)
      if (std::regex_search(name, filter))
        return true;
    return false;
  }
  void keep(figures f) {
    if (std::regex_search(f.name(), filter))
      found.push_back(std::move(f));
  }
};

std::string name_of(std::string_view what, std::size_t n) { return std::string{what} + "/" + std::to_string(n); }

void timed(figures& f, double ms) {
  f.add("real_time", ms);
  f.add_text("time_unit", "ms");
}

figures joins_of(std::string name, const join_cost& cost, const crowd& c) {
  figures f{std::move(name)};
  timed(f, cost.ms);
  f.add_at_most("server_us_per_join", cost.server_us, us_per_join_max);
  f.add_at_most("kib_per_view", cost.kib_per_view, kib_per_view_max);
  f.add("page_octets", static_cast<double>(c.page_octets()));
  f.add("join_octets", static_cast<double>(c.join_octets()));
  f.add("client_us_per_join", cost.client_us);
  return f;
}

/// A page that all see change, and that each changes for itself; beside the floor.
void measure_counter(plan& p) {
  const auto n = p.size.views;
  if (!p.wants({"joins", "idle", "fan_out", "clicks"}))
    return;
  join_cost join;
  delivery_cost diff;
  click_cost click;
  double idle = 0;
  std::vector<std::string> floor_sizes;
  figures joins{""};
  {
    const program server{{BENCH_LIVE_SERVER}};
    const measured_server s{server.id(), server.port()};
    crowd c{{.ports = {s.port}, .page = "/counter"}};
    c.join(1, std::chrono::seconds{10});  // What is made once is not counted.
    join = measure_joins(s, c, n - 1);
    joins = joins_of(name_of("joins", n), join, c);
    idle = measure_idle(s, c, p.size.idling);
    diff = measure_fan_out(s, c, p.size.rounds);
    click = measure_clicks(s, c, p.size.clickers, p.size.clicking);
    for (auto octets : {c.page_octets(), c.join_octets(), diff.octets, click.octets})
      floor_sizes.push_back(std::to_string(octets));
  }
  floor_sizes.insert(floor_sizes.begin(), BENCH_LIVE_FLOOR);
  const program floor{floor_sizes};
  const measured_server s{floor.id(), floor.port()};
  crowd c{{.ports = {s.port}, .page = "/counter"}};
  c.join(1, std::chrono::seconds{10});
  const auto floor_join = measure_joins(s, c, n - 1);
  const auto floor_diff = measure_fan_out(s, c, p.size.rounds);
  const auto floor_click = measure_clicks(s, c, p.size.clickers, p.size.clicking);

  joins.add("floor_us", floor_join.server_us);
  p.keep(std::move(joins));
  figures f{name_of("fan_out", n)};
  timed(f, diff.ms_until_last);
  f.add_at_most("floors_per_delivery", diff.server_us / floor_diff.server_us, floors_per_delivery_max);
  f.add("server_us_per_delivery", diff.server_us);
  f.add("floor_us", floor_diff.server_us);
  f.add("floor_ms", floor_diff.ms_until_last);
  f.add("octets", static_cast<double>(diff.octets));
  f.add("client_us_per_delivery", diff.client_us);
  p.keep(std::move(f));
  f = figures{name_of("clicks", p.size.clickers)};
  timed(f, click.ms_p99);
  f.add_at_most("server_us_per_click", click.server_us, us_per_click_max);
  f.add("floor_us", floor_click.server_us);
  f.add("clicks_per_second", click.per_second);
  f.add("octets", static_cast<double>(click.octets));
  f.add("client_us_per_click", click.client_us);
  p.keep(std::move(f));
  f = figures{name_of("idle", n)};
  timed(f, static_cast<double>(to_ms(p.size.idling)));
  f.add("percent_of_a_core", idle);
  p.keep(std::move(f));
}

/// A page as a blog has them.
void measure_post(plan& p) {
  const auto n = p.size.readers;
  if (!p.wants({"post_joins", "post_fan_out"}))
    return;
  const program server{{BENCH_LIVE_SERVER}};
  const measured_server s{server.id(), server.port()};
  crowd c{{.ports = {s.port}, .page = "/post/hello"}};
  c.join(1, std::chrono::seconds{10});
  const auto join = measure_joins(s, c, n - 1);
  p.keep(joins_of(name_of("post_joins", n), join, c));
  const auto diff = measure_fan_out(s, c, p.size.rounds);
  figures f{name_of("post_fan_out", n)};
  timed(f, diff.ms_until_last);
  f.add("server_us_per_delivery", diff.server_us);
  f.add("octets", static_cast<double>(diff.octets));
  f.add("client_us_per_delivery", diff.client_us);
  p.keep(std::move(f));
}

/// What a server keeps of readers who have left.
void measure_left(plan& p) {
  const auto n = p.size.readers;
  if (!p.wants({"post_left"}))
    return;
  const program server{{BENCH_LIVE_SERVER}};
  const measured_server s{server.id(), server.port()};
  crowd one{{.ports = {s.port}, .page = "/post/hello"}};
  one.join(1, std::chrono::seconds{10});
  const auto before = private_kib_of(s.id);
  double read = 0;
  {
    crowd many{{.ports = {s.port}, .page = "/post/hello"}};
    many.join(n, std::chrono::seconds{60});
    read = private_kib_of(s.id) - before;
  }
  one.run_for(p.size.leaving);
  figures f{name_of("post_left", n)};
  timed(f, static_cast<double>(to_ms(p.size.leaving)));
  f.add("kib_per_view", read / static_cast<double>(n));
  f.add("kib_kept_per_view", (private_kib_of(s.id) - before) / static_cast<double>(n));
  p.keep(std::move(f));
}

/// Those who come first take little before they must read.
void join_ticks(crowd& c, std::size_t freezing, std::size_t reading) {
  c.receive_at_most(small_receive_octets);
  c.join(freezing, std::chrono::seconds{60});
  c.receive_at_most(0);
  c.join(reading, std::chrono::seconds{60});
}

/// One topic that changes all the time, and one visitor who does not read.
void measure_flood(plan& p) {
  const auto n = p.size.viewers;
  if (!p.wants({"ticks"}))
    return;
  const program server{{BENCH_LIVE_SERVER}};
  const measured_server s{server.id(), server.port()};
  crowd c{{.ports = {s.port}, .page = "/ticks"}};
  join_ticks(c, 1, n - 1);
  const auto cost = measure_ticks(s, c, {ticks_per_second, p.size.tick_seconds}, 1);
  figures f{name_of("ticks", n)};
  timed(f, cost.ms_stale_p50);
  f.add_at_most("ms_stale_p99", cost.ms_stale_p99, ms_stale_max);
  f.add_at_most("kib_grown", cost.kib_grown, kib_grown_max);
  f.add("diffs_per_second_each", cost.diffs_per_second);
  f.add("server_cores", cost.cores);
  f.add("client_cores", cost.client_cores);
  p.keep(std::move(f));
}

/// Many who do not read, so that one's cost can be told from noise, and so few others that much is sent to each.
void measure_frozen(plan& p) {
  const auto n = p.size.frozen;
  if (!p.wants({"frozen"}))
    return;
  const program server{{BENCH_LIVE_SERVER}};
  const measured_server s{server.id(), server.port()};
  crowd c{{.ports = {s.port}, .page = "/ticks"}};
  join_ticks(c, n, n / 2);
  const auto cost = measure_ticks(s, c, {ticks_per_second, p.size.tick_seconds}, n);
  figures f{name_of("frozen", n)};
  timed(f, cost.ms_stale_p50);
  f.add_at_most("kib_per_frozen_client", cost.kib_frozen / static_cast<double>(n), kib_per_frozen_client_max);
  f.add("diffs_per_second_to_others", cost.diffs_per_second);
  p.keep(std::move(f));
}

plan plan_of(int argc, char** argv) {
  plan p;
  for (int i = 1; i < argc; ++i) {
    constexpr std::string_view filter = "--benchmark_filter=";
    const std::string_view word = argv[i];
    if (word == "--quick")
      p.size = quick;
    else if (word.starts_with(filter))
      p.filter = std::string{word.substr(filter.size())};
    else if (word != "--benchmark_format=json")
      throw std::invalid_argument{std::string{word} + " is not understood"};
  }
  return p;
}

}  // namespace

}  // namespace beamline::bench

int main(int argc, char** argv) try {
  using namespace beamline::bench;
  auto p = plan_of(argc, argv);
  if (allow_many_files() < p.size.views + 100)
    throw std::runtime_error{"this needs " + std::to_string(p.size.views + 100) + " open files; raise `ulimit -Hn`"};
  measure_counter(p);
  measure_post(p);
  measure_left(p);
  measure_flood(p);
  measure_frozen(p);
  std::cout << to_benchmark_json(p.found) << '\n';
  return 0;
} catch (const std::exception& e) {
  std::cerr << "bench_live: " << e.what() << '\n';
  return 1;
}
