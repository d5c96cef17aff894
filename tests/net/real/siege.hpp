#pragma once

#include "net/real/busy_link.hpp"
#include "net/real/process_figures.hpp"
#include "net/real/real_node.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <optional>
#include <string>
#include <utility>

namespace beamline::testing {

inline constexpr std::size_t memory_growth_max = 16U << 20;
inline constexpr std::int64_t slowest_call_ms_max = 1'000;

/// Two linked nodes that call each other all the time. After whatever was done to the first one: nobody else was up,
/// nothing was told to any process, the link is the one from before, each call was answered within a second, no
/// descriptor and no memory is left.
class siege {
public:
  explicit siege(real_node_options first = {}, real_node_options second = {}, duration setup_time = 1s)
      : a{named(std::move(first), "a@127.0.0.1", 1, setup_time)},
        b{named(std::move(second), "b@127.0.0.1", 7, setup_time)} {
    a.link(b);
    busy_.emplace(a, b);
    REQUIRE(busy_->goes_on(200));
    busy_->forget_slowest();
    descriptors_ = open_descriptors();
    memory_ = resident_octets();
    connection_ = a.link_with(b.name())->peer.connection;
    began_ = a.time().now();
  }
  ~siege() {
    CHECK(busy_->goes_on());
    CHECK(busy_->seen().failed == 0);
    CHECK(busy_->slowest_ms() <= slowest_call_ms_max + allowance_ms());
    CHECK(a.seen.text() == seen_by_a);
    CHECK(b.seen.text() == "up a@127.0.0.1");
    CHECK(a.link_with(b.name()).value_or(net::link_stats{}).peer.connection == connection_);
    CHECK(a.echoed.numbered + a.echoed.blobs == 0);
    CHECK_MESSAGE(eventually([&] { return open_descriptors() <= descriptors_; }),
                  "from " << descriptors_ << " to " << open_descriptors() << " descriptors");
    if (is_memory_as_it_is)
      CHECK(resident_octets() < memory_ + memory_growth_max);
    // Strangers of one address: after a line 100 ms of silence, then 200 ms, 400 ms ...
    auto steps = 1 + std::log2(1.0 + static_cast<double>((a.time().now() - began_) / 100ms));
    CHECK(static_cast<double>(a.logged("a connection was refused").size()) <= steps);
    for (const auto& line : a.logged("a connection was refused"))
      CHECK(line.find("127.0.0.1") != std::string::npos);
  }

  [[nodiscard]] std::uint16_t port() const { return a.at().port; }
  /// A node that strangers claim to be: as those of this cluster are, but for its name.
  [[nodiscard]] net::node_card card_of(const std::string& name, std::uint64_t incarnation = 1) {
    auto c = a.links().card();
    c.identity = {name, incarnation};
    return c;
  }
  [[nodiscard]] std::int64_t allowance_ms() const { return busy_->allowance_ms(); }
  [[nodiscard]] bool is_logged(std::string_view text) {
    return eventually([&] { return !a.logged(text).empty(); });
  }

  real_node a, b;
  std::string seen_by_a = "up b@127.0.0.1";

private:
  static real_node_options named(real_node_options o, std::string name, std::uint64_t incarnation,
                                 duration setup_time) {
    o.name = std::move(name);
    o.incarnation = incarnation;
    o.links.setup_time = setup_time;
    return o;
  }
  std::optional<busy_link> busy_;
  std::size_t descriptors_ = 0, memory_ = 0;
  std::uint64_t connection_ = 0;
  time_point began_{};
};

}  // namespace beamline::testing
