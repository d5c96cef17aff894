#pragma once

#include "pubsub/system/core.hpp"
#include "pubsub/system/peer_board.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace beamline {
class process_table;
}

namespace beamline::pubsub::detail {

/// What is behind a `directory`: the systems of a node, and which of their heralds speaks for all of them to the peers.
/// Thread-safe.
class directory_parts : public std::enable_shared_from_this<directory_parts> {
public:
  // Systems of one node, ever; one more is refused.
  static constexpr std::size_t systems_max = 64;

  /// Ends the system when the last copy goes: its supervisor holds one.
  using lease = std::shared_ptr<core>;

  /// The system is made or taken up again. Errors: `exists` (one of that name runs), `conflict` (one ran with other
  /// options), `busy` (systems_max).
  [[nodiscard]] result<lease> open(environment& env, const system_options& o);
  /// Null: it does not run.
  [[nodiscard]] core* find(std::string_view name) const;

  [[nodiscard]] peer_board& peers() noexcept { return peers_; }
  /// Of the systems that run.
  [[nodiscard]] peer_board::pool_map pools() const;

  // -- heralds ------------------------------------------------------------------------------------------

  /// It speaks from now on.
  void arrive(const std::string& system, std::uint64_t herald);
  /// Returns who is to speak instead; 0: somebody speaks already, or nobody is there.
  [[nodiscard]] std::uint64_t depart(const std::string& system, std::uint64_t herald);
  [[nodiscard]] bool is_speaker(std::uint64_t herald) const;
  /// Who spoke was killed, and its system has ended with it.
  [[nodiscard]] bool is_silent(process_table& living) const;
  [[nodiscard]] std::uint64_t herald_of(std::string_view system) const;

private:
  struct life {
    std::unique_ptr<core> of;
    std::uint64_t lives = 0;
    bool is_running = false;
  };

  void close(const std::string& name, std::uint64_t which);

  mutable std::mutex mutex_;
  std::map<std::string, life, std::less<>> systems_;
  std::map<std::string, std::uint64_t, std::less<>> heralds_;
  std::uint64_t speaker_ = 0;
  peer_board peers_;
};

}  // namespace beamline::pubsub::detail
