#pragma once

#include "actors/peers.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace beamline::presence::test {

/// What a node sends to the shards of others.
class counting_peers final : public peers {
public:
  explicit counting_peers(peers& real) : real_{real} {}
  result<void> send(std::string_view node, lane where, std::string_view service, bytes payload) override {
    if (service.starts_with("presence:")) {
      ++messages;
      octets += service.size() + payload.size();
    }
    return real_.send(node, where, service, std::move(payload));
  }
  void register_service(std::string service, pid handler) override {
    real_.register_service(std::move(service), std::move(handler));
  }
  result<void> signal(const node_identity& to, std::uint64_t flow, bytes encoded) override {
    return real_.signal(to, flow, std::move(encoded));
  }
  [[nodiscard]] std::vector<peer_info> subscribe_with_snapshot(pid subscriber, node_kinds which) override {
    return real_.subscribe_with_snapshot(std::move(subscriber), which);
  }
  std::size_t unsubscribe(const pid& subscriber, node_kinds which) override {
    return real_.unsubscribe(subscriber, which);
  }
  [[nodiscard]] std::vector<peer_info> list(node_kinds which) const override { return real_.list(which); }

  std::size_t messages = 0;
  std::size_t octets = 0;

private:
  peers& real_;
};

}  // namespace beamline::presence::test
