#pragma once

#include "apps/event_horizon/messages.hpp"
#include "base/result.hpp"

#include <cstddef>
#include <string>

/// What may be in a comment, with words for its writer: for forms while they are filled in, and before one is sent, by
/// a script or without. The accumulator may be stricter, and has the last word. Pure.
namespace beamline::event_horizon {

/// What is wrong with the parts of a comment: whole sentences that say what to change. Empty: nothing.
struct comment_complaints {
  std::string content{};
  std::string author{};
};

/// The comment as it may be sent: trimmed, the author on one line, lines ended by '\n'.
[[nodiscard]] comment_post tidied(comment_post c);
/// Of a tidied one.
[[nodiscard]] comment_complaints complaints_about(const comment_post& c, std::size_t bytes_max);

/// Tidies and checks. Errors: `invalid`, with the first complaint.
[[nodiscard]] result<comment_post> check_comment(comment_post c, std::size_t bytes_max);

}  // namespace beamline::event_horizon
