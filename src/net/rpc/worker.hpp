#pragma once

#include "actors/process.hpp"
#include "net/rpc/procedure.hpp"

#include <memory>
#include <string>

namespace beamline::net::rpc {

/// What a worker tells the rpc process that made it; it ends after that.
struct worker_done {
  std::uint64_t id = 0;
  std::shared_ptr<raw_outcome> outcome;  // Taken out by the receiver.
};

/// Runs one call of a function procedure and ends.
class worker final : public process {
public:
  struct setup {
    std::uint64_t id = 0;
    std::shared_ptr<const procedure> what;
    call_info info;
    bytes arguments;
  };

  worker(process_context& c, setup s) : process{c}, setup_{std::move(s)}, call_{*this, std::move(setup_.info)} {}

private:
  behavior init() override;
  void terminate(const reason& why) override;
  void give(raw_outcome o);
  void forgot(failure f);

  setup setup_;
  call_context call_;
  bool is_done_ = false;
  bool is_forgotten_ = false;  // The function let go of its responder without an answer.
};

}  // namespace beamline::net::rpc
