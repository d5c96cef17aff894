#pragma once

#include "base/result.hpp"
#include "program/settings.hpp"
#include "program/stop_signal.hpp"

namespace beamline::program {

/// Starts the applications that the configuration names, runs until `stop`, and ends them in order. Blocks.
///
///   node
///   ├─ control socket                                      beside the tree, so that it works when that does not
///   └─ application controller
///      ├─ runtime:       link · rpc · pubsub · link opener
///      ├─ accumulator:   store · counter · readiness       if named
///      ├─ event_horizon: analytics · readiness             if named
///      ├─ links          peers may come: what they call is there
///      └─ web:           sessions · endpoint · readiness
///
/// Each is `permanent`: one whose supervisor gives up ends the node. `loaded` is what `from` gave. An error says what
/// could not be started and what to do, why the node had to end, or who was still running when the time to end was up.
[[nodiscard]] result<void> run_node(const settings_schema& schema, const config::sources& from,
                                    const config::loaded& loaded, stop_signal& stop);

}  // namespace beamline::program
