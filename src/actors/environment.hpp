#pragma once

#include "actors/fwd.hpp"
#include "actors/pid.hpp"
#include "base/random.hpp"
#include "base/time.hpp"

#include <map>
#include <stdexcept>
#include <string>
#include <typeindex>

namespace beamline {

class logger;
class telemetry;

/// What a process knows of the world: the ports of its node, reached through `process::env()`. Nothing
/// else leads outside, so the simulator replaces all of it, and two nodes fit in one process.
///
/// Owned by the node; set up before the first process is spawned and fixed from then on, hence
/// readable from any thread.
class environment {
public:
  struct ports {
    const beamline::clock& time;
    random_source& random;
    logger& log;
    telemetry& events;
    beamline::timers& timers;
  };

  environment(node_identity_ptr self, ports p, process_table& processes);

  [[nodiscard]] const node_identity_ptr& self() const noexcept { return self_; }
  [[nodiscard]] const clock& time() const noexcept { return ports_.time; }
  [[nodiscard]] random_source& random() const noexcept { return ports_.random; }
  [[nodiscard]] logger& log() const noexcept { return ports_.log; }
  [[nodiscard]] telemetry& events() const noexcept { return ports_.events; }
  [[nodiscard]] beamline::timers& timers() const noexcept { return ports_.timers; }
  [[nodiscard]] process_table& processes() const noexcept { return processes_; }
  [[nodiscard]] beamline::peers& peers() const noexcept { return *peers_; }

  /// The messages this node can exchange with processes of other nodes, and those processes.
  [[nodiscard]] const message_contract& contract() const noexcept { return *contract_; }
  [[nodiscard]] remote_processes& remote() const noexcept { return *remote_; }

  /// Replaces the null version. `p` must outlive the node's processes.
  void use_peers(beamline::peers& p) noexcept { peers_ = &p; }
  /// By the node, which owns both.
  void use_remote(const message_contract& c, remote_processes& r) noexcept {
    contract_ = &c;
    remote_ = &r;
  }

  /// Makes a part of the node (its store, its configuration) reachable by its type. It is borrowed.
  template <class T>
  void provide(T& part) {
    parts_[std::type_index{typeid(T)}] = &part;
  }

  /// The part provided as `T`, or null.
  template <class T>
  [[nodiscard]] T* find() const {
    auto i = parts_.find(std::type_index{typeid(T)});
    return i == parts_.end() ? nullptr : static_cast<T*>(i->second);
  }

  /// The part provided as `T`; throws `std::logic_error` when this node has none: a wiring mistake.
  template <class T>
  [[nodiscard]] T& get() const {
    auto* part = find<T>();
    if (part == nullptr)
      throw std::logic_error{std::string{"this node was not given a "} + typeid(T).name()};
    return *part;
  }

private:
  node_identity_ptr self_;
  ports ports_;
  process_table& processes_;
  beamline::peers* peers_;
  const message_contract* contract_ = nullptr;
  remote_processes* remote_ = nullptr;
  std::map<std::type_index, void*> parts_;
};

}  // namespace beamline
