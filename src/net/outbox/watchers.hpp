#pragma once

#include "actors/pid.hpp"
#include "net/outbox/api.hpp"

#include <cstddef>
#include <optional>
#include <set>

namespace beamline::net::outbox {

// One more watcher is refused.
inline constexpr std::size_t watchers_max = 64;

/// Who is told how the outbox stands, and when: at once, and then at most every `watch_interval`. Pure.
class watchers {
public:
  /// False: there is no room. Asking twice counts once.
  bool add(const pid& who) {
    if (all_.size() >= watchers_max && !all_.contains(who))
      return false;
    all_.insert(who);
    told_.reset();  // It is told something else than the others were, perhaps.
    return true;
  }
  void remove(const pid& who) { all_.erase(who); }
  [[nodiscard]] const std::set<pid>& all() const noexcept { return all_; }

  /// It stands like that. True: everybody is to be told now, and `resume` called after `watch_interval`.
  [[nodiscard]] bool note(const standing& now) {
    if (all_.empty() || is_pausing_ || told_ == now)
      return false;
    told_ = now;
    is_pausing_ = true;
    return true;
  }
  void resume() { is_pausing_ = false; }

private:
  std::set<pid> all_;
  std::optional<standing> told_;
  bool is_pausing_ = false;
};

}  // namespace beamline::net::outbox
