#pragma once

#include <filesystem>
#include <iosfwd>

namespace beamline::program {

/// `beamline check-content DIR [--json]`: reads all posts of a folder, drafts included, as a node would, and lists on
/// `out` what is not understood: file, line, what to do. Returns the exit status: 0 when everything is understood, else
/// 1; a folder that cannot be read is told on `err`.
[[nodiscard]] int check_content(const std::filesystem::path& dir, bool as_json, std::ostream& out, std::ostream& err);

}  // namespace beamline::program
