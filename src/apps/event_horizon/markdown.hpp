#pragma once

#include "base/html.hpp"
#include "base/result.hpp"

#include <string_view>
#include <vector>

namespace beamline::event_horizon {

/// Markdown as HTML: CommonMark with tables, strikethrough and links made of bare addresses. Nothing of the source gets
/// into the page as markup of its own: raw HTML is left out, and so are addresses such as `javascript:`. So it is safe
/// even for text that strangers wrote. Pure and thread-safe. Invalid UTF-8 becomes U+FFFD.
[[nodiscard]] safe_html render_markdown(std::string_view source);

/// The lines, from 1, of headings of the first level, which a page has one of already: its title.
[[nodiscard]] std::vector<int> first_level_headings(std::string_view source);

}  // namespace beamline::event_horizon
