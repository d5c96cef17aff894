#pragma once

#include "actors/node.hpp"
#include "base/json_fwd.hpp"
#include "net/links.hpp"
#include "program/control/dispatcher.hpp"
#include "program/far_verbs.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace beamline::program {

/// What the verbs about other nodes work on: the running parts of a node, as functions, because those parts come and go
/// with their supervisors. One that is empty: its verbs are not there. Each may be called on any thread and must not
/// block; `done` is called once, on any thread, maybe at once.
struct cluster_verbs_parts {
  template <class T>
  using then = std::function<void(T)>;

  // -- links; errors: `unavailable`, they do not run
  std::function<result<std::vector<net::link_stats>>()> stats{};
  std::function<void(const net::endpoint&, then<result<net::connect_outcome>> done)> connect{};
  std::function<result<bool>(std::string_view node)> disconnect{};
  std::function<result<void>(std::string_view node, duration lasts)> ban{};

  // -- calls; errors: why there is no value
  std::function<void(const std::string& node, duration within, then<result<void>> done)> ping{};
  struct procedure_call {
    std::string node, procedure;
    json arguments;
    duration within{};
  };
  std::function<void(const procedure_call&, then<result<json>> done)> call{};
  std::function<void(const std::string& node, duration within, then<result<json>> done)> procedures{};
  std::function<void(const std::string& node, const far_request&, duration within, then<result<far_answer>> done)>
      run{};

  // -- topics
  struct listener {
    std::function<bool(const json&)> told;     // With each message; false: enough.
    std::function<bool()> is_wanted;           // Asked now and then; false: enough.
    std::function<void(const error&)> failed;  // Nothing more will come.
  };
  std::function<void(const std::string& topic, listener)> subscribe{};
  std::function<void(const std::string& topic, const json& message, then<result<void>> done)> broadcast{};

  // -- discovery
  std::function<void(bool is_refresh, then<result<json>> done)> discovery{};
};

/// What `beamline remote NODE` shows of the nodes it is linked with and does about them:
///
///   nodes [visible|hidden|all]     who is linked; with role=ROLE or prefix=BEGINNING, only those
///   connect HOST:PORT              links with whoever is there
///   disconnect NODE                ends a link; it may come back at once
///   ban NODE SECONDS               ends it, and refuses that name for so long
///   ping NODE                      pong and the time a call took, or pang and why
///   call NODE [PROCEDURE] [JSON]   calls a registered procedure there, or shows which there are
///   via NODE VERB [WORDS]          has that node carry out a verb; `remote NODE VERB --via THIS` is the short form
///   subscribe TOPIC [COUNT] [FOR]  shows messages as they come
///   broadcast TOPIC MESSAGE        to all subscribers, on all nodes
///   discovery [refresh]            which addresses are known, from where, and what became of them
///
/// Every result has a "text" for people; docs/operating/cluster-verbs.md describes the rest. `n` must outlive the
/// verbs, and what the parts use as well.
void add_cluster_verbs(control::dispatcher& verbs, node& n, cluster_verbs_parts parts);

// A node can be banned for this long at most; for longer, take its name out of cluster.allow.
inline constexpr std::int64_t ban_seconds_max = 86'400;
// `ping` waits this long for the answer.
inline constexpr duration ping_time = 5s;
// `discovery refresh` waits this long for all sources: a resolver may take its time.
inline constexpr duration discovery_time = 35s;
// `subscribe` shows this many messages, or for so many seconds, at most; it ends by itself then.
inline constexpr std::int64_t subscribe_count_max = 1'000'000;
inline constexpr std::int64_t subscribe_seconds_max = 86'400;

}  // namespace beamline::program
