#include "live/measures.hpp"

#include "live/usage.hpp"

#include <unistd.h>

#include <chrono>
#include <stdexcept>
#include <vector>

namespace beamline::bench {

namespace {

constexpr duration join_timeout = std::chrono::seconds{120};
constexpr duration round_timeout = std::chrono::seconds{20};
constexpr duration settling = std::chrono::seconds{2};
// A server may go on for a while after the last delivery.
constexpr duration aftermath = std::chrono::milliseconds{20};
constexpr duration heartbeat_interval = std::chrono::seconds{30};  // Of the npm client.

double ms_of(duration d) { return std::chrono::duration<double, std::milli>(d).count(); }

/// What server and client have used since it was made.
class meter {
public:
  explicit meter(const measured_server& s) : server_{s.id}, server_us_{cpu_us_of(s.id)}, client_us_{own()} {}
  [[nodiscard]] double server_us() const { return cpu_us_of(server_) - server_us_; }
  [[nodiscard]] double client_us() const { return own() - client_us_; }

private:
  static double own() { return cpu_us_of(getpid()); }
  pid_t server_;
  double server_us_;
  double client_us_;
};

}  // namespace

join_cost measure_joins(const measured_server& s, crowd& c, std::size_t more) {
  const auto before = private_kib_of(s.id);
  const auto begun = c.now();
  const meter used{s};
  c.join(more, join_timeout);
  const auto n = static_cast<double>(more);
  join_cost out;
  out.ms = ms_of(c.now() - begun);
  c.run_for(settling);  // What a server puts off belongs to the joins, too.
  out.server_us = used.server_us() / n;
  out.client_us = used.client_us() / n;
  out.kib_per_view = (private_kib_of(s.id) - before) / n;
  return out;
}

delivery_cost measure_fan_out(const measured_server& s, crowd& c, int rounds) {
  constexpr duration between = std::chrono::milliseconds{100};
  delivery_cost out;
  std::vector<double> last;
  for (int round = 0; round < rounds; ++round) {
    c.run_for(between);
    std::size_t came = 0;
    auto last_at = c.now();
    c.listen({.on_diff = [&](std::size_t, std::string_view, std::size_t octets, time_point at) {
      ++came;
      last_at = at;
      out.octets = octets;
    }});
    const meter used{s};
    const auto begun = c.now();
    c.click(c.size() - 1, "like");
    if (!c.run_until([&] { return came == c.size(); }, round_timeout))
      throw std::runtime_error{"a change for " + std::to_string(c.size()) + " came to " + std::to_string(came)};
    const auto client = used.client_us();
    c.run_for(aftermath);
    out.server_us += used.server_us();
    out.client_us += client;
    last.push_back(ms_of(last_at - begun));
  }
  c.listen({});
  const auto deliveries = static_cast<double>(c.size()) * rounds;
  out.server_us /= deliveries;
  out.client_us /= deliveries;
  out.ms_until_last = quantile(last, 0.5);
  return out;
}

click_cost measure_clicks(const measured_server& s, crowd& c, std::size_t clickers, duration for_time) {
  click_cost out;
  std::vector<double> took;
  std::vector<time_point> since(clickers);
  bool is_over = false;
  std::size_t clicks = 0;
  const auto click = [&](std::size_t who) {
    ++clicks;
    since[who] = c.now();
    c.click(who, "bump");
  };
  c.listen({.on_reply = [&](std::size_t who, std::string_view, std::size_t octets, time_point at) {
    took.push_back(ms_of(at - since[who]));
    out.octets = octets;
    if (!is_over)
      click(who);
  }});
  const meter used{s};
  const auto begun = c.now();
  for (std::size_t who = 0; who < clickers; ++who)
    click(who);
  c.run_for(for_time);
  const auto n = static_cast<double>(took.size());
  out.server_us = used.server_us() / n;
  out.client_us = used.client_us() / n;
  out.per_second = n / (ms_of(c.now() - begun) / 1e3);
  is_over = true;
  if (!c.run_until([&] { return took.size() == clicks; }, round_timeout))
    throw std::runtime_error{std::to_string(clicks - took.size()) + " clicks were not answered"};
  c.listen({});
  out.ms_p99 = quantile(took, 0.99);
  return out;
}

double measure_idle(const measured_server& s, crowd& c, duration for_time) {
  const auto begun = c.now();
  const meter used{s};
  std::size_t sent = 0;
  while (c.now() - begun < for_time) {
    c.step(std::chrono::milliseconds{5});
    const auto due = static_cast<double>(c.size()) * ms_of(c.now() - begun) / ms_of(heartbeat_interval);
    for (; static_cast<double>(sent) < due; ++sent)
      c.heartbeat(sent % c.size());
  }
  return used.server_us() / (ms_of(c.now() - begun) * 1e3) * 100;
}

}  // namespace beamline::bench
