#pragma once

#include "sim/presence/checkers/diffs_fold.hpp"
#include "sim/presence/events.hpp"

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <tuple>

namespace beamline::gathering {

/// Who is tracked, by what the hosts were answered. Whoever is for certain is listed on its own node all the time
/// (I23), and nobody but its host, or its end, makes it leave (I26).
class guest_book final : public testing::telemetry_checker {
public:
  /// `fold` outlives it.
  explicit guest_book(const diffs_fold& fold) : telemetry_checker{"tracked as answered"}, fold_{fold} {}

  void on_start(testing::simulated_node& n) override;
  void on_end(testing::simulated_node& n, testing::node_end how) override;

  using guest_id = std::tuple<std::string, std::string, std::uint64_t, std::string>;  // Tracker, topic, process, key.
  enum class whereabouts : std::uint8_t { here, perhaps, gone };
  [[nodiscard]] whereabouts of(std::uint64_t run, const guest_id& g) const;
  /// Of one that is here for certain; else empty.
  [[nodiscard]] std::string ref_of(std::uint64_t run, const guest_id& g) const;
  /// Those that are here for certain, and those that may be.
  struct count {
    std::uint64_t least = 0;
    std::uint64_t most = 0;
  };
  [[nodiscard]] count in(std::uint64_t run, std::string_view tracker, std::string_view topic) const;
  /// With its ref, which is the newest; empty: it is not known now.
  [[nodiscard]] std::map<guest_id, std::string> here(std::uint64_t run) const;

private:
  struct entry {
    whereabouts is = whereabouts::gone;
    std::string ref;
  };
  struct house {
    std::map<guest_id, entry> entries;
    std::set<std::uint64_t> ended;
    std::set<guest_id> left;  // In the diff that is being told.
  };

  void note(testing::simulated_node& n, const guest_changed& e);
  void judge(testing::simulated_node& n);
  void end(std::uint64_t run, std::uint64_t process);

  const diffs_fold& fold_;
  std::map<std::uint64_t, house> houses_;  // By run of a node.
};

}  // namespace beamline::gathering
