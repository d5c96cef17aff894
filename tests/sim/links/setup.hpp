#pragma once

#include "testing/net/simulated_links.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace beamline::linked {

/// What the whole program of one run shares, on all its nodes. Owned by the scenario; reached by `env().get<setup>()`.
struct setup {
  std::vector<std::string> nodes;
  // A message to stop would be lost on a node that is down.
  bool is_load_on = true;
  int slowness = 1;         // All load is so many times rarer.
  bool is_at_rest = false;  // Everything has come to its end; what would go on for ever is let be.
};

/// How the nodes of a run prove themselves.
enum class cookies : std::uint8_t {
  same,     // All have one.
  wrong,    // The last node has another one: nobody may ever be linked with it.
  rotated,  // The last node still proves itself with the previous one, which the others accept.
};
[[nodiscard]] cookies cookies_of(std::uint64_t seed);

/// Nobody may ever be linked with that node.
[[nodiscard]] bool is_outcast(std::uint64_t seed, std::string_view node);
[[nodiscard]] bool may_be_linked(std::uint64_t seed, std::string_view one, std::string_view other);

/// What the links of that node are made with: cookies, lanes wide or narrow.
[[nodiscard]] testing::simulated_links_options options_of(std::uint64_t seed, std::string_view node);

}  // namespace beamline::linked
