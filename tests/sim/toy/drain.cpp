#include "sim/toy/drain.hpp"

#include "base/telemetry.hpp"
#include "sim/toy/courier.hpp"
#include "sim/toy/events.hpp"
#include "sim/toy/setup.hpp"

#include <algorithm>

namespace beamline::toy {

behavior drain::init() {
  cast(pid{env().self(), "monitor"}, follow{self()});
  return handlers(
      [this](const peer_up& m) {
        towards_[m.peer.name].is_up = true;
        begin(m.peer.name);
      },
      [this](const peer_down& m) { towards_[m.peer.name].is_up = false; }, [this](const wake& m) { begin(m.target); });
}

void drain::begin(const std::string& target) {
  auto& t = towards_[target];
  if (!t.is_up || t.is_syncing)
    return;
  cancel(t.retry);
  set_syncing(target, true);
  take(target);
}

// The outbox answers this and casts `wake` in the order things happen: who wakes a syncing drain put its item
// where this, or the next one, finds it.
void drain::take(const std::string& target) {
  call<batch>(pid{env().self(), "outbox"}, take_batch{target}, 500ms)
      .then(
          [this, target](const batch& b) {
            if (b.items.empty())
              rest(target);
            else
              send(target, b);
          },
          [this, target](const call_error&) { fail(target); });
}

void drain::send(const std::string& target, const batch& b) {
  auto started = couriers_.spawn<courier>(target, b);
  if (!started)
    return fail(target);
  watch(*started, [this, target](const reason& why) {
    if (why.is_normal()) {
      towards_[target].pause = first_pause;
      take(target);
    } else if (!has(env(), mistake::stay_syncing)) {
      fail(target);
    }
  });
}

void drain::rest(const std::string& target) { set_syncing(target, false); }

void drain::fail(const std::string& target) {
  auto& t = towards_[target];
  set_syncing(target, false);
  if (!has(env(), mistake::never_retry))
    t.retry = run_after(t.pause, [this, target] { begin(target); });
  t.pause = std::min(2 * t.pause, pause_max);
}

void drain::set_syncing(const std::string& target, bool is_syncing) {
  towards_[target].is_syncing = is_syncing;
  env().events().emit(drain_status{target, is_syncing});
}

}  // namespace beamline::toy
