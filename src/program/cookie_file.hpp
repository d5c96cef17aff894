#pragma once

#include "base/result.hpp"

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

namespace beamline::program {

// A larger file is no cookie.
inline constexpr std::size_t cookie_file_octets_max = 4096;

/// The cookie in a file, without the white space around it. The file must be a regular one, belong to this user or to
/// root, and be closed to everybody else (mode 0600 or less); in `credentials_dir` (systemd's $CREDENTIALS_DIRECTORY,
/// whose access the service manager guards; empty: there is none) only the first counts. A symbolic link is followed;
/// what it leads to is checked. Blocks.
///
/// Errors: `not_found`, `denied` (mode, owner, not readable), `invalid` (no regular file, empty, more than one line),
/// `too_large`, `io`. The message names the file and the remedy, never the content.
[[nodiscard]] result<std::string> read_cookie_file(const std::filesystem::path& file,
                                                   const std::filesystem::path& credentials_dir = {});

/// Makes a file with mode 0600 that holds one line. Errors: `exists` (it is left as it is), `io`.
[[nodiscard]] result<void> write_cookie_file(const std::filesystem::path& file, std::string_view cookie);

}  // namespace beamline::program
