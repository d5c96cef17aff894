#pragma once

#include "supervision/applications/messages.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace beamline::supervision {

/// What the core knows of an application: everything but its functions.
struct application_facts {
  std::string name;
  std::string description;
  std::vector<std::string> dependencies;
  application_type type = application_type::temporary;
  std::vector<std::string> phases;
  bool has_start = false;
  bool has_prep_stop = false;
  bool has_stop = false;
};
[[nodiscard]] application_facts facts_of(const application& a);

enum class application_hook : std::uint8_t { start, phase, prep_stop, stop };

}  // namespace beamline::supervision
