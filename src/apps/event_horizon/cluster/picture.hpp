#pragma once

#include "apps/event_horizon/cluster/call_window.hpp"
#include "apps/event_horizon/cluster/node_roster.hpp"
#include "base/time.hpp"
#include "net/link_report.hpp"
#include "net/outbox/api.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

/// The cluster as the page /cluster shows it to everybody: names in front of the @, no addresses, no texts of errors.
namespace beamline::event_horizon {

// Nodes in the table of latencies, and asked for theirs; further ones are listed above it only.
inline constexpr std::size_t measured_nodes_max = 12;
// A measurement that was not renewed for so long is shown no more.
inline constexpr duration measured_for = 15s;

/// Everything here is rounded to what the page says, so two pictures are equal when they look the same.
struct cluster_picture {
  struct node {
    std::string name;
    std::string role;
    std::string version;
    bool is_here = false;  // The host that serves the page.
    bool is_up = true;
    duration lasts{};             // How long it is there, or away; see `rounded`.
    std::string why;              // It is away: in words.
    bool is_accumulator = false;  // By its role, or by cluster.remote_prefix.

    friend bool operator==(const node&, const node&) = default;
  };
  struct event {
    wall_time at{};
    std::string node;
    bool is_up = true;
    std::string why;

    friend bool operator==(const event&, const event&) = default;
  };
  struct outbox {
    enum class state : std::uint8_t { loading, failing, sending, waiting, idle };
    state is = state::idle;
    std::uint64_t size = 0;
    std::uint64_t entries_max = 0;
    std::uint64_t octets = 0;
    std::uint64_t octets_max = 0;
    std::uint64_t dead = 0;
    std::uint64_t accepted = 0;  // Since the start of the node.
    std::uint64_t applied = 0;
    std::optional<duration> oldest;
    std::optional<std::string> target;

    friend bool operator==(const outbox&, const outbox&) = default;
  };

  std::string here;                   // The host that serves the page.
  std::vector<node> nodes;            // It first; then those that are there, then those that are away, by name.
  std::vector<std::string> measured;  // The names in the table of latencies.
  std::vector<std::vector<std::optional<duration>>> latencies;  // [from][to], as `measured`.
  std::optional<outbox> buffer;                                 // None: this host has none, or it is starting.
  std::vector<std::uint64_t> waiting;                           // As buffer_history has it.
  call_window::summary calls;
  std::vector<event> events;  // Newest first.

  friend bool operator==(const cluster_picture&, const cluster_picture&) = default;
};
using picture_ref = std::shared_ptr<const cluster_picture>;

/// What a picture is made of.
struct picture_parts {
  std::string here;  // Whole names.
  std::string role;
  std::string version;
  std::string remote_prefix{};  // Of the names of accumulators; empty: their role says it.
  time_point started{};
  const node_roster& others;
  /// What nodes said of their links, by node, and when.
  struct report {
    net::link_report said;
    time_point at{};
  };
  const std::map<std::string, report>& reports;
  const std::optional<net::outbox::status>& buffer;
  const std::vector<std::uint64_t>& waiting;
  call_window::summary calls;
};
[[nodiscard]] cluster_picture draw(const picture_parts& p, time_point now);

/// Down to what `span_words` says: 12 s, 3 min, 5 h, 2 days.
[[nodiscard]] duration rounded(duration d);
[[nodiscard]] std::string span_words(duration d);
/// `0.42 ms`, `3.1 ms`, `120 ms`: two figures that matter.
[[nodiscard]] std::string ms_words(duration d);

/// The newest picture, for who makes a first page. Thread-safe.
class cluster_board {
public:
  /// Null: none was made yet.
  [[nodiscard]] picture_ref now() const {
    const std::scoped_lock lock{mutex_};
    return now_;
  }
  void show(picture_ref p) {
    const std::scoped_lock lock{mutex_};
    now_ = std::move(p);
  }

private:
  mutable std::mutex mutex_;
  picture_ref now_;
};

}  // namespace beamline::event_horizon
