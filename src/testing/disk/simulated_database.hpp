#pragma once

#include "store/inline_database.hpp"
#include "store/jobs.hpp"

#include <memory>
#include <string>

namespace beamline::testing {

class simulated_node;

/// The storage port on a simulated node: real SQLite on the disk of its machine, run inline, each step at a moment the
/// seed chooses: a group of transactions is answered after a time drawn from `climate::commit`, and becomes durable
/// somewhere in between; reads take up to its least. All of it times the disk's slowness. A pause of the node delays
/// the steps, its end takes them along; what the store tells telemetry comes out of the node's.
///
///   auto& db = n.own<simulated_database>(n);      // lives and dies with this run of the node
///   db.port().transact(...);
///
/// Throws start_refused when the database cannot be opened (the disk is full or failing, the file is damaged): what a
/// program would log before it exits.
class simulated_database {
public:
  struct options {
    std::string file = "node.db";
    store::job_queue::limits limits{.queue_max = 1000, .batch_max = 16};
  };

  explicit simulated_database(simulated_node& n) : simulated_database{n, options{}} {}
  simulated_database(simulated_node& n, options o);
  ~simulated_database();
  simulated_database(const simulated_database&) = delete;
  simulated_database& operator=(const simulated_database&) = delete;

  [[nodiscard]] store::database& port() noexcept;
  /// For those who want to own it, too. Must not be used once the run of the node is over, only dropped.
  [[nodiscard]] std::shared_ptr<store::database> share() noexcept;

private:
  struct state;
  std::shared_ptr<state> state_;
};

}  // namespace beamline::testing
