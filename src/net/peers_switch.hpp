#pragma once

#include "actors/peers.hpp"

#include <memory>
#include <mutex>

namespace beamline::net {

/// The `peers` of a node whose link may be started anew: passes everything on to the link of the moment, and is a node
/// alone between two of them. Subscriptions and services belong to a link, so whoever has some starts anew with it.
/// Thread-safe.
class peers_switch final : public peers {
public:
  /// Empty: nobody.
  void use(std::shared_ptr<peers> link);

  result<void> send(std::string_view node, lane where, std::string_view service, bytes payload) override;
  void register_service(std::string service, pid handler) override;
  result<void> signal(const node_identity& to, std::uint64_t flow, bytes encoded) override;
  [[nodiscard]] std::vector<peer_info> subscribe_with_snapshot(pid subscriber, node_kinds which) override;
  std::size_t unsubscribe(const pid& subscriber, node_kinds which) override;
  [[nodiscard]] std::vector<peer_info> list(node_kinds which) const override;

private:
  [[nodiscard]] std::shared_ptr<peers> current() const;

  const std::shared_ptr<peers> nobody_ = std::make_shared<null_peers>();
  mutable std::mutex mutex_;  // Guards what follows; not held while a link is called.
  std::shared_ptr<peers> link_ = nobody_;
};

}  // namespace beamline::net
