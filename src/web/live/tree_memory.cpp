#include "web/live/tree_memory.hpp"

namespace beamline::web::live {

void tree_memory::set_tree(words now) {
  // A copy of exactly the right size: an idle view should not pay for the room to grow.
  words_ = now.capacity() == now.size() ? std::move(now) : words(now.begin(), now.end());
}

std::vector<std::uint64_t> components_in(std::span<const std::uint64_t> tree) {
  using kind = tree_memory::kind;
  auto out = std::vector<std::uint64_t>{};
  for (std::size_t at = 0; at < tree.size();) {
    const auto word = tree[at];
    switch (static_cast<kind>(word & 3)) {
      case kind::text: ++at; break;
      case kind::node: at += 2; break;
      case kind::list: at += (tree[at + 2] & 2) != 0 ? 4 : 3; break;
      case kind::component:
        out.push_back(word >> 2);
        ++at;
        break;
    }
  }
  return out;
}

}  // namespace beamline::web::live
