#pragma once

#include "web/template/diagnostics.hpp"

#include <optional>
#include <string>

namespace beamline::web::heex {

/// A longer line is broken where white space may stand.
inline constexpr std::size_t line_characters_max = 120;

/// The template in its usual form: two spaces for each level, one attribute per line if they do not fit, text filled
/// into lines. Formatting twice changes nothing more, and the template means what it meant: white space is added or
/// taken away only where `normalise_space` says that it is not seen. C++ stays as it is written.
///
/// Nothing if the template cannot be read; the errors are in `out`.
[[nodiscard]] std::optional<std::string> format(const source& from, diagnostics& out);

}  // namespace beamline::web::heex
