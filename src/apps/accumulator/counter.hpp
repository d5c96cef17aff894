#pragma once

#include "actors/process.hpp"
#include "apps/accumulator/contracts.hpp"
#include "apps/accumulator/options.hpp"
#include "apps/accumulator/store.hpp"
#include "net/rpc/procedure.hpp"
#include "store/database.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace beamline::accumulator {

/// Asks the counter whether its procedures can be called; it answers `ready` once they can, or ends.
struct await_ready {};
struct ready {};

/// From now on these are the counter's options.
struct change_options {
  accumulator_options to;
};

/// The process that owns the numbers. Its node runs the default PubSub system.
///
///   init          brings the schema up to date, then registers the procedures of contracts.hpp; started only then
///   a call        checked, one transaction, and after its commit: broadcast if something changed, then the answer
///
/// The store answers in the order of its commits and so does this process: on each topic versions only grow. When it
/// ends, calls under way fail; their transactions may still commit, which repeating the call finds out.
class counter final : public process {
public:
  struct parts {
    std::shared_ptr<store::database> store;  // May be closed before the process ends; calls fail from then on.
    pid rpc;                                 // When it ends, so does this process: its successor registers again.
  };

  counter(process_context& c, parts p, accumulator_options o = {});

private:
  behavior init() override;

  void on_migrated(const result<void>& r);
  void serve(const pid& rpc);
  void answer(const net::rpc::procedure_call& call, const reply_promise<bytes>& to);
  void start_update(update_likes m, const reply_promise<bytes>& to);
  void start_get(get_blog_stats m, const reply_promise<bytes>& to);
  void on_applied(const update_likes& m, const result<applied>& r, const reply_promise<bytes>& to);
  void tell(const blog_stats& stats);
  void refuse(std::string_view procedure, const error& why, const reply_promise<bytes>& to);

  parts parts_;
  accumulator_options options_;
  std::size_t calls_ = 0;  // Waiting for the store.
  bool is_ready_ = false;
  std::vector<reply_promise<ready>> awaiting_;
};

}  // namespace beamline::accumulator
