#include "apps/content/html_check.hpp"
#include "apps/event_horizon/content/markdown.hpp"
#include "fuzz/targets.hpp"

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

namespace beamline::fuzz {

/// A post's text: whatever it is, the HTML made of it is balanced, and of harmless elements, attributes and addresses.
int fuzz_post_text(const std::uint8_t* data, std::size_t size) {
  const auto made = event_horizon::render_markdown({reinterpret_cast<const char*>(data), size});
  if (const auto wrong = test::what_is_wrong_with(made.body.str()); !wrong.empty()) {
    std::fprintf(stderr, "fuzz_post_text: %s\n%s\n", wrong.c_str(), made.body.str().c_str());
    std::abort();
  }
  for (const auto& heading : made.toc)
    if (made.body.str().find(" id=\"") == std::string::npos || heading.level < 2 || heading.level > 6) {
      std::fprintf(stderr, "fuzz_post_text: a heading that is not there\n");
      std::abort();
    }
  return 0;
}

}  // namespace beamline::fuzz
