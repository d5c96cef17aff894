#pragma once

#include "program/control/dispatcher.hpp"
#include "program/reloader.hpp"

namespace beamline::program::control {

/// `reload`: reads the configuration again and tells what became of every key that has changed. A refused reload is the
/// error `invalid` that names every problem; its details, as the result, are the report as JSON. `reloads` must outlive
/// the dispatcher.
void add_reload_verb(dispatcher& verbs, reloader& reloads);

}  // namespace beamline::program::control
