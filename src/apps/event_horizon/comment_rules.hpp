#pragma once

#include "apps/event_horizon/messages.hpp"
#include "base/result.hpp"

#include <cstddef>
#include <string>

namespace beamline::event_horizon {

/// The comment as it may be sent: trimmed, the author on one line, lines ended by '\n'. Errors: `invalid`; the message
/// is for the visitor, whole sentences, and says what to change. The accumulator may be stricter, and has the last
/// word.
[[nodiscard]] result<comment_post> check_comment(comment_post c, std::size_t bytes_max);

}  // namespace beamline::event_horizon
