#pragma once

#include "testing/check/telemetry_checker.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <utility>

namespace beamline::sim_outbox {

/// I42: on each run of a host the version of a post's numbers that is shown only rises. A version has one number of
/// likes, whoever shows it and whenever; and at the end the database has every version that was ever shown: what is
/// shown was durable.
class shown_numbers final : public testing::telemetry_checker {
public:
  shown_numbers() : telemetry_checker{"numbers only rise"} {}
  void on_start(testing::simulated_node& n) override;
  void at_end(testing::world& w) override;

private:
  std::map<std::pair<std::uint64_t, std::string>, std::int64_t> last_;  // By run and slug: the version.
  std::map<std::pair<std::string, std::int64_t>, std::int64_t> likes_;  // By slug and version.
};

}  // namespace beamline::sim_outbox
