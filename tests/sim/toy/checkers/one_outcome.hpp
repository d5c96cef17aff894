#pragma once

#include "base/telemetry.hpp"
#include "sim/toy/events.hpp"
#include "testing/check/checker.hpp"
#include "testing/simulated_node.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace beamline::toy {

/// A question that was put has one outcome at most (none, when its asker has ended).
class one_outcome final : public testing::checker {
public:
  one_outcome() : checker{"one outcome"} {}

  void on_start(testing::simulated_node& n) override {
    handles_.push_back(n.events().attach<outcome>([this, &n](const outcome& e) {
      if (++outcomes_[{n.incarnation(), e.number}] > 1)
        fail("a question of " + n.name() + " had two outcomes");
    }));
  }

private:
  std::map<std::pair<std::uint64_t, std::uint64_t>, int> outcomes_;  // By run of the asker and number.
  std::vector<telemetry::handle> handles_;
};

/// The answer to a question is the answer to that question.
class right_answer final : public testing::checker {
public:
  right_answer() : checker{"right answer"} {}

  void on_start(testing::simulated_node& n) override {
    handles_.push_back(n.events().attach<outcome>([this, &n](const outcome& e) {
      if (e.answer != 0 && e.answer != e.number)
        fail("an asker of " + n.name() + " got the answer to another question");
    }));
  }

private:
  std::vector<telemetry::handle> handles_;
};

}  // namespace beamline::toy
