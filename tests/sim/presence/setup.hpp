#pragma once

#include "base/time.hpp"
#include "pubsub/presence/tracker.hpp"
#include "pubsub/system.hpp"
#include "testing/net/simulated_links.hpp"
#include "testing/simulated_node.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

/// PubSub and presence on three nodes with the real links between them, and programs that use both.
namespace beamline::gathering {

inline constexpr std::string_view guests_tracker = "guests";  // Mode `members`, two shards.
inline constexpr std::string_view crowd_tracker = "crowd";    // Mode `count`.
inline constexpr std::array trackers{guests_tracker, crowd_tracker};

// In these people are, by tracker.
inline constexpr std::array<const char*, 3> rooms{"lobby", "bar", "roof"};
// On these posts are made; the last one keeps its value.
inline constexpr std::array<const char*, 3> post_topics{"news", "sport", "weather"};
[[nodiscard]] constexpr bool is_kept(std::string_view post_topic) { return post_topic == "weather"; }

/// Besides the one that all have, each node has a system that not all have: c has another one than a and b.
[[nodiscard]] std::string private_system_of(std::string_view node);

/// How long things take there: slow climates make everything slower.
[[nodiscard]] duration period_of(const testing::world& w);
/// Who was silent for longer is taken for gone.
[[nodiscard]] duration down_period_of(const testing::world& w);
/// Nothing: entries of nodes that are gone are hidden when nothing was heard of them for long.
[[nodiscard]] std::optional<duration> grace_of(const testing::world& w);

[[nodiscard]] presence::tracker_options tracker_options_of(testing::simulated_node& n, std::string_view tracker);
[[nodiscard]] pubsub::system_options system_options_of(testing::simulated_node& n, std::string name);
[[nodiscard]] testing::simulated_links_options links_of(const testing::world& w);

}  // namespace beamline::gathering
