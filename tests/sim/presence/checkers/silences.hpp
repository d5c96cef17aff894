#pragma once

#include "testing/check/checker.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace beamline::gathering {

/// What each shard was told of the other nodes, at the moments when it handled that: their beats, and that their links
/// went down or came up. From that follows when a silence is a cause to hide them (D132, D133). Breaks nothing itself.
class silences final : public testing::checker {
public:
  struct limits {
    std::optional<duration> grace{};  // Of a lost link, until it is heard again; nothing: only `down` counts.
    duration period{};                // Of the beats: so long at least who is linked anew has to be heard.
    duration down{};                  // Nobody is silent for longer.
  };
  explicit silences(limits l) : checker{"silences"}, limits_{l} {}

  [[nodiscard]] bool wants_mail() const override { return true; }
  void on_step(const process& who, const caf::mailbox_element* m) override;

  /// Run of its node, and its name there.
  using shard_id = std::pair<std::uint64_t, std::string>;
  /// `linked`: the nodes its own one is linked with then.
  void started(const shard_id& shard, const std::vector<std::string>& linked, time_point now);
  void heard(const shard_id& shard, const std::string& other, time_point now);
  void link_lost(const shard_id& shard, const std::string& other, time_point now);
  void link_found(const shard_id& shard, const std::string& other, time_point now);

  /// That shard may take the other node for gone: since its link was lost it was not heard for the grace, nor for a
  /// period since the link came back; or it was not heard for `down`.
  [[nodiscard]] bool is_cause(const shard_id& shard, const std::string& other, time_point now) const;
  /// In words: `heard at 455.001ms, its link lost at 655.705ms, found at 881.59ms`.
  [[nodiscard]] std::string story(const shard_id& shard, const std::string& other) const;

private:
  struct silence {
    time_point heard{};                 // The last beat, or the start of the shard.
    std::optional<time_point> lost{};   // The first time since.
    std::optional<time_point> found{};  // The last time since.
  };
  struct hearing {
    time_point started{};
    std::map<std::string, silence> others;  // Without those that were not linked since.
  };

  [[nodiscard]] std::optional<silence> find(const shard_id& shard, const std::string& other) const;
  silence& of(const shard_id& shard, const std::string& other);

  limits limits_;
  std::map<shard_id, hearing> shards_;
};

}  // namespace beamline::gathering
