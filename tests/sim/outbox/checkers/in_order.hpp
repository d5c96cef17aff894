#pragma once

#include "sim/outbox/events.hpp"
#include "sim/outbox/setup.hpp"
#include "sim/outbox/tables.hpp"
#include "testing/check/telemetry_checker.hpp"
#include "testing/world.hpp"

#include <cstddef>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace beamline::sim_outbox {

/// I39, and more than that, as the outbox promises it: what one host promised of one post or page, of whatever class,
/// was applied in the order in which it was promised.
class in_order final : public testing::telemetry_checker {
public:
  in_order() : telemetry_checker{"in order"} {}

  void on_start(testing::simulated_node& n) override {
    listen<promised>(n, [this](const promised& e) {
      std::string token{e.token};
      promised_[token.substr(0, token.rfind('-'))].emplace_back(token, e.entry);
    });
  }

  void at_end(testing::world& w) override {
    std::map<std::string, std::size_t> applied;  // Places, by id.
    auto b = read_books(w, accumulator_node);
    for (std::size_t i = 0; i < b.seen.size(); ++i)
      applied[b.seen[i]] = i;
    for (const auto& of_key : promised_) {
      if (of_key.first.ends_with(echo_post))
        continue;  // Those also go another way, where nothing keeps them in order.
      std::size_t last = 0;
      std::string last_token;
      for (const auto& [token, entry] : of_key.second) {
        auto at = applied.find(entry);
        if (at == applied.end())
          continue;  // Rejected, or dropped.
        if (at->second < last)
          return fail(token + " was applied before " + last_token + ", which was promised before it (I39)");
        last = at->second;
        last_token = token;
      }
    }
  }

private:
  std::map<std::string, std::vector<std::pair<std::string, std::string>>> promised_;  // By host and key: token, entry.
};

}  // namespace beamline::sim_outbox
