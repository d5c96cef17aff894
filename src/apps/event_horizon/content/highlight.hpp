#pragma once

#include "base/html.hpp"

#include <string_view>

namespace beamline::event_horizon {

/// Code as HTML, coloured on the server: `<span class="hl-k">if</span> …`. Classes: `hl-k` words of the language,
/// `hl-t` types, tags and names of its library, `hl-s` texts, `hl-n` numbers and constants, `hl-c` comments, `hl-a`
/// attributes, keys and atoms, `hl-i` and `hl-d` lines that a diff puts in and takes out.
///
/// `language` is the first word behind the fence: cpp, erlang, elixir, js, json, bash, python, sql, html, css, toml,
/// yaml, diff, and the other names these go by. Code in other languages is only escaped. Every octet of the code stays:
/// with the tags taken out the result reads as the code did. Takes time in proportion to the code. Pure, thread-safe.
[[nodiscard]] safe_html highlight_code(std::string_view code, std::string_view language);

/// Whether code in that language is coloured.
[[nodiscard]] bool is_highlighted(std::string_view language);

}  // namespace beamline::event_horizon
