#pragma once

#include "actors/process_access.hpp"

#include <functional>

namespace beamline::supervision {

// How often a process that is not there yet is looked for.
inline constexpr duration depend_on_interval = std::chrono::milliseconds{50};

/// Ties a process to another one that somebody else supervises, and in which it has state: a subscription, a
/// registration. Looks until `service` (a name, mostly) is there, then calls `found` with its id; when that process
/// ends so does this one, with `custom: needs ..., which has ended`. Its supervisor starts it anew, and it finds the
/// successor.
///
///   hold_start();                                                        in init: it starts when it found it
///   depend_on(process_access{*this}, rpc_on(env()), [this](const pid& rpc) {
///     cast(rpc, register_procedures{...});
///     confirm_start();
///   });
void depend_on(process_access self, pid service, std::function<void(const pid& found)> found);

}  // namespace beamline::supervision
