#pragma once

#include "actors/node.hpp"
#include "actors/process_access.hpp"
#include "base/result.hpp"

#include <functional>
#include <utility>

namespace beamline::program {

/// A process that does one thing and ends when it says so: for verbs that ask a process.
class errand final : public process {
public:
  using task = std::function<void(process_access self)>;
  errand(process_context& c, task t) : process{c}, task_{std::move(t)} {}
  behavior init() override {
    task_(process_access{*this});
    return {};
  }

private:
  task task_;
};

/// Has a process of its own do it; `done` is handed what stands in for the answer when there can be none.
template <class Done>
void send_errand(node& n, const Done& done, errand::task t) {
  try {
    n.spawn<errand>(std::move(t));
  } catch (const process_limit_reached& e) {
    done(error{errc::busy, e.what()});
  }
}

/// Answers and ends.
template <class Done>
auto finishing(const process_access& self, Done done) {
  return [self, done = std::move(done)](auto&& value) {
    done(std::forward<decltype(value)>(value));
    self.stop(reason::normal());
  };
}

}  // namespace beamline::program
