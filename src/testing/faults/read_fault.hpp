#pragma once

#include "testing/faults/fault.hpp"
#include "testing/faults/line_text.hpp"

namespace beamline::testing::detail {

/// Reads what `to_string(fault)` wrote, up to the end of the line. Throws `unreadable`.
[[nodiscard]] fault read_fault(line_reader& in);

}  // namespace beamline::testing::detail
