#pragma once

#include "apps/event_horizon/content/feeds.hpp"
#include "apps/event_horizon/facade.hpp"

namespace beamline::event_horizon {

/// What the pages say about the site, its address as configured, which may be empty.
[[nodiscard]] inline site_facts facts_of(const blog& of) {
  const auto& o = of.options();
  return {o.title, o.url, o.description, o.language, o.author};
}

}  // namespace beamline::event_horizon
