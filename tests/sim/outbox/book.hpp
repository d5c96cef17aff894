#pragma once

#include "actors/process.hpp"
#include "net/outbox/messages.hpp"
#include "store/database.hpp"
#include "testing/check/effects.hpp"

#include <string>
#include <utility>
#include <vector>

namespace beamline::sim_outbox {

/// A target as an accumulator is one: the id of an event and its effect are one transaction, answered when it is
/// durable. An effect is a row for each token in the event, in the order of their arrival.
class book final : public process {
public:
  using process::process;
  behavior init() override;

private:
  void serve();
  deferred handle_batch(const net::outbox::handle_buffered_event& m);
};

/// All tokens on the target's disk, in the order in which they were applied. Runs the world until they are read; throws
/// simulation_error when they cannot be.
[[nodiscard]] std::vector<std::string> tokens_of(testing::world& w, const std::string& target);
[[nodiscard]] testing::effect_counts count(const std::vector<std::string>& tokens);

}  // namespace beamline::sim_outbox
