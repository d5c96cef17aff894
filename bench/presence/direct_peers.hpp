#pragma once

#include "actors/node.hpp"
#include "actors/peers.hpp"

#include <atomic>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace beamline::bench {

/// Nodes of one program that are linked from the beginning to the end: what one sends is cast to the other at once. It
/// counts, which is what it is for.
class direct_peers final : public peers {
public:
  explicit direct_peers(node& own) : own_{own} {}
  /// Before anything runs on either.
  void link(direct_peers& other) { others_.push_back(&other); }

  [[nodiscard]] std::uint64_t messages() const noexcept { return messages_.load(std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t octets() const noexcept { return octets_.load(std::memory_order_relaxed); }

  result<void> send(std::string_view to, lane, std::string_view service, bytes payload) override {
    for (auto* other : others_)
      if (other->own_.identity()->name == to) {
        messages_.fetch_add(1, std::memory_order_relaxed);
        octets_.fetch_add(payload.size(), std::memory_order_relaxed);
        other->take({*own_.identity(), std::string{service}, std::move(payload)});
        return {};
      }
    return error{errc::unavailable, "no node " + std::string{to} + " is linked"};
  }
  void register_service(std::string service, pid handler) override {
    std::lock_guard lock{mutex_};
    services_.insert_or_assign(std::move(service), std::move(handler));
  }
  [[nodiscard]] std::vector<peer_info> subscribe_with_snapshot(pid, node_kinds which) override { return list(which); }
  std::size_t unsubscribe(const pid&, node_kinds) override { return 0; }
  result<void> signal(const node_identity&, std::uint64_t, bytes) override {
    return error{errc::unavailable, "these nodes exchange no signals"};
  }
  [[nodiscard]] std::vector<peer_info> list(node_kinds) const override {
    std::vector<peer_info> all;
    for (const auto* other : others_)
      all.push_back({.identity = *other->own_.identity(), .role = "bench", .version = "1", .connection = 1});
    return all;
  }

private:
  void take(peer_message m) {
    pid handler;
    {
      std::lock_guard lock{mutex_};
      auto s = services_.find(m.service);
      if (s == services_.end())
        return;
      handler = s->second;
    }
    own_.processes().tell(own_.processes().resolve(handler), std::move(m));
  }

  node& own_;
  std::vector<direct_peers*> others_;
  std::mutex mutex_;
  std::map<std::string, pid> services_;
  std::atomic<std::uint64_t> messages_{0};
  std::atomic<std::uint64_t> octets_{0};
};

}  // namespace beamline::bench
