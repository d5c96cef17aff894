#pragma once

#include "actors/node.hpp"
#include "pubsub/directory.hpp"
#include "pubsub/presence/presence.hpp"
#include "pubsub/system.hpp"
#include "supervision/dynamic_supervisor.hpp"
#include "supervision/nursery.hpp"
#include "supervision/partition_table.hpp"
#include "supervision/supervisor.hpp"
#include "web/channels/broadcast.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <stdexcept>
#include <utility>
#include <variant>
#include <vector>

namespace beamline::example {

/// What channels and live pages need of a node beside its ports, by hand: PubSub, presence, and a supervisor for the
/// processes behind connections. Made once per node, simulated or real; must outlive the node's processes.
class services {
public:
  struct options {
    // Of the application; started last.
    std::vector<supervision::child_spec> children{};
  };

  services(node& home, options o) : home_{home} {
    home.env().provide(partitions_);
    home.env().provide(systems_);
    home.env().provide(trackers_);
    pubsub::system_options pubsub;
    web::add_channels_to(pubsub);
    presence::presence_options presence;
    presence.dispatcher = web::channels::dispatcher_name;
    supervision::supervisor_spec tree{
        .children = {pubsub::child_system(std::move(pubsub)), presence::child_presence(std::move(presence)),
                     supervision::child_dynamic_supervisor(
                         "sessions", supervision::dynamic_supervisor_spec{.births = sessions_.state()})}};
    std::ranges::move(o.children, std::back_inserter(tree.children));
    top_ = home.spawn<supervision::supervisor>(std::move(tree));
  }

  /// Whose children the processes behind connections are.
  [[nodiscard]] const supervision::nursery& sessions() const noexcept { return sessions_; }

  /// Blocks until all of it runs; throws when it does not. Not for simulated nodes: there the world runs.
  void await_start() {
    // A supervisor answers while its children start, too: without "sessions" a page would be refused.
    const auto until = std::chrono::steady_clock::now() + start_time;
    for (auto counts = count_children(); counts.active < counts.specs; counts = count_children())
      if (std::chrono::steady_clock::now() > until)
        throw std::runtime_error{"the node does not start: its children are not there in time"};
  }

private:
  static constexpr duration start_time = std::chrono::seconds{10};

  supervision::child_counts count_children() {
    auto told = home_.call_sync<supervision::child_counts>(top_, supervision::count_children{}, start_time);
    if (const auto* e = std::get_if<call_error>(&told))
      throw std::runtime_error{"the node does not start: " + to_string(*e)};
    return std::get<supervision::child_counts>(told);
  }

  node& home_;
  supervision::partition_directory partitions_;
  pubsub::directory systems_;
  presence::trackers trackers_;
  supervision::nursery sessions_{{.label = "session"}};
  pid top_;
};

}  // namespace beamline::example
