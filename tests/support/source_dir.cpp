#include "support/source_dir.hpp"

namespace beamline::testing {

std::filesystem::path source_dir() { return BEAMLINE_SOURCE_DIR; }

}  // namespace beamline::testing
