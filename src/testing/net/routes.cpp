#include "testing/net/routes.hpp"

#include "base/random.hpp"
#include "testing/net/pipe.hpp"

#include <algorithm>

namespace beamline::testing {

namespace {

// A slow way lets octets through in portions of so much time: they trickle, in not too many events.
constexpr std::uint64_t portion_ms = 8;
constexpr std::uint64_t routes_seed = 31;

}  // namespace

routes::routes(world& w) : world_{w}, seed_{w.derive_seed(routes_seed)} {}

void routes::carry(std::uint32_t from, std::uint32_t to, time_point when, std::function<void()> arrive) {
  world_.at(when, [this, where = key{from, to}, arrive = std::move(arrive)]() mutable {
    arrive_or_stand(where, std::move(arrive));
  });
}

void routes::arrive_or_stand(key where, std::function<void()> arrive) {
  auto w = ways_.find(where);
  if (w != ways_.end() && (w->second.is_cut || w->second.stalled_until > world_.now()))
    w->second.standing.push_back(std::move(arrive));
  else
    arrive();
}

void routes::release(key where) {
  auto& w = ways_[where];
  auto standing = std::exchange(w.standing, {});
  for (auto& arrive : standing) {
    auto draw = mix64(seed_ ^ mix64((std::uint64_t{where.first} << 32) + where.second) ^ mix64(++w.released));
    carry(where.first, where.second, world_.now() + pick(world_.weather().latency, draw), std::move(arrive));
  }
}

void routes::stall(std::uint32_t from, std::uint32_t to, duration d) {
  key where{from, to};
  auto& until = ways_[where].stalled_until;
  until = std::max(until, world_.now() + d);
  world_.at(until, [this, where] {
    auto& w = ways_[where];
    if (!w.is_cut && w.stalled_until <= world_.now())
      release(where);
  });
}

void routes::slow(std::uint32_t from, std::uint32_t to, std::uint64_t octets_per_ms) {
  ways_[{from, to}].octets_per_ms = octets_per_ms;
}

void routes::heal(std::uint32_t from, std::uint32_t to) {
  auto w = ways_.find({from, to});
  if (w == ways_.end())
    return;
  w->second.is_cut = false;
  w->second.stalled_until = {};
  w->second.octets_per_ms = 0;
  w->second.free_at = {};
  release(w->first);
}

void routes::heal_all() {
  for (const auto& [where, w] : ways_)
    heal(where.first, where.second);
}

bool routes::is_cut(std::uint32_t from, std::uint32_t to) const {
  auto w = ways_.find({from, to});
  return w != ways_.end() && w->second.is_cut;
}

std::uint64_t routes::portion(std::uint32_t from, std::uint32_t to) const {
  auto w = ways_.find({from, to});
  return w == ways_.end() ? 0 : w->second.octets_per_ms * portion_ms;
}

time_point routes::pass(std::uint32_t from, std::uint32_t to, std::uint64_t octets) {
  auto& w = ways_[{from, to}];
  auto takes = duration{1ms} * static_cast<duration::rep>(octets) / static_cast<duration::rep>(w.octets_per_ms);
  w.free_at = std::max(w.free_at, world_.now()) + takes;
  return w.free_at;
}

}  // namespace beamline::testing
