#pragma once

// Finding other nodes. Sources (a list, names in DNS, what peers tell) propose addresses; discovery dials them through
// the links, again and again, until somebody is linked; the handshake decides who that is (D197).
//
//   sources  --- answers, every 10 s --->  discovery  --- connect(address, expected) --->  links
//   peers    --- node_up, node_down ---->      |      <-- outcome ----------------------
//   operator --- refresh, get status --->      '--- log, telemetry
//
// A source that fails changes nothing. An address that is missing from three answers in a row of every source that
// named it is not dialled any more; a link to it stays. Nothing here ends a link, except with strict membership.
//
// Limits: 8 attempts at a time, one per address; 256 addresses per answer, 1024 in all; a question is given up after
// 30 s; an address without an answer is tried again after 1 s, 2 s, ... 60 s, for as long as a source names it.

#include "actors/process.hpp"
#include "net/discovery/core.hpp"
#include "net/discovery/dns_source.hpp"
#include "net/discovery/ports.hpp"
#include "net/discovery/static_source.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace beamline::net {

/// What discovery is told to look for.
struct discovery_options {
  std::vector<endpoint> peers{};           // Always tried.
  std::vector<discovery_query> queries{};  // Names in DNS.
  std::vector<endpoint> own{};             // Where this node itself is dialled.
  duration interval = 10s;
  bool follows_hints = true;           // Whether what peers tell of is dialled; not with strict membership.
  bool has_strict_membership = false;  // Ends links of nodes that are in no answer any more.
  std::size_t attempts_max = 8;
  duration back_off_min = 1s, back_off_max = 60s;
  duration answer_within = 30s;
  duration forget_after = 10min;
};

/// Asks all sources and tries all addresses now. A call is answered with how many addresses they named when they have
/// answered; `busy` when too many wait for that already.
struct discovery_refresh {};
struct discovery_refreshed {
  std::uint64_t addresses = 0;
  std::uint64_t added = 0;
  std::uint64_t failed = 0;  // Sources that did not answer.
};

/// Answered with a discovery_status.
struct get_discovery_status {};

/// The one discovery process of a node, registered as "discovery". Spawn it after `links::begin`. With nowhere to look
/// it does not start, which is no failure (`ignored`).
class discovery final : public process {
public:
  // Callers of discovery_refresh that wait at the same time.
  static constexpr std::size_t refreshes_max = 64;

  discovery(process_context& c, discovery_options o, discovery_ports p);

private:
  behavior init() override;

  void open_sources();
  void watch_hints(std::size_t source);
  void ask(std::uint64_t round);
  void dial(const discovery_targets::dial& d);
  void attempt_ended(std::uint64_t attempt, const connect_outcome& o);
  deferred handle_refresh();
  void finish(const discovery_core::round_summary& r);
  /// Does what the core says, and comes back when it is time.
  void proceed();

  discovery_options options_;
  discovery_ports ports_;
  std::vector<std::unique_ptr<discovery_source>> sources_;
  hint_source* hints_ = nullptr;  // One of them; null: hints are not followed.
  std::unique_ptr<discovery_core> core_;
  std::multimap<std::uint64_t, reply_promise<discovery_refreshed>> refreshes_;  // By the round they wait for.
  timer_ref alarm_ = 0;
};

/// Whoever is registered as "discovery" on this node.
[[nodiscard]] inline pid discovery_on(const environment& env) { return {env.self(), std::string{"discovery"}}; }

}  // namespace beamline::net
