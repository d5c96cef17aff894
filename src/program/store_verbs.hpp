#pragma once

#include "base/log.hpp"
#include "base/telemetry.hpp"
#include "program/control/dispatcher.hpp"
#include "store/database.hpp"

#include <functional>
#include <memory>
#include <vector>

namespace beamline::program {

// Time for the answer of `store-backup`; a backup that takes longer goes on, and the log tells its end.
inline constexpr duration backup_answer_time = 10min;

/// What `beamline remote NODE` and `beamline store` do with a node's database:
///
///   store-backup FILE     writes a copy of the database, while the node runs, to a file that must not exist
///
/// `store` is asked at each request and gives null while there is none (the application is not on this node, or is
/// being restarted): `unavailable`. It is called on the control server's thread.
void add_store_verbs(control::dispatcher& verbs, std::function<std::shared_ptr<store::database>()> store);

/// Puts into the log what the store tells of connections to a database server, and of backups. `log` outlives it.
class store_reports {
public:
  store_reports(telemetry& events, logger& log);

private:
  std::vector<telemetry::handle> handles_;
};

}  // namespace beamline::program
