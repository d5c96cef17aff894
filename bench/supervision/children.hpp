#pragma once

#include "supervision/dynamic_supervisor.hpp"

#include "fixture.hpp"

namespace beamline::bench {

using namespace supervision;

inline constexpr std::int64_t children = 100'000;
// A client that has this many starts under way; one at a time would measure the way there and back.
inline constexpr int window = 256;

/// A child that does nothing.
class idle final : public process {
public:
  using process::process;
  behavior init() override {
    return handlers([](const char&) {});
  }
};

/// Starts them all.
class starter_client final : public process {
public:
  starter_client(process_context& c, pid supervisor, countdown* left)
      : process{c}, supervisor_{supervisor}, left_{left} {}
  behavior init() override {
    for (int i = 0; i < window; ++i)
      next();
    return handlers();
  }

private:
  void next() {
    if (asked_++ >= children)
      return;
    call<start_answer>(supervisor_, instance(), 60s)
        .then(
            [this](const start_answer&) {
              left_->count();
              next();
            },
            [this](const call_error&) { left_->count(); });
  }
  pid supervisor_;
  countdown* left_;
  std::int64_t asked_ = 0;
};

/// A supervisor with that many idle children, all of them started.
inline pid start_all(bench_node& n) {
  auto top = n.get().spawn<dynamic_supervisor>(dynamic_supervisor_spec{.instances = instances_of<idle>("idle")});
  countdown left{children};
  n.get().spawn<starter_client>(top, &left);
  left.wait();
  return top;
}

}  // namespace beamline::bench
