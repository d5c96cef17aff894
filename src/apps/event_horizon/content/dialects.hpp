#pragma once

#include "apps/event_horizon/content/problem.hpp"

#include <string>
#include <string_view>

namespace beamline::event_horizon {

/// Markdown as Hugo and Jekyll extend it, made plain, line by line: `{% highlight js %}` becomes a fence, `{% raw %}`
/// and
/// `{: .class}` lines go, `{{ site.baseurl }}` goes. Other shortcodes stay and are reported. The number of lines stays.
/// Code between fences is left alone. Pure.
[[nodiscard]] std::string to_plain_markdown(std::string_view source, int first_line, problem_list& problems);

}  // namespace beamline::event_horizon
