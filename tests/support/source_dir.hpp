#pragma once

#include <filesystem>

namespace beamline::testing {

/// The root of this checkout, for tests that read what is committed. Only one object knows it: so those of all other
/// tests are the same in every clone, and the compiler cache of one serves the next.
[[nodiscard]] std::filesystem::path source_dir();

}  // namespace beamline::testing
