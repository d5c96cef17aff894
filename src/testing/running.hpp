#pragma once

namespace beamline::testing {

class world;

/// Which simulated process runs on this thread right now; the guard forbids the real world to it and
/// names it. Kept per thread, so that real threads of the same test binary are left alone.
struct running_process {
  bool is_active = false;
  world* of = nullptr;
  const char* node = "?";
  const char* kind = "?";
};

[[nodiscard]] running_process& running() noexcept;

}  // namespace beamline::testing
