#pragma once

#include "actors/node.hpp"
#include "actors/peers.hpp"
#include "net/link/gate.hpp"
#include "net/nodes/live_link.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace beamline::net {

// Longer names of services are refused (`too_large`).
inline constexpr std::size_t service_bytes_max = 64;
// A service more is refused, logged.
inline constexpr std::size_t services_max = 1024;
// A further process that subscribes to status events is refused, logged; the dead ones do not count.
inline constexpr std::size_t status_subscribers_max = 16'384;
// More subscriptions of one process are refused, logged (D48).
inline constexpr std::size_t status_subscriptions_each_max = 65'536;

/// Who is linked, who is told about it, and which process gets what arrives. Thread-safe: one mutex, held while events
/// are put into mailboxes, so that everybody sees them in one order (D51-D54); nothing called under it blocks or calls
/// back.
class node_registry {
public:
  explicit node_registry(node& n) : node_{n} {}

  // -- of the links, on their loop -------------------------------------------------------------

  /// It is listed and told, then its messages are passed on. Returns how many are linked now.
  std::size_t up(const std::shared_ptr<live_link>& link, const peer_info& peer);
  /// Everything that was received over it is passed on already; now it is out of the list, and told.
  std::size_t down(const peer_info& peer, std::string_view why, const std::string& detail);
  /// A message that arrived; any thread. Error: it cannot be read, the link is to be closed.
  result<void> pass_on(const peer_info& from, lane where, const link_message& m);

  // -- the port `peers` --------------------------------------------------------------------------

  /// Null: no such node is linked.
  [[nodiscard]] std::shared_ptr<live_link> find(std::string_view node) const;
  void register_service(std::string service, pid handler);
  [[nodiscard]] std::vector<peer_info> subscribe(pid subscriber, node_kinds which);
  std::size_t unsubscribe(const pid& subscriber, node_kinds which);
  [[nodiscard]] std::vector<peer_info> list(node_kinds which) const;
  [[nodiscard]] std::vector<std::pair<peer_info, std::shared_ptr<live_link>>> links() const;

private:
  struct entry {
    peer_info peer;
    std::shared_ptr<live_link> link;
  };
  template <class Event>
  void tell(const Event& event);
  [[nodiscard]] std::vector<peer_info> list_locked(node_kinds which) const;
  [[nodiscard]] std::size_t visible_locked() const;
  void forget_dead_subscribers();
  void drop(const peer_info& from, std::string_view service, std::string_view why);

  node& node_;
  mutable std::mutex mutex_;  // Guards what follows.
  std::map<std::string, entry, std::less<>> linked_;
  std::map<std::string, pid, std::less<>> services_;
  std::map<std::pair<pid, node_kinds>, std::size_t> subscribers_;
  std::atomic<std::uint64_t> dropped_{0};
};

}  // namespace beamline::net
