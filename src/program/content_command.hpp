#pragma once

#include "apps/event_horizon/content/loader.hpp"

#include <filesystem>
#include <iosfwd>

namespace beamline::program {

struct content_arguments {
  std::filesystem::path dir;
  bool as_json = false;
  event_horizon::content_limits limits;  // Of the node that shall serve it; drafts are read in any case.
};

/// `beamline check-content DIR [--json] [--config FILE]... [--set KEY=VALUE]...`: reads all posts of a folder, drafts
/// included, as a node with that configuration would, and lists on `out` what is not understood: file, line, what to
/// do. Returns the exit status: 0 when everything is understood, else 1; a folder that cannot be read is told on `err`.
[[nodiscard]] int check_content(const content_arguments& args, std::ostream& out, std::ostream& err);

}  // namespace beamline::program
