#pragma once

#include "apps/accumulator/options.hpp"
#include "apps/event_horizon/catalogue.hpp"
#include "net/outbox/event_class.hpp"
#include "net/outbox/options.hpp"
#include "testing/net/simulated_links.hpp"
#include "testing/world.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

/// Two hosts of a blog whose readers make events, each with a real outbox and the process that knows the numbers; and a
/// real accumulator, whose lives share a disk.
namespace beamline::sim_outbox {

inline const std::string accumulator_node = "t@sim";

// What readers look at: posts, and one page. Events about `echo` are also broadcast, so nothing is said of their order.
inline constexpr std::array<const char*, 4> posts{"k0", "k1", "k2", "echo"};
inline constexpr std::string_view echo_post = "echo";
inline constexpr std::string_view page = "home";

/// What the whole program of one run shares, on all its nodes; reached by `env().get<load_gate>()`.
struct load_gate {
  bool is_load_on = true;
};

/// Every other run drops visits when an outbox is full; in the others nothing may be dropped.
[[nodiscard]] inline bool may_drop(const testing::world& w) { return w.seed() % 2 == 0; }
/// As a blog has them. Their table is the same for all nodes of a run.
[[nodiscard]] std::shared_ptr<const net::outbox::class_table> event_classes(bool may_drop);
/// Whether events of that type go when an outbox is full, in such a run.
[[nodiscard]] bool is_droppable(std::string_view kind);

/// Small bounds, so that they are reached; in some runs a rate that holds drains up.
[[nodiscard]] net::outbox::outbox_options outbox_options_of(const testing::world& w);
[[nodiscard]] accumulator::accumulator_options accumulator_options_of();
[[nodiscard]] testing::simulated_links_options links_of(std::string_view role);

/// A catalogue of `posts`. Reads files: once for a campaign.
[[nodiscard]] event_horizon::catalogue make_catalogue();

// All numbers are asked for again so often.
inline constexpr duration snapshot_interval = 300ms;

}  // namespace beamline::sim_outbox
