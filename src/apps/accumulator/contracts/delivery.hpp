#pragma once

#include "net/outbox/messages.hpp"

#include <string_view>

/// How events reach whoever applies them: in the batches of an outbox, which sends them again until each has an answer.
/// `event::type` is the name of the message in `event::payload`; `event_answer::answer` an encoded `write_answer`.
namespace beamline::accumulator {

// A batch of more events is refused as a whole; an event with more octets is `rejected`.
using net::outbox::batch_events_max;
using net::outbox::payload_bytes_max;

using net::outbox::event;
using net::outbox::event_answer;
using net::outbox::event_answers;
using net::outbox::event_outcome;
using net::outbox::handle_buffered_event;

/// The first word of why an event was rejected.
namespace reject {
using net::outbox::unknown_event_type;
inline constexpr std::string_view invalid = "invalid";
inline constexpr std::string_view expired = "expired";  // Too old to know whether it was applied (D202).
inline constexpr std::string_view unknown_slug = "unknown_slug";
inline constexpr std::string_view unknown_comment = "unknown_comment";
inline constexpr std::string_view too_many = "too_many";  // Of this visitor, in a short time.
inline constexpr std::string_view full = "full";          // The post holds as many comments as it may.
}  // namespace reject

}  // namespace beamline::accumulator
