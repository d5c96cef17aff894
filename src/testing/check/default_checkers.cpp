#include "testing/check/default_checkers.hpp"

#include "testing/check/all_gone.hpp"
#include "testing/check/bounds.hpp"
#include "testing/check/call_outcomes.hpp"
#include "testing/check/sender_order.hpp"
#include "testing/check/status_pairs.hpp"
#include "testing/check/supervision_rules.hpp"

namespace beamline::testing {

void add_default_checkers(cluster& c) {
  c.check<sender_order>();
  c.check<status_pairs>();
  c.check<call_outcomes>();
  c.check<supervision_rules>();
  c.check<bounds>();
  c.check<all_gone>();
}

}  // namespace beamline::testing
