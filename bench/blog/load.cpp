#include "blog/load.hpp"

#include "blog/cluster.hpp"
#include "blog/cores.hpp"
#include "blog/http.hpp"
#include "blog/lateness.hpp"
#include "blog/presser.hpp"
#include "blog/shown_number.hpp"
#include "live/load/crowd.hpp"
#include "live/usage.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace beamline::bench {

namespace {

constexpr std::string_view slug = "hello";
constexpr std::string_view number_id = "like-count";
constexpr std::string_view commits = "beamline_store_commit_seconds_count";
constexpr duration join_timeout = std::chrono::seconds{300};
constexpr duration last_timeout = std::chrono::seconds{20};
constexpr duration settling = std::chrono::seconds{2};
constexpr duration heartbeat_interval = std::chrono::seconds{30};  // Of the npm client.
constexpr auto ready_timeout = std::chrono::seconds{30};
// What two hosts have to hold (docs/operating/load.md); one is there to compare.
constexpr double ms_late_max = 300;
constexpr double ms_late_many_max = 1'000;
constexpr std::size_t many = 10'000;
constexpr double commits_per_second_max = 200;

double seconds_of(duration d) { return std::chrono::duration<double>(d).count(); }

/// A host knows the number once it was told by the accumulator.
void wait_known(const cluster& c) {
  const auto until = std::chrono::steady_clock::now() + ready_timeout;
  for (const auto& h : c.hosts())
    while (http_get(h.port, "/api/blog/" + std::string{slug} + "/stats").find("\"likes\":0") == std::string::npos) {
      if (std::chrono::steady_clock::now() > until)
        throw std::runtime_error{"a host does not know the number of likes, or somebody likes the post already"};
      std::this_thread::sleep_for(std::chrono::milliseconds{50});
    }
}

double private_kib_of(const cluster& c) {
  double all = 0;
  for (const auto& h : c.hosts())
    all += bench::private_kib_of(h.id);
  return all;
}

/// The viewers, and what their pages show.
class audience {
public:
  audience(crowd& c, std::size_t viewers) : crowd_{c}, late{viewers} {
    c.listen({.on_join =
                  [this](std::size_t who, std::string_view payload) {
                    if (place_.empty())
                      place_ = place_of(payload, number_id);
                    late.begin(who, number_in_join(payload, place_).value_or(0));
                  },
              .on_diff =
                  [this](std::size_t who, std::string_view payload, std::size_t octets, time_point at) {
                    ++messages;
                    if (const auto number = number_in_diff(payload, place_)) {
                      late.show(who, *number, at);
                      diff_octets = octets;
                    }
                  }});
  }

  /// Reads what comes, and keeps the connections alive, until it is over or that much time has passed.
  bool watch_until(const std::function<bool()>& is_over, duration within) {
    const auto begun = crowd_.now();
    while (!is_over()) {
      if (crowd_.now() - begun >= within)
        return false;
      crowd_.step(std::chrono::milliseconds{1});
      beat();
    }
    return true;
  }

private:
  void beat() {
    const auto one = heartbeat_interval / static_cast<std::int64_t>(crowd_.size());
    if (next_beat_ == time_point{})
      next_beat_ = crowd_.now();
    for (; crowd_.now() >= next_beat_; next_beat_ += one)
      crowd_.heartbeat(beats_++ % crowd_.size());
  }

  crowd& crowd_;
  place place_;
  time_point next_beat_{};
  std::size_t beats_ = 0;

public:
  lateness late;
  std::size_t messages = 0;
  std::size_t diff_octets = 0;
};

/// All join at once, and each is a visit.
void join(const load_plan& p, const cluster& c, crowd& viewers, audience& a, figures& f) {
  const auto kib = private_kib_of(c);
  const auto before = metric_of(c.accumulator().port, commits);
  const auto begun = viewers.now();
  viewers.join(p.viewers, join_timeout);
  const auto took = seconds_of(viewers.now() - begun);
  (void)a.watch_until([] { return false; }, settling);
  const auto n = static_cast<double>(p.viewers);
  f.add("joins_per_second", n / took);
  f.add_at_most("commits_per_second_of_joins",
                (metric_of(c.accumulator().port, commits) - before) / (took + seconds_of(settling)),
                commits_per_second_max);
  f.add("kib_per_viewer", (private_kib_of(c) - kib) / n);
}

void add_lateness(const load_plan& p, const lateness& late, const std::vector<presser::press>& presses, figures& f) {
  std::vector<time_point> sent, answered;
  for (const auto& press : presses) {
    sent.push_back(press.sent);
    answered.push_back(press.answered);
  }
  std::ranges::sort(sent);
  std::ranges::sort(answered);
  auto from_press = late.since(sent);
  auto from_answer = late.since(answered);
  f.add("real_time", quantile(from_press, 0.5));
  f.add_text("time_unit", "ms");
  const auto p99 = quantile(from_press, 0.99);
  if (p.hosts > 1)
    f.add_at_most("ms_late_p99", p99, p.viewers >= many ? ms_late_many_max : ms_late_max);
  else
    f.add("ms_late_p99", p99);
  f.add("ms_late_max", quantile(from_press, 1));
  f.add("ms_after_answer_p99", quantile(from_answer, 0.99));
}

}  // namespace

figures measure_load(const load_plan& p) {
  figures f{p.name()};
  const cluster c{p.hosts};
  wait_known(c);
  presser pressing{{c.ports(), std::string{slug}, p.likes_per_second, p.likes()}};
  crowd viewers{{.ports = c.ports(), .page = "/blog/" + std::string{slug}}};
  audience a{viewers, p.viewers};
  join(p, c, viewers, a, f);

  const auto messages = a.messages;
  const auto before = metric_of(c.accumulator().port, commits);
  const auto begun = viewers.now();
  cores used{c};
  pressing.begin();
  (void)a.watch_until([&] { return pressing.is_over(); }, last_timeout + std::chrono::seconds{p.seconds});
  const auto all = static_cast<std::int64_t>(p.likes());
  const auto is_complete = a.watch_until([&] { return a.late.behind(all) == 0; }, last_timeout);
  const auto& presses = pressing.presses();
  if (!is_complete)
    throw std::runtime_error{std::to_string(a.late.behind(all)) + " of " + std::to_string(p.viewers)
                             + " pages do not show the last like"};
  const auto took = seconds_of(viewers.now() - begun);
  used.add_to(f, took);
  add_lateness(p, a.late, presses, f);
  f.add("diffs_per_second_each", static_cast<double>(a.messages - messages) / static_cast<double>(p.viewers) / took);
  f.add("octets", static_cast<double>(a.diff_octets));
  f.add_at_most("commits_per_second", (metric_of(c.accumulator().port, commits) - before) / took,
                commits_per_second_max);
  return f;
}

}  // namespace beamline::bench
