#pragma once

#include "actors/peers.hpp"
#include "base/time.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <vector>

namespace beamline::event_horizon {

/// A node as another one knows it.
struct known_node {
  std::string role{};
  std::string version{};
  bool is_up = true;
  time_point since{};            // When it came, or went.
  std::string why{};             // It went: a down_reason's word.
  std::uint64_t connection = 0;  // As peer_info has it.
};

/// A link came up or went down.
struct link_event {
  wall_time at{};
  std::string node{};  // Its whole name.
  bool is_up = true;
  std::string why{};  // Of its end.
};

/// Which nodes are there, which were, and what happened to the links between. Pure; belongs to one process.
class node_roster {
public:
  // Nodes that went are remembered up to so many, those that went last.
  static constexpr std::size_t gone_max = 16;
  // Older ones are forgotten.
  static constexpr std::size_t events_max = 20;

  /// It was there when this began; no event.
  void found(const peer_info& peer, time_point now);
  void up(const peer_info& peer, time_point now, wall_time at);
  /// Of a link that was replaced already: nothing happens.
  void down(const peer_info& peer, const std::string& why, time_point now, wall_time at);

  /// By name, those that went among them.
  [[nodiscard]] const std::map<std::string, known_node>& nodes() const noexcept { return nodes_; }
  /// Newest first.
  [[nodiscard]] const std::deque<link_event>& events() const noexcept { return events_; }

private:
  void note(link_event e);
  void forget_oldest();

  std::map<std::string, known_node> nodes_;
  std::deque<link_event> events_;
};

/// What nodes are called in public. A name is `event_horizon_1@10.0.0.7`; what is behind the @ is an address and
/// nobody's business. Where names are the same in front of it, digits made of the whole name tell them apart, which are
/// the same on every node that knows the same nodes: `event_horizon-3f2a`. Four of them, or as many more as it takes:
/// no two nodes are called the same.
[[nodiscard]] std::map<std::string, std::string> public_names(const std::vector<std::string>& nodes);

/// Why a link ended, in words: a down_reason's; for others `connection lost`.
[[nodiscard]] std::string down_words(const std::string& why);

}  // namespace beamline::event_horizon
