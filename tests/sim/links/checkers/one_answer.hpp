#pragma once

#include "actors/events.hpp"
#include "sim/links/events.hpp"
#include "testing/check/evidence.hpp"
#include "testing/check/telemetry_checker.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <utility>

namespace beamline::linked {

/// A call of another node, by `call` or rpc, has one outcome (I10), the right one, of the node it was made to (I13);
/// one over a connection that ends has it before its caller is told that the node is down; it is served at most once,
/// and exactly once if there is a value (I11).
class one_answer final : public testing::telemetry_checker {
public:
  one_answer() : telemetry_checker{"one answer per call"} {}

  void on_start(testing::simulated_node& n) override;
  void on_end(testing::simulated_node& n, testing::node_end how) override;

  /// Calls without an outcome so far.
  [[nodiscard]] std::size_t open() const;

private:
  struct call {
    std::string node;
    std::uint64_t connection = 0;  // Over which it was made; 0: there was none.
    std::string words;
  };
  using process_key = std::pair<std::uint64_t, std::uint64_t>;                 // Incarnation, id.
  using call_key = std::pair<std::uint64_t, std::uint64_t>;                    // Number, place.
  using served_key = std::tuple<std::uint64_t, std::uint64_t, std::uint64_t>;  // Incarnation, id, number.

  void done(testing::simulated_node& n, const answered& e);

  std::map<process_key, std::map<call_key, call>> open_;
  std::map<served_key, std::uint64_t> asked_, served_;  // How often; a multicall has many places.
  std::map<served_key, std::uint64_t> values_;
};

}  // namespace beamline::linked
