#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>

namespace beamline::event_horizon {

// Longer ids are refused.
inline constexpr std::size_t id_bytes_max = 120;

/// The ids of one post: each once, and none that the page around it has. A new element of the page with an id that a
/// heading could have belongs into `is_of_page`.
class id_registry {
public:
  /// An id made of a heading's text, unlike all others: `what-it-is`, `what-it-is-1`, …
  [[nodiscard]] std::string make(std::string_view text);
  /// True: nobody had it, and it is taken now.
  [[nodiscard]] bool claim(std::string_view id);

private:
  [[nodiscard]] static bool is_of_page(std::string_view id);

  std::set<std::string, std::less<>> taken_;
  std::map<std::string, int, std::less<>>
      numbers_;  // The last one behind each stem, so that many equal headings are cheap.
};

}  // namespace beamline::event_horizon
