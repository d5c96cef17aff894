#pragma once

// What the same work costs in CAF alone: the base line of the ratios. The least that deserves the name: a one_for_one
// loop over monitors, without order, intensity, handshake, reports or names.

#include <caf/all.hpp>

#include <functional>
#include <unordered_map>

namespace beamline::bench {

class plain_supervisor : public caf::event_based_actor {
public:
  using factory = std::function<caf::actor(plain_supervisor&)>;

  plain_supervisor(caf::actor_config& c, factory make, int count)
      : caf::event_based_actor{c}, make_{std::move(make)}, count_{count} {
    set_down_handler([this](caf::down_msg& d) {
      alive_.erase(d.source);
      if (d.reason)
        start();
    });
  }

  caf::behavior make_behavior() override {
    for (int i = 0; i < count_; ++i)
      start();
    return {[](char) {}};
  }

  void on_exit() override {
    for (auto& [address, child] : alive_)
      caf::anon_send_exit(child, caf::exit_reason::kill);
    alive_.clear();
  }

  void start() {
    auto child = make_(*this);
    monitor<caf::message_priority::high>(child);
    alive_.emplace(child.address(), child);
  }

private:
  factory make_;
  int count_;
  std::unordered_map<caf::actor_addr, caf::actor> alive_;
};

/// CAF's system as our node configures it.
struct plain_system {
  struct config : caf::actor_system_config {
    config() {
      set("scheduler.policy", caf::atom("sharing"));
      set("scheduler.max-threads", std::size_t{2});
      set("scheduler.max-throughput", std::size_t{100});
    }
  };
  config settings;
  caf::actor_system system{settings};
};

}  // namespace beamline::bench
