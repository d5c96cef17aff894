#pragma once

#include "actors/node.hpp"
#include "actors/timer_thread.hpp"
#include "base/log.hpp"
#include "base/random.hpp"
#include "base/telemetry.hpp"
#include "net/machine/machine_links.hpp"
#include "net/real/real_processes.hpp"
#include "net/tcp/real_network.hpp"

#include <doctest/doctest.h>

#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace beamline::testing {

struct real_node_options {
  std::string name{};
  std::uint64_t incarnation = 1;
  std::string host = "127.0.0.1";
  message_contract contract = real_contract();
  std::shared_ptr<const net::tls_context> tls{};
  net::links_options links{};  // `listen` is filled in, and the keys if they are empty.
  std::function<std::unique_ptr<net::carriers>(net::carriers&)> wrap{};  // Carriers around those of the middleman.
};

inline net::keyring real_keys() {
  net::keyring k;
  k.current = {"1", "a cookie for tests, which is long enough"};
  return k;
}

/// A node as in production, but for its program, with a witness and an echo. It listens on a port that the system
/// chooses.
class real_node {
public:
  explicit real_node(real_node_options o)
      : home_{
          node::options{
              .name = o.name, .incarnation = o.incarnation, .contract = o.contract, .configure = net::load_carriers},
          environment::ports{clock_, random_, *log_, events_, timers_}} {
    o.links.listen = net::endpoint{o.host, 0};
    if (o.links.keys.current.id.empty())
      o.links.keys = real_keys();
    machine_ = net::machine_links::start(home_, {std::move(o.links), o.tls, std::move(o.wrap)}).value();
    home_.env().use_peers(links());
    REQUIRE(home_.await_init(home_.spawn<witness>(seen), 10s));
    REQUIRE(home_.await_init(home_.spawn<echo>(echoed), 10s));
    links().begin();
  }
  ~real_node() {
    CHECK(close());
    home_.shutdown(5s);
    machine_.reset();
  }
  real_node(const real_node&) = delete;
  real_node& operator=(const real_node&) = delete;

  /// Ends its links; false if that takes too long.
  bool close() { return machine_->close(10s); }

  /// Blocks until it is known how that went.
  net::connect_outcome connect(const net::endpoint& to, const net::expectation& who = {}) {
    auto told = std::make_shared<std::promise<net::connect_outcome>>();
    links().connect(to, who, [told](const net::connect_outcome& o) { told->set_value(o); });
    auto moment = told->get_future();
    REQUIRE(moment.wait_for(20s) == std::future_status::ready);
    return moment.get();
  }
  net::connect_outcome connect(const real_node& to) { return connect(to.at()); }
  /// Both are linked, and know it.
  void link(real_node& with) {
    auto o = connect(with);
    REQUIRE_MESSAGE(o.ok(), o.detail);
    REQUIRE(seen.wait_for("up " + with.name()));
    REQUIRE(with.seen.wait_for("up " + name()));
  }

  [[nodiscard]] const std::string& name() const { return machine_->get()->card().identity.name; }
  [[nodiscard]] net::endpoint at() const { return *machine_->get()->listens_at(); }
  [[nodiscard]] node& home() noexcept { return home_; }
  [[nodiscard]] net::links& links() noexcept { return *machine_->get(); }
  [[nodiscard]] net::net_thread& thread() noexcept { return machine_->thread(); }
  [[nodiscard]] net::middleman_carriers& middleman() noexcept { return machine_->middleman(); }
  [[nodiscard]] const clock& time() const noexcept { return clock_; }
  /// A process of this node as others address it.
  [[nodiscard]] pid process(const std::string& registered) const {
    return {std::make_shared<const node_identity>(machine_->get()->card().identity), registered};
  }
  [[nodiscard]] std::optional<net::link_stats> link_with(std::string_view peer) const {
    for (const auto& l : machine_->get()->stats())
      if (l.peer.identity.name == peer)
        return l;
    return std::nullopt;
  }
  /// Lines of the log that have that text.
  [[nodiscard]] std::vector<std::string> logged(std::string_view text) const {
    auto all = log_->recent();
    std::erase_if(all, [&](const std::string& line) { return line.find(text) == std::string::npos; });
    return all;
  }

  journal seen;
  echo_counters echoed;

private:
  system_clock clock_;
  system_random random_;
  std::unique_ptr<logger> log_ = logger::in_memory(clock_);
  telemetry events_;
  timer_thread timers_{clock_};
  node home_;
  std::unique_ptr<net::machine_links> machine_;
};

}  // namespace beamline::testing
