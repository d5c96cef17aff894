#pragma once

#include "actors/process.hpp"

#include <optional>
#include <utility>

namespace beamline {

/// For library code that acts in the name of a process, in a turn of it: tasks, streams, registries. A user's own
/// processes have all of this as members.
class process_access {
public:
  explicit process_access(process& self) : self_{self} {}

  [[nodiscard]] process& self() const noexcept { return self_; }
  template <class M>
  void cast(const pid& to, M&& m) const {
    self_.cast(to, std::forward<M>(m));
  }
  template <class R, class M>
  [[nodiscard]] pending_call<R> call(const pid& to, M&& m, duration within) const {
    return self_.call<R>(to, std::forward<M>(m), within);
  }
  template <class P, class... Args>
  pid spawn_as(birth how, Args&&... args) const {
    return self_.spawn_as<P>(std::move(how), std::forward<Args>(args)...);
  }
  process::timer_ref run_after(duration d, std::function<void()> fn) const { return self_.run_after(d, std::move(fn)); }
  void cancel(process::timer_ref t) const { self_.cancel(t); }
  process::watch_ref watch(const pid& who, std::function<void(const reason&)> fn) const {
    return self_.watch(who, std::move(fn));
  }
  void unwatch(process::watch_ref w) const { self_.unwatch(w); }
  void link(const pid& with) const { self_.link(with); }
  void unlink(const pid& with) const { self_.unlink(with); }
  void exit(const pid& who, const reason& why) const { self_.exit(who, why); }
  void stop(reason why) const { self_.stop(std::move(why)); }
  void stop_process(const pid& who, const reason& why, duration within,
                    std::function<void(const std::optional<call_error>&)> on_end) const {
    self_.stop_process(who, why, within, std::move(on_end));
  }
  template <class F>
  [[nodiscard]] auto resume_with(F fn) const {
    return self_.resume_with(std::move(fn));
  }
  [[nodiscard]] bool traps_exits() const noexcept { return self_.traps_exits(); }
  [[nodiscard]] time_point now() const { return self_.now(); }

private:
  process& self_;
};

}  // namespace beamline
