#pragma once

#include "base/telemetry.hpp"
#include "store/database.hpp"
#include "store/options.hpp"

#include <memory>

namespace beamline::store {

/// Opens the database that the options name, with store workers of its own: PostgreSQL if `database_url` is given, the
/// SQLite file otherwise. Blocks for as long as opening and checking take; errors are those of the back end
/// (`sqlite::open`, `postgres::open`), ready to be shown to people. `events` and `time` must outlive the database.
[[nodiscard]] result<std::unique_ptr<database>> open_database(const store_options& opts, telemetry& events,
                                                              const clock& time);

/// The same for what must stay on the node whatever `database_url` says: always the SQLite file.
[[nodiscard]] result<std::unique_ptr<database>> open_file(const store_options& opts, telemetry& events,
                                                          const clock& time);

}  // namespace beamline::store
