#pragma once

#include "base/log.hpp"
#include "net/discovery/note.hpp"

namespace beamline::net {

/// Writes what discovery noticed, area "discovery". docs/operating/discovery.md explains each line.
void log_note(logger& log, const discovery_note& n);

}  // namespace beamline::net
