#include "pubsub/system/peer_board.hpp"

#include <utility>

namespace beamline::pubsub {

std::vector<peer_board::difference> peer_board::announce(const std::string& node, std::uint64_t connection,
                                                         pool_map there, const pool_map& here) {
  std::lock_guard lock{mutex_};
  auto& p = peers_[node];
  if (p.connection > connection)
    return {};
  if (p.connection != connection)
    p.told.clear();
  p.connection = connection;
  p.pools = std::move(there);
  std::vector<difference> news;
  for (const auto& [system, pool] : here) {
    auto other = p.pools.find(system);
    auto size = other == p.pools.end() ? 0 : other->second;
    auto told = p.told.find(system);
    if (size == pool)
      p.told.erase(system);
    else if (told == p.told.end() || told->second != size)
      news.push_back({system, pool, p.told[system] = size});
  }
  return news;
}

void peer_board::forget(std::string_view node, std::uint64_t connection) {
  std::lock_guard lock{mutex_};
  if (auto p = peers_.find(node); p != peers_.end() && p->second.connection <= connection)
    peers_.erase(p);
}

bool peer_board::lacks(std::string_view node, std::string_view system) const {
  std::lock_guard lock{mutex_};
  auto p = peers_.find(node);
  return p != peers_.end() && !p->second.pools.contains(std::string{system});
}

}  // namespace beamline::pubsub
