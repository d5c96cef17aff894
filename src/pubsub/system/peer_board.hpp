#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace beamline::pubsub {

/// Which systems the linked nodes have announced. Thread-safe; one per node.
class peer_board {
public:
  using pool_map = std::map<std::string, std::uint64_t>;

  /// What is new to be told of a system of this node.
  struct difference {
    std::string system;
    std::uint64_t here = 0;   // Pool sizes.
    std::uint64_t there = 0;  // 0: the peer has no such system.

    friend bool operator==(const difference&, const difference&) = default;
  };

  /// The peer runs these, and no others. `connection`: over which link of this node it was said. Returns what differs
  /// from `here` and was not returned before for that link.
  [[nodiscard]] std::vector<difference> announce(const std::string& node, std::uint64_t connection, pool_map there,
                                                 const pool_map& here);
  /// The link is down; what was said over a later one stays.
  void forget(std::string_view node, std::uint64_t connection);
  /// True: it has announced its systems, and that is not among them.
  [[nodiscard]] bool lacks(std::string_view node, std::string_view system) const;

private:
  struct peer {
    std::uint64_t connection = 0;
    pool_map pools;
    pool_map told;  // Of systems of this node: what they were said to have there.
  };

  mutable std::mutex mutex_;
  std::map<std::string, peer, std::less<>> peers_;
};

}  // namespace beamline::pubsub
