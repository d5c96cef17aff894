#pragma once

#include "net/byte_stream.hpp"
#include "net/resolver.hpp"
#include "testing/net/connection.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace beamline::testing {

class network_core;
class simulated_node;

/// The network and the name servers, as one node sees them. What is asked for after the node's end does nothing.
class node_network final : public net::byte_network, public net::resolver {
public:
  node_network(network_core& core, simulated_node& n);

  void dial(const net::endpoint& to, duration within, on_dial done) override;
  [[nodiscard]] result<std::unique_ptr<net::acceptor>> listen(const net::endpoint& at) override;
  void resolve(net::dns_record what, const std::string& name, on_answer done) override;

  /// Its node ends: nobody who dials is called any more, and what they hold is let go of now.
  void end();
  [[nodiscard]] bool is_ended() const noexcept { return *is_ended_; }
  [[nodiscard]] const machine& on() const noexcept { return on_; }

private:
  struct attempt;

  void look_up_and_dial(const std::shared_ptr<attempt>& a, const std::string& host);
  void dial_address(const std::shared_ptr<attempt>& a, const std::string& address);
  void knock(const std::shared_ptr<attempt>& a);
  void knock_later(const std::shared_ptr<attempt>& a);
  void answer(const std::shared_ptr<attempt>& a, bool is_taken);
  void connect(const std::shared_ptr<attempt>& a);
  void complete(const std::shared_ptr<attempt>& a, result<std::unique_ptr<net::byte_stream>> outcome);

  network_core& core_;
  const machine& on_;
  std::uint64_t incarnation_;
  std::uint64_t questions_ = 0;
  std::vector<std::weak_ptr<attempt>> attempts_;  // Under way, and some that are over.
  std::shared_ptr<bool> is_ended_ = std::make_shared<bool>(false);
};

}  // namespace beamline::testing
