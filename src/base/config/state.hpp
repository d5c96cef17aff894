#pragma once

#include "base/config/schema.hpp"

namespace beamline::config {

/// What a `loaded` shares. Objects stand in the order of the sections.
struct loaded::state {
  std::vector<std::shared_ptr<const section_spec>> sections;
  std::vector<std::shared_ptr<void>> objects;
  std::map<std::string, origin, std::less<>> origins;  // By path; what is absent has its default.
  std::vector<std::string> problems;
  std::vector<std::string> warnings;
};

}  // namespace beamline::config
