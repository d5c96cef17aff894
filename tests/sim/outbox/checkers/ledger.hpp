#pragma once

#include "sim/outbox/tables.hpp"
#include "testing/check/telemetry_checker.hpp"
#include "testing/world.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace beamline::sim_outbox {

/// Keeps what was offered and promised, and compares at the end with what stands in the tables:
///
///   I37   whatever was promised has been applied, has a row on its host (a dead letter), or was dropped where that is
///         allowed, and was counted;
///   I38   the numbers of every post, of the page and of the site, and their versions, are what applying each event
///         whose id is remembered once, in that order, gives; so are the single likes, visits and comments.
class ledger final : public testing::telemetry_checker {
public:
  ledger(std::vector<std::string> hosts, bool may_drop)
      : telemetry_checker{"exactly-once"}, hosts_{std::move(hosts)}, may_drop_{may_drop} {}
  void on_start(testing::simulated_node& n) override;
  void at_end(testing::world& w) override;

private:
  struct offer {
    std::string token, kind, key, visitor;
    std::int64_t amount = 0;
  };
  struct promise {
    std::string token, entry, how;
    std::string host;
    std::uint64_t life = 0;  // Of the outbox that gave it.
  };
  /// An outbox: what it told since it was started last. What an earlier life dropped may not have been told.
  struct outbox_life {
    std::uint64_t number = 0;
    std::uint64_t dropped = 0;
  };

  void check_effects(const books& b);
  void check_promises(testing::world& w, const books& b);
  void expect_equal(const std::string& of, const numbers& stands, const numbers& expected);

  std::vector<std::string> hosts_;
  bool may_drop_;
  std::map<std::string, offer> offers_;     // By id.
  std::map<std::string, std::string> ids_;  // By token.
  std::vector<promise> promises_;
  std::map<std::string, outbox_life> lives_;  // By host.
};

}  // namespace beamline::sim_outbox
