#pragma once

#include "actors/process.hpp"
#include "base/json.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace beamline::members {

// Both trackers are told of the same processes, so that they can be compared.
inline constexpr std::string_view members_tracker = "members";
inline constexpr std::string_view counts_tracker = "counts";
// One order makes at most so many processes: its calls wait in the shards' mailboxes.
inline constexpr std::int64_t crowd_order_max = 20'000;

/// Answered with an object: {"ok": true, ...} or {"ok": false, "error": "..."}.
struct order {
  json what;
};

/// Owns the tracked processes of a node and does with them what it is told; registered as "crowd".
///
///   {"do": "track", "topic": T, "prefix": P, "count": N, "keys": K,   N processes under the keys P0 to P(K-1), K = N;
///    "kill_shards": true}                                              midway all shards of this node are killed
///   {"do": "update" | "untrack" | "kill", "topic": T, "count": N}     the newest N
///   {"do": "list" | "count", "topic": T}                              what this node lists, and counts
///   {"do": "shards"}                                                  what the shards of both trackers have done
///   {"do": "talk", "senders": S, "count": N}                          each broadcasts N numbered messages
class crowd final : public process {
public:
  using process::process;
  behavior init() override;
  /// Ends everybody.
  void terminate(const reason& why) override;

private:
  using answer = reply_promise<json>;
  using handler = void (crowd::*)(const json&, const answer&);
  struct member {
    pid who;
    std::string key;
  };
  /// Counts answers of one order down; the first failure is its answer.
  struct job {
    answer to;
    std::size_t waits_for = 0;
    std::string failure{};
    json said = json::object();

    void done(const std::string& wrong = {});
  };

  deferred obey(const json& what);
  void track(const json& what, const answer& to);
  void update(const json& what, const answer& to);
  void untrack(const json& what, const answer& to);
  void kill(const json& what, const answer& to);
  void list(const json& what, const answer& to);
  void count(const json& what, const answer& to);
  void shards(const json& what, const answer& to);
  void talk(const json& what, const answer& to);

  void track_in(std::string_view tracker, const std::string& topic, const member& m, const std::shared_ptr<job>& of,
                int attempt);
  void kill_shards();
  /// Of that topic, and no more of the crowd unless `stay`.
  std::vector<member> newest(const json& what, bool stay);

  std::map<std::string, std::vector<member>> topics_;  // Who is tracked.
  std::vector<pid> everybody_;                         // Also who is not any more.
  std::uint64_t updates_ = 0;
};

}  // namespace beamline::members
