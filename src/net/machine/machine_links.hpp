#pragma once

#include "net/links.hpp"
#include "net/middleman/middleman_carriers.hpp"
#include "net/tcp/dns_resolver.hpp"
#include "net/tcp/net_thread.hpp"
#include "net/tcp/tcp_network.hpp"

#include <functional>
#include <memory>

namespace beamline::net {

/// A node's links over the machine's own network, and all they stand on: the net thread, DNS, TCP or TLS, CAF's
/// middleman. Putting that together and taking it apart have one right order each, which is here.
///
/// The node must have been made with `load_carriers`. To be used and destroyed from any thread but the net thread;
/// destroyed after `close`, before the node.
class machine_links {
public:
  struct options {
    links_options links{};
    std::shared_ptr<const tls_context> tls{};                               // Without it: TCP.
    std::function<std::unique_ptr<carriers>(carriers&)> carriers_around{};  // What the links get instead of CAF's.
  };

  /// Peers may come after `get()->begin()`. Errors: those of `links::start`, of DNS, and `unsupported` (CAF).
  [[nodiscard]] static result<std::unique_ptr<machine_links>> start(node& on, options o);
  /// Waits for those who are sending just then.
  ~machine_links();
  machine_links(const machine_links&) = delete;
  machine_links& operator=(const machine_links&) = delete;

  /// Says goodbye to all peers. False if not everybody had heard it by then.
  bool close(duration at_most);

  /// To be let go of before this is destroyed, but for a moment.
  [[nodiscard]] const std::shared_ptr<links>& get() const noexcept { return links_; }
  [[nodiscard]] resolver& names() noexcept { return *names_; }
  [[nodiscard]] net_thread& thread() noexcept { return thread_; }
  [[nodiscard]] middleman_carriers& middleman() noexcept { return *middleman_; }

private:
  explicit machine_links(node& on) : on_{on} {}
  result<void> open(options o);

  node& on_;
  net_thread thread_;
  // What follows is made and destroyed on the thread, but for the middleman, which outlives it.
  std::unique_ptr<middleman_carriers> middleman_;
  std::unique_ptr<carriers> around_;
  std::unique_ptr<dns_resolver> names_;
  std::unique_ptr<tcp_network> network_;
  std::shared_ptr<links> links_;
};

}  // namespace beamline::net
