// Draws plans from seeds.

#include "base/random.hpp"
#include "testing/faults/plan.hpp"

#include <algorithm>
#include <array>

namespace beamline::testing {

namespace {

// Half of the plans suspend handlers, a third reset connections at random, half have clocks that differ.
constexpr std::uint32_t hold_ppm = 50'000;
constexpr std::uint32_t reset_ppm = 2'000;
constexpr duration skew_max = 500ms;

constexpr std::uint64_t pct_depth_max = 5;

constexpr std::array<span, 3> step_costs{{{1us, 5us}, {1us, 50us}, {50us, 1ms}}};
constexpr std::array<span, 3> latencies{{{50us, 100us}, {200us, 3ms}, {1ms, 60ms}}};
constexpr std::array<span, 3> commits{{{50us, 200us}, {100us, 5ms}, {5ms, 80ms}}};

// Which of the events a fault strikes at: rare ones occur a few times in a run, common ones often.
constexpr std::array<std::uint64_t, 3> nth_max{4, 16, 60};
constexpr duration delay_max = 2ms;

// How far a clock jumps: a correction, a bad time server, a wrong time zone.
constexpr std::array<duration, 3> clock_steps_max{10ms, 5s, 2h};

constexpr std::uint64_t octets_per_ms_max = 200;
constexpr std::uint64_t disk_slowness_max = 50;

/// How long a kind of fault lasts.
span lasting(fault_kind k) {
  switch (k) {
    case fault_kind::crash:
    case fault_kind::power_loss: return {10ms, 600ms};
    case fault_kind::partition:
    case fault_kind::partition_one_way:
    case fault_kind::slow_link:
    case fault_kind::slow_disk:
    case fault_kind::disk_full: return {20ms, 800ms};
    case fault_kind::stall:
    case fault_kind::pause:
    case fault_kind::disk_error: return {20ms, 500ms};
    case fault_kind::dns_outage: return {50ms, 1500ms};
    case fault_kind::kill:
    case fault_kind::reset:
    case fault_kind::half_open:
    case fault_kind::clock_step: return {};
  }
  return {};
}

/// Draws one thing after another; never two in one expression, whose order differs between compilers.
class dice {
public:
  dice(std::uint64_t seed, std::uint64_t purpose) : random_{mix64(seed ^ mix64(purpose * 0x9e3779b97f4a7c15ULL))} {}

  bool coin() { return random_.below(2) == 0; }
  std::uint64_t below(std::uint64_t n) { return random_.below(n); }
  /// 1 to `max`.
  std::uint64_t up_to(std::uint64_t max) { return 1 + random_.below(max); }
  /// Whole microseconds: short to read.
  duration between(span s) {
    auto us = std::chrono::duration_cast<std::chrono::microseconds>(s.max - s.min).count();
    return s.min + std::chrono::microseconds{random_.below(static_cast<std::uint64_t>(us) + 1)};
  }
  template <class Container>
  const auto& one_of(const Container& c) {
    return c[random_.below(c.size())];
  }

private:
  seeded_random random_;
};

// Streams of the dice; each kind of fault has its own, from here on.
enum purpose : std::uint64_t { for_climate = 1, for_kinds = 16 };

climate draw_climate(std::uint64_t seed) {
  dice d{seed, for_climate};
  climate c;
  c.choice = static_cast<schedule>(d.below(3));
  if (auto depth = d.up_to(pct_depth_max); c.choice == schedule::pct)
    c.pct_depth = static_cast<std::uint32_t>(depth);
  c.step_cost = d.one_of(step_costs);
  c.latency = d.one_of(latencies);
  c.commit = d.one_of(commits);
  c.hold_ppm = d.coin() ? 0 : hold_ppm;
  c.reset_ppm = d.below(3) == 0 ? reset_ppm : 0;
  c.skew_max = d.coin() ? 0ns : skew_max;
  return c;
}

fault draw_fault(fault_kind k, dice& d, const fault_menu& menu, duration horizon) {
  fault f;
  f.what = k;
  auto node = d.below(menu.nodes.size());
  f.node = menu.nodes[node];
  auto shape = shape_of(k);
  if (shape.has_other)
    f.other = menu.nodes[(node + d.up_to(menu.nodes.size() - 1)) % menu.nodes.size()];
  if (shape.has_target)
    f.target = d.one_of(menu.killable);
  if (shape.has_amount)
    f.amount = k == fault_kind::slow_link ? d.up_to(octets_per_ms_max) : 1 + d.up_to(disk_slowness_max - 1);
  if (k == fault_kind::clock_step) {
    auto furthest = d.one_of(clock_steps_max);
    f.lasts = d.between({1ms, furthest});
    if (d.coin())
      f.lasts = -f.lasts;
  } else if (shape.has_lasts) {
    f.lasts = d.between(lasting(k));
  }
  auto at = d.between({std::chrono::floor<std::chrono::microseconds>(horizon / 100), horizon * 9 / 10});
  if (menu.triggers.empty() || d.coin()) {
    f.at = at;
    return f;
  }
  f.event = d.one_of(menu.triggers);
  auto bound = d.one_of(nth_max);
  f.nth = static_cast<std::uint32_t>(d.up_to(bound));
  if (d.coin())
    f.delay = d.between({0us, delay_max});
  return f;
}

bool can_serve(const fault_menu& menu, fault_kind k) {
  if (menu.nodes.empty())
    return false;
  auto shape = shape_of(k);
  return (!shape.has_other || menu.nodes.size() >= 2) && (!shape.has_target || !menu.killable.empty())
      && (menu.kinds.empty() || std::find(menu.kinds.begin(), menu.kinds.end(), k) != menu.kinds.end());
}

}  // namespace

plan generate_plan(std::uint64_t seed, const fault_menu& menu, duration horizon, duration settle) {
  plan p;
  p.seed = seed;
  p.weather = draw_climate(seed);
  p.horizon = horizon;
  p.settle = settle;
  for (std::size_t i = 0; i < fault_kinds; ++i) {
    auto kind = static_cast<fault_kind>(i);
    dice d{seed, for_kinds + i};
    if (!can_serve(menu, kind) || menu.faults_max == 0 || d.coin())
      continue;
    // Few more often than many: with all kinds at their most, nothing works long enough to break.
    auto most = d.up_to(menu.faults_max);
    for (auto n = d.up_to(most); n > 0; --n)
      p.faults.push_back(draw_fault(kind, d, menu, horizon));
  }
  // In the order of time; those tied to events come last.
  auto moment = [](const fault& f) { return f.event.empty() ? f.at : duration::max(); };
  std::stable_sort(p.faults.begin(), p.faults.end(),
                   [&](const fault& a, const fault& b) { return moment(a) < moment(b); });
  for (std::size_t i = 0; i < p.faults.size(); ++i)
    p.faults[i].id = static_cast<std::uint32_t>(i);
  return p;
}

}  // namespace beamline::testing
