#pragma once

#include "base/telemetry.hpp"
#include "store/database.hpp"
#include "store/options.hpp"

#include <memory>

namespace beamline::store {

/// Opens the node's database with store workers of its own. Blocks for as long as opening and checking take;
/// errors are those of the back end (`sqlite::open`), ready to be shown to people. `events` and `time` must outlive
/// the database.
[[nodiscard]] result<std::unique_ptr<database>> open_database(const store_options& opts, telemetry& events,
                                                              const clock& time);

}  // namespace beamline::store
