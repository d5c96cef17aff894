#pragma once

#include "base/random.hpp"
#include "base/result.hpp"

#include <filesystem>
#include <string>

namespace gallery {

/// The secret that signs cookies and tokens: what stands in `dir`/secret, made there (mode 0600) by the first start. So
/// pages stay valid over restarts. Without `dir`: a fresh one, and every open page loads anew after a restart. Blocks.
///
/// Errors: `io`, `corrupt` (too short to be one of ours). The message names the file and the remedy.
[[nodiscard]] beamline::result<std::string> site_secret(const std::filesystem::path& dir,
                                                        beamline::random_source& random);

}  // namespace gallery
