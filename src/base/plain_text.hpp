#pragma once

#include <string>
#include <string_view>

/// What people type into forms. Who sends it and who takes it must mean the same by this: a host checks a comment with
/// words for its writer, and the accumulator once more when it comes. Pure.
namespace beamline {

/// Without white space around it; lines end with '\n'.
[[nodiscard]] std::string trimmed(std::string text);
/// The same on one line, as names are.
[[nodiscard]] std::string on_one_line(std::string text);
/// UTF-8 without control characters but '\n' and '\t'.
[[nodiscard]] bool is_plain_text(std::string_view text);

}  // namespace beamline
