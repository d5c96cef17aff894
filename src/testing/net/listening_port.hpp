#pragma once

#include "net/byte_stream.hpp"
#include "testing/net/connection.hpp"

#include <cstdint>
#include <deque>
#include <memory>

namespace beamline::testing {

class network_core;

/// A port that a node listens on. Shared by its acceptor and by the network for as long as it is open.
class listening_port : public std::enable_shared_from_this<listening_port> {
public:
  // Connections that wait to be accepted; then dialling is not answered for a while.
  static constexpr std::size_t backlog_max = 16;

  enum class reach : std::uint8_t { everybody, others, itself };  // By any address, by the machine's, by loopback.

  struct options {
    const machine* on = nullptr;
    std::uint64_t incarnation = 0;
    net::endpoint at{};
    reach by = reach::everybody;
  };

  listening_port(network_core& core, options o) : core_{core}, options_{std::move(o)} {}

  [[nodiscard]] bool is_reached(bool by_loopback) const noexcept {
    return options_.by == reach::everybody || (options_.by == reach::itself) == by_loopback;
  }
  [[nodiscard]] bool has_room() const noexcept { return backlog_.size() < backlog_max; }
  [[nodiscard]] std::uint64_t incarnation() const noexcept { return options_.incarnation; }
  [[nodiscard]] const net::endpoint& local() const noexcept { return options_.at; }

  void offer(std::shared_ptr<connection> c);
  void accept(net::acceptor::on_accept done);
  /// By its node: whoever waits to be accepted is reset.
  void close();
  /// With its node: nobody is called any more.
  void end();

private:
  void settle();
  void complete();
  void take_away();

  network_core& core_;
  options options_;
  std::deque<std::shared_ptr<connection>> backlog_;
  net::acceptor::on_accept waiting_{};
  bool is_settled_ = false;
  bool is_open_ = true;
};

/// The same, as its node has it.
class simulated_acceptor final : public net::acceptor {
public:
  explicit simulated_acceptor(std::shared_ptr<listening_port> p) : port_{std::move(p)} {}
  ~simulated_acceptor() override { port_->close(); }
  simulated_acceptor(const simulated_acceptor&) = delete;
  simulated_acceptor& operator=(const simulated_acceptor&) = delete;

  void accept(on_accept done) override { port_->accept(std::move(done)); }
  [[nodiscard]] net::endpoint local() const override { return port_->local(); }

private:
  std::shared_ptr<listening_port> port_;
};

}  // namespace beamline::testing
