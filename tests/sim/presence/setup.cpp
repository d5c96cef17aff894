#include "sim/presence/setup.hpp"

#include "base/json.hpp"
#include "base/telemetry.hpp"
#include "sim/presence/events.hpp"

#include <algorithm>
#include <charconv>

namespace beamline::gathering {

namespace {

constexpr duration usual_period = 100ms;
constexpr int slow_times = 2;
constexpr int trips_per_period = 5;

bool is_slow(const testing::world& w) { return w.weather().step_cost.max >= 500us; }

std::uint64_t number_of(std::string_view text) {
  std::uint64_t n = 0;
  std::from_chars(text.data(), text.data() + text.size(), n);
  return n;
}

/// "presence:guests:1" is shard 1.
std::uint64_t shard_number(const pid& shard) { return number_of(shard.name().substr(shard.name().rfind(':') + 1)); }

void show(environment& env, const std::string& tracker, std::uint64_t shard, const presence::tracked& t, bool is_join) {
  entry_shown e{tracker, shard, t.key.topic, t.at.replica.name, t.at.replica.version, t.key.actor, t.key.key, {},
                {},      1};
  e.is_join = is_join;
  auto meta = parse_json(*t.meta).value();
  std::string ref, prev;
  if (meta.is_object()) {
    ref = meta.value("phx_ref", std::string{});
    prev = meta.value("phx_ref_prev", std::string{});
  } else {
    e.weight = meta.get<std::uint64_t>();
  }
  e.ref = ref;
  e.ref_prev = prev;
  env.events().emit(e);
}

void tell(environment& env, const std::string& tracker, const presence::diff& d) {
  if (d.empty())
    return;
  std::uint64_t shard = 0;
  for (const auto& [topic, change] : d) {
    shard = shard_number(presence::shard_of(env, tracker, topic));
    for (const auto& t : change.leaves)
      show(env, tracker, shard, t, false);
    for (const auto& t : change.joins)
      show(env, tracker, shard, t, true);
  }
  env.events().emit(diff_told{tracker, shard});
}

}  // namespace

std::string private_system_of(std::string_view node) { return node.starts_with("c") ? "blue" : "red"; }

// After a link came up a replica has one period to be heard: greetings take two round trips.
duration period_of(const testing::world& w) {
  return std::max(usual_period * (is_slow(w) ? slow_times : 1), trips_per_period * w.weather().latency.max);
}

duration down_period_of(const testing::world& w) { return 8 * period_of(w); }

std::optional<duration> grace_of(const testing::world& w) {
  return w.seed() % 5 == 0 ? std::nullopt : std::optional{3 * period_of(w)};
}

presence::tracker_options tracker_options_of(testing::simulated_node& n, std::string_view tracker) {
  auto seed = n.world().seed();
  presence::tracker_options o;
  o.name = tracker;
  o.mode = tracker == crowd_tracker ? presence::tracker_mode::count : presence::tracker_mode::members;
  o.shards = tracker == crowd_tracker ? 1 : 2;
  o.broadcast_period = period_of(n.world());
  o.silent_periods_max = 3;
  o.down_period = down_period_of(n.world());
  o.permdown_period = 16 * o.broadcast_period;
  o.nodedown_grace = grace_of(n.world());
  o.leaves_on_shutdown = seed % 2 == 0;
  if (seed % 3 == 0)
    o.delta_sizes_max = {2, 4, 8};  // Deltas do not last, whole states go.
  o.on_diff = [&env = n.env(), name = o.name](const presence::diff& d) { tell(env, name, d); };
  return o;
}

pubsub::system_options system_options_of(testing::simulated_node& n, std::string name) {
  pubsub::system_options o;
  o.name = std::move(name);
  o.partitions = 2;
  o.pool_size = n.name().starts_with("b") ? 3 : 2;  // They need not agree.
  return o;
}

testing::simulated_links_options links_of(const testing::world& w) {
  testing::simulated_links_options o;
  // The slowest climates need a quarter of a second for a handshake. And what is healed must be linked again soon,
  // whatever failed before.
  o.links.setup_time = 600ms;
  o.links.strangers.back_off_min = 20ms;
  o.links.strangers.back_off_max = 320ms;
  if (w.seed() % 3 == 1) {  // What is said goes in pieces, and waits for credit.
    o.links.lanes.window_octets = 8U << 10;
    o.links.lanes.envelope_octets_max = 1U << 10;
  }
  return o;
}

}  // namespace beamline::gathering
