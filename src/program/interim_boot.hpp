#pragma once

#include "base/result.hpp"
#include "program/settings.hpp"
#include "program/stop_signal.hpp"

namespace beamline::program {

/// Starts everything that the configuration names, runs until `stop`, and ends it in order. Blocks. An error says
/// what could not be started and what to do, or who was still running when the time to end was up.
///
/// The list of what is started, and in which order, is written down here by hand; the application controller of the
/// supervision issue replaces this file.
[[nodiscard]] result<void> run_node(const settings_schema& schema, const config::loaded& settings, stop_signal& stop);

}  // namespace beamline::program
