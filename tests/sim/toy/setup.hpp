#pragma once

namespace beamline::toy {

/// What the whole program of one run shares, on all its nodes. Owned by the scenario; reached by `env().get<setup>()`.
struct setup {
  bool is_load_on = true;  // The gate of the clients: a message to stop would be lost on a node that is down.
};

}  // namespace beamline::toy
