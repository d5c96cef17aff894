#pragma once

#include "apps/event_horizon/content/feeds.hpp"
#include "apps/event_horizon/facade.hpp"

namespace beamline::event_horizon {

/// What the pages say about the site: its title, and its address as configured, which may be empty.
[[nodiscard]] inline site_facts facts_of(const blog& of) { return {of.options().title, of.options().url}; }

}  // namespace beamline::event_horizon
