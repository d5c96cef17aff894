#pragma once

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "net/link/envelope.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string_view>
#include <utility>

namespace beamline::net {

/// Joins the pieces of large messages. Pure, not thread-safe.
///
/// What a peer announces is checked before anything is kept for it, and memory is taken as the pieces come: at most
/// four times what has arrived, and never more than a lane of a gate with these limits can have under way.
class fragment_joiner {
public:
  struct options {
    std::size_t message_octets_max = 0;                // Encoded, of one.
    std::array<std::size_t, lanes> lane_octets_max{};  // Of all open ones of a lane.
  };
  explicit fragment_joiner(options o) : options_{o} {}

  /// The message, if this is all of it; nothing yet. Errors: `corrupt`, `too_large`.
  [[nodiscard]] result<std::optional<bytes>> first(std::size_t lane, std::uint64_t id, std::uint64_t total,
                                                   std::string_view piece);
  [[nodiscard]] result<std::optional<bytes>> more(std::size_t lane, std::uint64_t id, std::string_view piece);
  /// Forgets everything.
  void clear();
  /// The octets of unfinished messages that are held.
  [[nodiscard]] std::size_t held_octets() const noexcept { return held_; }

private:
  struct message {
    std::size_t total = 0;
    bytes octets{};
  };
  using messages = std::map<std::pair<std::size_t, std::uint64_t>, message>;  // By lane and transfer.

  result<std::optional<bytes>> add(messages::iterator at, std::string_view piece);

  options options_;
  messages open_;
  std::array<std::size_t, lanes> announced_{}, count_{};  // Of the open ones, by lane.
  std::size_t held_ = 0;
};

}  // namespace beamline::net
