#include "actors/call.hpp"

#include "actors/process.hpp"
#include "actors/reason_codec.hpp"

#include <caf/message.hpp>

namespace beamline::detail {

void start_call(process& caller, const pid& to, caf::message m, duration within, reply_handler done) {
  caller.start_call(to, std::move(m), within, std::move(done));
}

call_error wrong_reply_type(const caf::message& m) {
  return {call_error::kind::crashed,
          reason::custom("the reply has another type than the call asked for: " + caf::to_string(m))};
}

// Emptied in each case: the promise of a message that was cast has nobody to answer, but names its own process.
void promise_state::deliver(caf::message value) {
  if (auto p = std::exchange(promise_, {}); p.pending())
    p.deliver(std::move(value));
}

void promise_state::fail(const reason& why) {
  if (auto p = std::exchange(promise_, {}); p.pending())
    p.deliver(to_caf(why.is_normal() ? reason::shutdown("the callee ended") : why));
}

void promise_state::fail(const call_error& e) {
  if (auto p = std::exchange(promise_, {}); p.pending())
    p.deliver(to_caf(e));
}

}  // namespace beamline::detail
