#pragma once

#include <string>

namespace beamline::web::live {

/// What tells this build of the program from another: the identity that the linker gave it. The same for all
/// processes that run the same file. For `endpoint::options::development_build`.
[[nodiscard]] std::string running_build();

}  // namespace beamline::web::live
