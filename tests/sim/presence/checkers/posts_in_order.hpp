#pragma once

#include "sim/presence/events.hpp"
#include "sim/presence/setup.hpp"
#include "testing/check/evidence.hpp"
#include "testing/check/telemetry_checker.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <tuple>

namespace beamline::gathering {

/// What a listener hears of one speaker comes in the order it was said, over all topics (I18); of a topic that keeps
/// its value, which comes again for later subscriptions, at least in the order of that topic.
class posts_in_order final : public testing::telemetry_checker {
public:
  posts_in_order() : telemetry_checker{"posts in order"} {}

  void on_start(testing::simulated_node& n) override {
    listen<post_heard>(n, [this, &n](const post_heard& e) {
      auto stream = is_kept(e.topic) ? std::string{e.topic} : std::string{};
      auto& last = last_[{n.incarnation(), e.process, e.run, e.speaker, stream}];
      if (e.number < last)
        fail(who(n, e.process) + " at " + moment(n.world()) + " heard post " + std::to_string(e.number) + " of <"
             + std::string{e.by} + "." + std::to_string(e.speaker) + "> after " + std::to_string(last) + " (I18)");
      last = e.number;
    });
  }

private:
  // Run and process of who hears it, of who said it.
  std::map<std::tuple<std::uint64_t, std::uint64_t, std::uint64_t, std::uint64_t, std::string>, std::uint64_t> last_;
};

}  // namespace beamline::gathering
