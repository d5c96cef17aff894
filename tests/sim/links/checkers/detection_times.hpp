#pragma once

#include "net/events.hpp"
#include "testing/check/telemetry_checker.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace beamline::linked {

/// A peer that falls silent is given up from T x (1 - 1/intensity) to T x (1 + 1/intensity) after its last octet, and
/// nobody is while nothing disturbs the links (I6). Looks at the octets that came over each link from time to time, so
/// what it says of a moment is true give or take `look_every`.
class detection_times final : public testing::telemetry_checker {
public:
  static constexpr duration look_every = 5ms;
  // A node that is to check now does so a few steps later.
  static constexpr duration slack = 10ms;

  /// All links have that tick time and intensity.
  detection_times(testing::world& w, duration tick_time, int intensity);

  void on_start(testing::simulated_node& n) override;
  void on_end(testing::simulated_node& n, testing::node_end how) override;
  [[nodiscard]] bool wants_notes() const override { return true; }
  void on_note(const testing::machine* where, std::string_view text) override;

private:
  struct link {
    std::uint64_t octets = 0;
    time_point before{}, after{};  // Its last octets came between these.
  };

  void look_later();
  void look();
  void look(testing::simulated_node& n);
  void given_up(testing::simulated_node& n, const net::link_changed& e);

  testing::world& world_;
  duration earliest_, latest_;
  std::map<std::uint64_t, std::map<std::uint64_t, link>> links_;              // Of a run, by connection.
  std::map<std::uint64_t, std::map<std::string, std::uint64_t>> connection_;  // Of a run, with a node.
  time_point looked_{};
  time_point disturbed_until_{};
};

}  // namespace beamline::linked
