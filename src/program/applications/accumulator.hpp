#pragma once

#include "apps/accumulator/loss_meter.hpp"
#include "program/node_parts.hpp"
#include "store/database.hpp"
#include "supervision/applications/application.hpp"

#include <memory>
#include <mutex>

namespace beamline::program {

/// The application that owns the numbers.
///
///   accumulator (rest_for_one)
///   ├─ store       the database with its workers
///   ├─ counter     also restarted when `rpc` ends, in which its procedures are registered
///   ├─ sweeper     forgets old ids of events
///   ├─ rivals      its normal end ends the application: another accumulator has another database
///   └─ readiness
class accumulator_site {
public:
  explicit accumulator_site(node_parts& on) : on_{on} {}

  [[nodiscard]] supervision::application application();
  /// The open database; null while there is none. From any thread.
  [[nodiscard]] std::shared_ptr<store::database> store() const;

private:
  class store_part;

  [[nodiscard]] supervision::child_spec store_child();
  [[nodiscard]] supervision::child_spec counter_child();
  [[nodiscard]] supervision::child_spec rivals_child();
  [[nodiscard]] supervision::child_spec sweeper_child();
  /// A server, which other accumulators may use as well.
  [[nodiscard]] bool has_shared_store() const;

  node_parts& on_;
  // Of one counter after the other.
  std::shared_ptr<accumulator::loss_meter> losses_ = std::make_shared<accumulator::loss_meter>();
  mutable std::mutex mutex_;                // Guards what follows.
  std::shared_ptr<store::database> store_;  // Empty while there is none.
};

}  // namespace beamline::program
