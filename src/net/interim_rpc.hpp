#pragma once

// Calls to procedures of other nodes, the interim way: to one peer of a role, over the link.
//
//   cast(rpc_on(env()), register_procedure{"update_likes", self()});                    on the accumulator
//   handlers([this](const procedure_call& c) -> bytes { ... })
//
//   call<bytes>(rpc_on(env()), rpc_call{"accumulator", "update_likes", encode(args), 2s}, 3s)      on a blog host
//       .then([](const bytes& reply) {...}, [](const call_error& e) {...});
//
// Every call has exactly one outcome (D70): the value; `noconnection`, at once, when no peer of that role is
// linked or its link drops; `timeout`; `busy` when this node or the peer has too many calls under way;
// `crashed` with what the handler refused with or died of, or with a custom reason that begins with
// `notsup:` (the peer has no such procedure), `badarg:` or `too_large:`. `noproc`: the procedure's process is gone.
// `timeout` and `noconnection` leave open whether the procedure ran (D72); nothing is ever repeated.

#include "actors/peers.hpp"
#include "actors/process.hpp"
#include "base/bytes.hpp"

#include <cstdint>
#include <map>
#include <string>

namespace beamline::net {

// More calls than this waiting for their outcome are answered `busy`.
inline constexpr std::size_t rpc_calls_max = 4096;
// More calls of peers than this under way here are answered `busy`.
inline constexpr std::size_t rpc_served_max = 4096;
// A further procedure is refused.
inline constexpr std::size_t rpc_procedures_max = 1024;
inline constexpr std::size_t rpc_procedure_bytes_max = 128;
// A call may take this long at most; a longer or empty time is refused as `badarg`.
inline constexpr duration rpc_within_max = 10min;
// What surrounds the arguments or the value in a message between nodes is shorter than this.
inline constexpr std::size_t rpc_overhead_bytes_max = 1024;

/// From now on `handler` is called for `procedure`, by this node and by its peers; replaces an earlier one. May
/// be cast or called; a call fails with `busy` when there are too many.
struct register_procedure {
  std::string procedure;
  pid handler;
};

/// Answered with `bytes`. A node that has the role itself serves its own calls; else the first linked peer of it
/// by name does.
struct rpc_call {
  std::string role;
  std::string procedure;
  bytes arguments;
  duration within{};
};

/// What the handler of a procedure is called with; it answers with `bytes`.
struct procedure_call {
  std::string procedure;
  bytes arguments;
  std::string from_node;
};

/// The one process of a node that makes and serves calls, registered as "rpc". Spawn after `use_peers`.
class interim_rpc final : public process {
public:
  /// `role`: this node's own, empty when it has none.
  interim_rpc(process_context& c, std::string role) : process{c}, role_{std::move(role)} {}

  behavior init() override;

private:
  struct waiting_call {
    node_identity peer;
    std::string procedure;
    reply_promise<bytes> answer;
    timer_ref timer;
    time_point since;
  };
  using outcome = std::variant<bytes, call_error>;

  deferred handle_register(const register_procedure& m);
  deferred handle_call(const rpc_call& m);
  void handle_message(const peer_message& m);
  void handle_request(const peer_message& m);
  void handle_reply(const peer_message& m);
  void handle_down(const peer_info& peer);

  [[nodiscard]] const peer_info* peer_of(const std::string& role) const;
  void start_local(const rpc_call& m, const reply_promise<bytes>& answer);
  void start_remote(const peer_info& peer, const rpc_call& m, const reply_promise<bytes>& answer);
  void finish(std::map<std::uint64_t, waiting_call>::iterator w, outcome o);
  void finish(const reply_promise<bytes>& answer, const std::string& procedure, time_point since, outcome o);
  void reply(const node_identity& to, std::uint64_t id, outcome o);
  void drop_reply(const node_identity& from);

  std::string role_;
  std::map<std::string, peer_info> peers_;  // Linked ones, by name.
  std::map<std::string, pid> procedures_;
  std::map<std::uint64_t, waiting_call> waiting_;
  std::size_t local_ = 0;   // Own calls under way in a process of this node.
  std::size_t served_ = 0;  // Calls of peers under way here.
  std::uint64_t last_id_ = 0;
  std::uint64_t replies_dropped_ = 0;
};

/// Whoever is registered as "rpc" on this node.
[[nodiscard]] inline pid rpc_on(const environment& env) { return {env.self(), std::string{"rpc"}}; }

/// The call of the procedure that is named as its message: `rpc_to("accumulator", update_likes{...}, 2s)`.
template <wire_message Message>
[[nodiscard]] rpc_call rpc_to(std::string role, const Message& m, duration within) {
  return {std::move(role), std::string{Message::message_name}, encode(m), within};
}

}  // namespace beamline::net
