#pragma once

#include "program/control/remote.hpp"

#include <filesystem>
#include <string>

namespace beamline::program {

/// `beamline outbox import FILE --node NODE` is `beamline remote NODE outbox import FILE`, with the file named as the
/// node can find it.
[[nodiscard]] control::remote_arguments outbox_import(const std::filesystem::path& file,
                                                      control::remote_arguments asked);

}  // namespace beamline::program
