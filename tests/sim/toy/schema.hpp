#pragma once

#include "actors/process.hpp"

#include <string_view>

/// The tables of a node.
namespace beamline::toy {

/// Brings the tables up to date, then is done for good; whoever uses them is started after it.
class schema_maker final : public process {
public:
  using process::process;
  behavior init() override;
};

}  // namespace beamline::toy
