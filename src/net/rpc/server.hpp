#pragma once

// The rpc process of a node: it serves the procedures that were registered with it, to this node and to its peers.
//
//   any process         rpc (here or there)                          whoever serves
//     wire_request -->  known? room? in time?  -- a worker -->         function
//                                              -- a call  -->         process
//     <-- wire_reply                           <--------------
//
// One process per node, registered as "rpc". It does nothing that takes long: reading arguments and writing values
// happens in workers, but for served procedures, whose requests it reads itself.
//
// An unknown procedure is `failed`, of type `undef`: a fact of that node (D77). Procedures go with the process that
// registered them, so between two lives of it they are `undef`, too; `exited: noproc` is the moment in between.
//
// When a node goes, its calls that have not begun never do: their callers were told `noconnection`. Those that run go
// on, as a process of `erpc` does; their outcome is nobody's. Casts that came are done: nobody was told anything of
// them.

#include "actors/process.hpp"
#include "net/rpc/call_queue.hpp"
#include "net/rpc/descriptions.hpp"
#include "net/rpc/procedure.hpp"
#include "net/rpc/wire.hpp"
#include "net/rpc/worker.hpp"

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace beamline::net::rpc {

/// Whoever is registered as "rpc" on this node.
[[nodiscard]] inline pid rpc_on(const environment& env) { return {env.self(), std::string{"rpc"}}; }
/// On that node, in whichever run of it is linked.
[[nodiscard]] inline pid rpc_on(std::string node) {
  return {std::make_shared<const node_identity>(node_identity{std::move(node), 0}), std::string{"rpc"}};
}

/// From now on these are served, until `owner`, a process of this node, ends. One of a name that is taken replaces the
/// earlier one; what runs of it goes on. May be cast or called; a call fails with `crashed`, `badarg: ...` or
/// `system_limit: ...`, and then none was taken.
struct register_procedures {
  std::vector<procedure> procedures;
  pid owner;
};

/// A call for whoever has that role: this node, if it has it itself, else the first linked one by name. Answered with
/// `wire_reply`, or fails: `noconnection` when there is nobody. Use `call_role` of call.hpp.
struct role_call {
  std::string role;
  std::string procedure;
  bytes arguments;
  duration within{};
};

class server final : public process {
public:
  /// `role`: this node's own; empty when it has none.
  explicit server(process_context& c, std::string role = {}) : process{c}, role_{std::move(role)} {}

private:
  struct registration {
    std::shared_ptr<const procedure> what;
    pid owner;
    std::shared_ptr<call_queue> queue;
  };
  /// A call that runs or waits.
  struct served {
    std::shared_ptr<const procedure> what;
    std::shared_ptr<call_queue> queue;
    call_info info;
    bytes arguments;
    std::optional<reply_promise<wire_reply>> answer;  // Nothing: a cast.
    watch_ref worker = 0;
  };
  struct incoming {
    std::string procedure;
    bytes arguments;
    std::string from;
    duration budget;
    std::optional<reply_promise<wire_reply>> answer;
  };

  behavior init() override;

  deferred handle_register(const register_procedures& m);
  deferred handle_request(const wire_request& m);
  deferred handle_role_call(const role_call& m);
  void serve(incoming m);
  void start(std::uint64_t id);
  void run(std::uint64_t id);
  void spawn_worker(std::uint64_t id, served& s);
  void finish(std::uint64_t id, raw_outcome o);
  void next(const std::shared_ptr<call_queue>& queue);
  void expire(const served& s);
  void refuse(const incoming& m, const std::string& why);
  void forget(const pid& owner);
  void withdraw_calls_of(const std::string& node);
  [[nodiscard]] std::string objection_to(const register_procedures& m) const;

  std::string role_;
  std::map<std::string, registration> procedures_;
  std::map<pid, watch_ref> owners_;
  std::map<std::uint64_t, served> served_;
  std::deque<std::uint64_t> starting_;  // Their turn has come.
  bool is_starting_ = false;
  std::uint64_t last_id_ = 0;
  std::uint64_t expired_ = 0;
  std::uint64_t refused_ = 0;
};

}  // namespace beamline::net::rpc
