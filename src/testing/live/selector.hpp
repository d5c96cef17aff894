#pragma once

#include "testing/live/dom.hpp"

#include <memory>
#include <string_view>
#include <vector>

namespace beamline::testing {

/// A CSS selector: names, `*`, `#id`, `.class`, `[name]` and `[name="value"]` (also ~= |= ^= $= *=),
/// `:nth-child(2n+1)`,
/// `:first-child`, `:last-child`, `:only-child`, `:empty`, `:checked`, `:disabled`, `:not(...)`, `:has(...)`; joined by
/// space, `>`, `+` and `~`; lists with commas.
///
/// Throws `std::invalid_argument` for anything else, with the position.
class selector {
public:
  explicit selector(std::string_view css);

  [[nodiscard]] bool matches(const dom_node& n) const;
  /// All matching elements below `root`, in the order in which they stand.
  [[nodiscard]] std::vector<dom_node*> all(dom_node& root) const;

  struct compound;  // One element's conditions, and what must stand before.

private:
  std::vector<std::shared_ptr<const compound>> alternatives_;
};

}  // namespace beamline::testing
