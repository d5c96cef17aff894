#pragma once

#include "apps/event_horizon/facade.hpp"
#include "store/database.hpp"
#include "supervision/supervisor.hpp"
#include "testing/world.hpp"

#include <memory>
#include <string_view>

namespace beamline::sim_outbox {

inline constexpr std::string_view host_role = "event_horizon";

/// What runs on a host: calls, topics, the outbox, who shows the numbers, who makes events.
[[nodiscard]] supervision::supervisor_spec host_tree(event_horizon::blog& blog, std::shared_ptr<store::database> db,
                                                     const testing::world& w);
/// What runs on the accumulator: calls, topics, the counter and who forgets.
[[nodiscard]] supervision::supervisor_spec accumulator_tree(std::shared_ptr<store::database> db);

}  // namespace beamline::sim_outbox
