#pragma once

#include "actors/process.hpp"

namespace beamline {

/// Makes one call on behalf of somebody who is no process (a waiting thread, a test), hands over its outcome and ends.
/// If it is ended before, `on_outcome` is destroyed uncalled.
class one_call final : public process {
public:
  one_call(process_context& c, pid to, message m, duration within, reply_handler on_outcome)
      : process{c}, to_{std::move(to)}, message_{std::move(m)}, within_{within}, on_outcome_{std::move(on_outcome)} {}

  behavior init() override {
    detail::start_call(*this, to_, std::move(message_), within_, [this](call_result r) {
      on_outcome_(std::move(r));
      stop();
    });
    return handlers();
  }

private:
  pid to_;
  message message_;
  duration within_;
  reply_handler on_outcome_;
};

}  // namespace beamline
