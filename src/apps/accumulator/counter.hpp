#pragma once

#include "actors/process.hpp"
#include "apps/accumulator/contracts.hpp"
#include "apps/accumulator/loss_meter.hpp"
#include "apps/accumulator/options.hpp"
#include "apps/accumulator/requests.hpp"
#include "apps/accumulator/standing.hpp"
#include "apps/accumulator/store.hpp"
#include "apps/accumulator/writer.hpp"
#include "net/rpc/procedure.hpp"
#include "store/database.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace beamline::accumulator {

/// Asks the counter whether its procedures can be called; it answers `ready` once they can, or ends.
struct await_ready {};
struct ready {};

/// Whether writes are applied from now on; see parts::is_held.
struct admit_writes {
  bool is_open = true;
};

/// From now on these are the counter's options; those of commits and of the schema stay.
struct change_options {
  accumulator_options to;
};

/// The process that owns the numbers. Its node runs the default PubSub system.
///
///   init          brings the schema up to date, learns the database's id, then registers the procedures of
///                 contracts.hpp and subscribes to analytics:events; started only then
///   a write       checked, then the writer's: one transaction for many, broadcast, answer
///   a read        checked, then read from the store
///   a broadcast   as a write, but that losses are counted instead of answered
///
/// When it ends, calls under way fail; their transactions may still commit, which repeating the call finds out.
class counter final : public process {
public:
  struct parts {
    std::shared_ptr<store::database> store;  // May be closed before the process ends; calls fail from then on.
    pid rpc;                                 // When it ends, so does this process: its successor registers again.
    bool is_shared = false;                  // Other nodes may write to the same database.
    // Writes are answered `retry` until an admit_writes: somebody finds out first whether this is the only accumulator.
    bool is_held = false;
    // What is known of losses; passed on to the successor. Never null.
    std::shared_ptr<loss_meter> losses = std::make_shared<loss_meter>();
  };

  counter(process_context& c, parts p, accumulator_options o = {});

private:
  behavior init() override;

  void on_migrated(const result<void>& r);
  void on_identified(const result<uid>& r);
  void fail_start(std::string_view what, const error& why);
  void serve(const pid& rpc);

  void answer(const net::rpc::procedure_call& call, const reply_promise<bytes>& to);
  [[nodiscard]] bool answer_write(const net::rpc::procedure_call& call, const reply_promise<bytes>& to);
  [[nodiscard]] bool answer_read(const net::rpc::procedure_call& call, const reply_promise<bytes>& to);
  void apply_batch(const handle_buffered_event& m, const reply_promise<bytes>& to);
  void apply_event(const uid& id, std::string_view type, std::string_view payload, writer::completion finish);
  /// Reads with `load(tables&, const Request&)` and answers what it gives.
  template <class Request, class F>
  void read(std::string_view procedure, const result<Request>& m, const reply_promise<bytes>& to, F load);
  /// Why so many writes cannot even be tried now.
  [[nodiscard]] std::optional<write_answer> objection_to(std::size_t writes) const;
  /// Tells telemetry of an answer that was given without the writer.
  const write_answer& note(const write_answer& a);
  void on_tracked(const tracked_event& m);
  void lose(std::string_view why, std::uint64_t count);
  void refuse(std::string_view procedure, const error& why, const reply_promise<bytes>& to);

  parts parts_;
  writer writer_;
  standing standing_;
  std::size_t reads_ = 0;  // Waiting for the store.
  bool is_ready_ = false;
  bool is_held_ = false;
  std::vector<reply_promise<ready>> awaiting_;
};

}  // namespace beamline::accumulator
