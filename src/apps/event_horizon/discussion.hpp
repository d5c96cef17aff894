#pragma once

#include "apps/accumulator/contracts.hpp"
#include "base/id.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace beamline::event_horizon {

// What a node keeps of one discussion. Beyond either, the oldest threads go; of the last thread the oldest answers.
inline constexpr std::size_t discussion_comments_max = 500;
inline constexpr std::size_t discussion_octets_max = 256 * 1024;

/// A comment and those that answer it.
struct comment_thread {
  accumulator::comment first;
  std::vector<accumulator::comment> answers{};  // Oldest first.

  friend bool operator==(const comment_thread&, const comment_thread&) = default;
};

/// The comments of one post that are shown, as this node knows them. Immutable once it is told: all views of the post
/// share one.
struct discussion {
  std::string slug;
  std::vector<comment_thread> threads{};  // Oldest first, by their first comments.
  std::int64_t version = 0;               // blog_stats::comments_version; of two, the greater one is newer.
  bool is_complete = true;                // False: older threads were left out, or the newest could not be read.

  /// First comments and answers together.
  [[nodiscard]] std::size_t size() const;
  /// Null: there is none of that id.
  [[nodiscard]] const accumulator::comment* find(const uid& id) const;

  friend bool operator==(const discussion&, const discussion&) = default;
};

/// Null: not heard of yet.
using discussion_ref = std::shared_ptr<const discussion>;

}  // namespace beamline::event_horizon
