#pragma once

#include "testing/cluster.hpp"

namespace beamline::testing {

/// Adds what holds in every program: sender_order, status_pairs, call_outcomes, supervision_rules, bounds, all_gone. To
/// be called before the first node starts; a scenario does it in `add_checkers`. They cost about a quarter of a run.
void add_default_checkers(cluster& c);

}  // namespace beamline::testing
