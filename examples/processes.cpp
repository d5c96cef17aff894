// Processes in one page: messages, calls, timers, watching and being watched. Run by the tests.

#include "actors/node.hpp"
#include "actors/timer_thread.hpp"
#include "base/log.hpp"
#include "base/telemetry.hpp"

#include <iostream>

using namespace beamline;

struct add {
  long by;
};
struct get {};
struct divide {
  long by;
};

/// Keeps a total; dies when asked to divide by zero.
class counter : public process {
public:
  using process::process;
  behavior init() override {
    return handlers([this](const add& m) { total_ += m.by; }, [this](const get&) { return total_; },
                    [this](const divide& m) {
                      if (m.by == 0)
                        throw std::domain_error{"division by zero"};
                      return total_ /= m.by;
                    });
  }

private:
  long total_ = 0;
};

/// Starts a counter, gives it work, asks it, and starts a new one when it dies.
class keeper : public process {
public:
  using process::process;
  behavior init() override {
    start();
    cast(counter_, add{40});
    run_after(10ms, [this] { cast(counter_, add{2}); });
    run_after(20ms, [this] {
      call<long>(counter_, divide{0}, 1s)
          .then([](long) {}, [](const call_error& e) { std::cout << "the call failed: " << to_string(e) << '\n'; });
    });
    return handlers([this](const get&) { return starts_; });
  }

private:
  void start() {
    ++starts_;
    counter_ = spawn<counter>();
    watch(counter_, [this](const reason& why) {
      std::cout << "the counter ended (" << to_string(why) << "); starting another\n";
      start();
    });
  }

  pid counter_;
  int starts_ = 0;
};

int main() {
  system_clock clock;
  system_random random;
  auto log = logger::in_memory(clock);
  telemetry events;
  timer_thread timers{clock};
  node n{{.name = "example@127.0.0.1"}, {clock, random, *log, events, timers}};

  auto k = n.spawn<keeper>();
  int starts = 0;
  while (starts < 2)  // Until the first counter has died and the second one lives.
    starts = std::get<int>(n.call_sync<int>(k, get{}, 5s));
  std::cout << "counters started: " << starts << '\n';
  return n.shutdown(5s).is_clean() && starts == 2 ? 0 : 1;
}
