#pragma once

#include "actors/process.hpp"
#include "program/service_routes.hpp"

#include <string>

namespace beamline::program {

/// The last child of an application's top supervisor, which is `rest_for_one`: while it runs, everything before it
/// runs, and `/readyz` says so. `ready` must outlive it.
class ready_marker final : public process {
public:
  ready_marker(process_context& c, readiness* ready, std::string part)
      : process{c}, ready_{*ready}, part_{std::move(part)} {}

  behavior init() override {
    ready_.set_ready(part_);
    return {};
  }
  void terminate(const reason&) override { ready_.set_waiting(part_, "stopped, or being restarted"); }

private:
  readiness& ready_;
  std::string part_;
};

}  // namespace beamline::program
