#pragma once

#include <exception>
#include <functional>
#include <utility>

namespace beamline::event_horizon {

/// Calls a function when the last one who holds it has let it go: who waits for several processes hands it to all of
/// them, and is called however they answer, and even if they end or were never there. On whichever thread lets it go.
class last_call {
public:
  explicit last_call(std::function<void()> fn) : fn_{std::move(fn)} {}
  ~last_call() {
    try {
      fn_();
    } catch (const std::exception&) {
      // There is nobody left to tell: what it was for ends as if it had never been called.
    }
  }
  last_call(const last_call&) = delete;
  last_call& operator=(const last_call&) = delete;

private:
  std::function<void()> fn_;
};

}  // namespace beamline::event_horizon
