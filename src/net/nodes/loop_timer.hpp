#pragma once

#include "actors/environment.hpp"
#include "actors/timers.hpp"
#include "net/event_loop.hpp"

#include <functional>
#include <memory>
#include <utility>

namespace beamline::net {

/// One timer whose function runs on an event loop. Used on that loop only; gone with its owner.
class loop_timer {
public:
  loop_timer(environment& env, event_loop& loop) : env_{env}, loop_{loop} {}
  ~loop_timer() { cancel(); }
  loop_timer(const loop_timer&) = delete;
  loop_timer& operator=(const loop_timer&) = delete;

  /// Replaces what was armed before. Errs on the late side only.
  void arm(time_point at, std::function<void()> fn) {
    cancel();
    armed_ = std::make_shared<std::function<void()>>(std::move(fn));
    id_ = env_.timers().arm(at, [&loop = loop_, seen = std::weak_ptr{armed_}] {
      loop.post([seen] {
        if (auto armed = seen.lock()) {
          // Taken out: it may arm the timer anew or end its owner, and what it holds goes with it.
          auto fire = std::exchange(*armed, {});
          fire();
        }
      });
    });
  }
  /// After this the function is not called any more, even if it was due.
  void cancel() {
    if (armed_)
      env_.timers().cancel(id_);
    armed_.reset();
  }

private:
  environment& env_;
  event_loop& loop_;
  timer_id id_{};
  std::shared_ptr<std::function<void()>> armed_;
};

}  // namespace beamline::net
