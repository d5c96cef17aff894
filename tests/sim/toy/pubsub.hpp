#pragma once

#include "actors/process.hpp"
#include "sim/toy/messages.hpp"

namespace beamline::toy {

/// Posts go to all linked nodes, at most once each, in the order of their publisher.
class pubsub final : public process {
public:
  using process::process;
  behavior init() override;

private:
  void send(const std::string& node) const;

  post last_;
};

}  // namespace beamline::toy
