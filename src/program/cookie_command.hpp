#pragma once

#include "base/random.hpp"

#include <filesystem>
#include <iosfwd>

namespace beamline::program {

/// `beamline cookie new [--file PATH]`: one fresh cookie on one line of `out`, or in a new file of mode 0600, which is
/// then named on `err`. Returns the exit status: 0, or 1 with the reason on `err`. `random` must be fit for secrets.
[[nodiscard]] int cookie_new(const std::filesystem::path& file, random_source& random, std::ostream& out,
                             std::ostream& err);

}  // namespace beamline::program
