#pragma once

#include "sim/real/client.hpp"
#include "supervision/supervisor_spec.hpp"
#include "testing/explore/explore.hpp"

#include <string>
#include <vector>

/// A node with every part of src/supervision in one tree, and clients that use all of it at random.
///
///   top    rest_for_one
///   ├─ names    registry
///   ├─ one      one_for_one     one.a one.b one.c(transient)
///   ├─ all      one_for_all     all.a all.b all.c
///   ├─ rest     rest_for_one    rest.a rest.b(slow to stop) rest.c
///   ├─ moody    one_for_one     moody.a moody.b: their starts fail now and then
///   ├─ patient  rest_for_one    patient.a patient.b, with back-off
///   ├─ pool     dynamic         jobs that fail, started and stopped by clients
///   ├─ tasks    dynamic         tasks of clients
///   └─ clients  one_for_one     client.1 client.2
namespace beamline::house {

[[nodiscard]] supervision::supervisor_spec tree(const names& n, const load_gate& g);
/// Of children that have a name, and are there when all is quiet.
[[nodiscard]] const std::vector<std::string>& worker_names();

/// A campaign over it.
[[nodiscard]] testing::explorer explore_house(std::string name);

}  // namespace beamline::house
