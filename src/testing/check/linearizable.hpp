#pragma once

#include "testing/check/checker.hpp"
#include "testing/check/history.hpp"

#include <string>
#include <utility>

namespace beamline::testing {

/// An object behaves as if it were one, and handled one call after another, however many clients, copies and faults
/// there are (I11 and more: what was answered took effect exactly once, what was not at most once). Judged at the end.
///
///   auto& numbers = c.check<linearizable<counter_model>>("the counter is one counter");
///   ... auto n = numbers.calls().invoke("a@sim", counter_model::add(1)) ... numbers.calls().answer(n, {.total = 1})
///   ...
///
/// Whoever cannot be judged within the limits is broken, too, and says so: silence would look like success.
template <sequential_model M>
class linearizable final : public checker {
public:
  explicit linearizable(std::string invariant = "linearizable", linearize_limits limits = {})
      : checker{std::move(invariant)}, limits_{limits} {}

  [[nodiscard]] history<M>& calls() noexcept { return calls_; }

  void at_end(world&) override {
    if (auto found = judge(calls_, limits_); found.what != linearization::verdict::legal)
      fail(std::move(found.why));
  }

private:
  linearize_limits limits_;
  history<M> calls_;
};

}  // namespace beamline::testing
