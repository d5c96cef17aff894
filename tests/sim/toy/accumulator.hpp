#pragma once

#include "actors/process.hpp"
#include "base/result.hpp"
#include "sim/toy/messages.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace beamline::toy {

/// Applies each item once, however often it comes: dedupe row and effect are one transaction, and the sender is told
/// when that is durable.
class accumulator final : public process {
public:
  using process::process;
  behavior init() override;

private:
  void handle_batch(const node_identity& from, std::string_view payload);
  void apply(const std::string& origin, const batch& b);
  void apply_in_two(const std::string& origin, const batch& b);
  void acknowledge(const std::string& origin, const batch& b);
};

}  // namespace beamline::toy
