#include "net/outbox/drain.hpp"

#include "base/planted.hpp"

#include <algorithm>
#include <cassert>

namespace beamline::net::outbox {

namespace {

// A batch waits for this part of what it may hold, or for enough for all that wait: no batches of one.
constexpr std::size_t batch_floor_share = 4;

}  // namespace

void drain::target_up(time_point now, random_source& random) {
  failures_ = 0;
  if (is_syncing_)
    return;
  auto delay = random.below(static_cast<std::uint64_t>(options_.start_delay_max.count()) + 1);
  not_before_ = now + duration{static_cast<std::int64_t>(delay)};
}

void drain::nudge(time_point now) {
  failures_ = 0;
  not_before_ = now;
}

drain::step drain::next(time_point now, std::size_t waiting, bool has_target) {
  if (is_under_way_)
    return {};
  if (waiting == 0 || !has_target) {
    is_syncing_ = false;
    return {};
  }
  if (now < not_before_) {
    is_syncing_ = false;
    return {0, not_before_};
  }
  refill(now);
  auto most = std::min(waiting, options_.batch_max);
  auto floor = std::min(most, std::max<std::size_t>(1, options_.batch_max / batch_floor_share));
  if (tokens_ < floor * token) {
    auto missing = floor * token - tokens_;
    auto wait = missing / options_.events_per_s + 1;  // Billionths of a token, per second: nanoseconds.
    return {0, now + duration{static_cast<std::int64_t>(wait)}};
  }
  is_syncing_ = true;
  return {std::min<std::size_t>(most, tokens_ / token), std::nullopt};
}

void drain::started(std::size_t events) {
  assert(!is_under_way_ && is_syncing_ && events * token <= tokens_);
  tokens_ -= events * token;
  is_under_way_ = true;
}

void drain::succeeded() {
  assert(is_under_way_);
  is_under_way_ = false;
  failures_ = 0;
}

void drain::failed(time_point now, random_source& random) {
  if (is_under_way_ && planted::is_on(planted::bug::drain_stuck))
    return;
  is_under_way_ = false;
  is_syncing_ = false;
  not_before_ = now + pause(random);
  ++failures_;
}

void drain::refill(time_point now) {
  auto gone = static_cast<std::uint64_t>(std::max(duration{}, now - refilled_).count());
  refilled_ = std::max(refilled_, now);
  // Full after that long, whatever has gone by.
  auto full = burst() / options_.events_per_s + 1;
  tokens_ = std::min(burst(), tokens_ + std::min(gone, full) * options_.events_per_s);
}

duration drain::pause(random_source& random) const {
  auto d = options_.retry_min;
  for (std::uint32_t i = 0; i < failures_ && d < options_.retry_max; ++i)
    d *= 2;
  d = std::min(d, options_.retry_max);
  return d - duration{static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(d.count()) / 2 + 1))};
}

}  // namespace beamline::net::outbox
