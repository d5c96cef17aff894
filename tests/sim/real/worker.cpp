#include "sim/real/worker.hpp"

#include "testing/world.hpp"

namespace beamline::house {

behavior worker::init() {
  if (happens(temper_.bad_starts))
    return refuse_start(reason::custom("not today"));
  if (auto taken = names_.register_as(*this, label_); !taken)
    return refuse_start(reason::custom("registry: " + to_string(taken.error())));
  if (temper_.slow_stop > duration{})
    trap_exits([this](const exit_signal& e) { run_after(temper_.slow_stop, [this, why = e.why] { stop(why); }); });
  return handlers([this](const work& m) { return do_work(m); }, [](const nudge&) {});
}

process::deferred worker::do_work(const work& m) {
  auto p = promise<int>();
  if (happens(temper_.throws))
    throw std::runtime_error{"could not do number " + std::to_string(m.number)};
  if (happens(temper_.stops))
    stop();
  if (happens(temper_.hangs))
    testing::block(temper_.hangs_for);
  if (happens(temper_.keeps))
    kept_.push_back(p);
  else
    p.set(static_cast<int>(m.number));
  return p;
}

}  // namespace beamline::house
