#pragma once

#include "actors/peers.hpp"
#include "actors/process.hpp"
#include "apps/accumulator/standing.hpp"

#include <cstdint>
#include <set>

namespace beamline::accumulator {

// Links come up one after another: when a node starts, its accumulator applies nothing before this is over.
inline constexpr duration rivals_first_look = std::chrono::seconds{1};

/// Sees to it that all accumulators that are linked count into one database. When another one comes up that does not,
/// the one that must give way (standing.hpp) says so in the log and ends normally, which is to end its application:
/// with files there is one accumulator in a cluster.
///
///   rivals                             counter of the other node
///     node_up, role accumulator
///     get_standing  ------------------>
///     <----------------------  standing       another database, and this node is the later one: stop
///
/// The one that stays logs a warning. The later one applies nothing (admit_writes, of its own counter) while it does
/// not know: for `rivals_first_look` after its start, and from the link with an earlier one until that has answered.
/// Before the two are linked neither can know: what hosts sent to the later one in that time stays in its database.
class rivals final : public process {
public:
  struct parts {
    pid counter{};  // Of this node; held until this process admits writes. Null: it applies what comes.
  };
  explicit rivals(process_context& c);
  rivals(process_context& c, parts p);

private:
  behavior init() override;

  void look_at(const peer_info& peer);
  void look_again(const peer_info& peer);
  void ask(const peer_info& peer, const standing& own);
  void compare(const peer_info& peer, const standing& own, const standing& theirs);
  void forget(const peer_info& peer);
  void end_first_look();
  void admit();

  parts parts_;
  std::set<std::uint64_t> unknown_;  // Connections with earlier accumulators that have not answered yet.
  bool is_first_look_over_ = false;
  bool is_over_ = false;
};

}  // namespace beamline::accumulator
