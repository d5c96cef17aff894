#pragma once

#include "actors/pid.hpp"
#include "actors/process.hpp"

namespace gallery {

/// The name it is registered under.
inline constexpr const char* reaper_name = "gallery.reaper";

/// To the reaper: kill this process.
struct kill_order {
  beamline::pid whom;
};

/// Kills processes on demand, as an operator or a supervisor whose patience has ended would: without asking them, in
/// the middle of whatever they do.
class reaper final : public beamline::process {
public:
  using process::process;

private:
  beamline::behavior init() override;
};

}  // namespace gallery
