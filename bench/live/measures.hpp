#pragma once

#include "base/time.hpp"
#include "live/figures.hpp"
#include "live/load/crowd.hpp"

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <string>

/// What is measured of a server in another process, driven by a crowd in this one. Every figure of the server's CPU is
/// user and system time; the client's own is stated beside it. Throw std::runtime_error when the server does not do
/// what it should.
namespace beamline::bench {

struct measured_server {
  pid_t id;
  std::uint16_t port;
};

struct join_cost {
  double ms = 0;  // On the wall.
  double server_us = 0;
  double client_us = 0;
  double kib_per_view = 0;  // What the server's private memory has grown by, with its socket.
};
/// So many more come, each with a page, a connection and a join.
[[nodiscard]] join_cost measure_joins(const measured_server& s, crowd& c, std::size_t more);

struct delivery_cost {
  double ms_until_last = 0;  // The median.
  double server_us = 0;
  double client_us = 0;
  std::size_t octets = 0;  // Of one on the wire.
};
/// The last visitor's `like` changes the page of all, `rounds` times.
[[nodiscard]] delivery_cost measure_fan_out(const measured_server& s, crowd& c, int rounds);

struct click_cost {
  double per_second = 0;
  double ms_p99 = 0;
  double server_us = 0;
  double client_us = 0;
  std::size_t octets = 0;  // Of the reply.
};
/// The first `clickers` each click again as soon as they have the reply, for so long.
[[nodiscard]] click_cost measure_clicks(const measured_server& s, crowd& c, std::size_t clickers, duration for_time);

/// What they cost while nothing happens but their heartbeats, one each 30 s, in percent of a core.
[[nodiscard]] double measure_idle(const measured_server& s, crowd& c, duration for_time);

struct tick_cost {
  double diffs_per_second = 0;  // Of each visitor.
  double ms_stale_p50 = 0;      // How old what a visitor sees is, just before it sees something newer.
  double ms_stale_p99 = 0;
  double kib_frozen = 0;  // The same, since before the ticks.
  double kib_grown = 0;   // Of the server's private memory, since the ticks have been coming for a while.
  double cores = 0;       // That the server used.
  double client_cores = 0;
};
struct tick_plan {
  std::int64_t per_second;
  std::int64_t seconds;
};
/// A topic changes, while the first `frozen` visitors do not read; afterwards they do, and must come to the newest
/// state like all others. Each time with the same plan.
[[nodiscard]] tick_cost measure_ticks(const measured_server& s, crowd& c, const tick_plan& p, std::size_t frozen);

}  // namespace beamline::bench
