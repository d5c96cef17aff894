#pragma once

#include "actors/message.hpp"
#include "base/bytes.hpp"
#include "base/id.hpp"
#include "base/time.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// How events reach whoever applies them: in batches that an outbox sends again until each has an answer. It knows
/// nothing of what an event says; the octets are for the one who applies it.
namespace beamline::accumulator {

// A batch of more events is refused as a whole; an event with more octets is `rejected`.
inline constexpr std::size_t batch_events_max = 100;
inline constexpr std::size_t payload_bytes_max = 128U << 10;

/// What became of an event. `applied` and `duplicate` are success, and it is done with.
enum class event_outcome : std::uint8_t {
  retry = 0,      // Nothing happened, or nobody knows: send it again, with the same id.
  applied = 1,    // Its effect is committed.
  duplicate = 2,  // So it was before: this time nothing happened.
  rejected = 3,   // Nothing happened, and sending it again cannot help.
};
[[nodiscard]] std::string_view to_string(event_outcome o) noexcept;

/// Something that happened, once. Its id is made when it is accepted from a user and never changed after that,
/// whatever way it takes and however often: a version 7 id, whose time is when that was.
struct event {
  uid id{};
  std::string type{};  // Name of the message in `payload`.
  bytes payload{};     // Encoded.
  std::string key{};   // The sender's: events of one key are sent in the order they were accepted.
  wall_time at{};      // The sender's: when it was accepted.
  BEAMLINE_MESSAGE(event, "outbox.event", 1, id, type, payload, key, at)
};

struct event_answer {
  uid id{};
  event_outcome outcome = event_outcome::retry;
  std::string why{};  // Of `retry` and `rejected`: a word of `reject` or `errc`, a colon, and words for people.
  bytes answer{};     // Of `applied` and `duplicate`: an encoded `write_answer`.
  BEAMLINE_MESSAGE(event_answer, "outbox.answer", 1, id, outcome, why, answer)
};

/// One answer for each event, in their order.
struct event_answers {
  std::vector<event_answer> answers{};
  BEAMLINE_MESSAGE(event_answers, "outbox.answers", 1, answers)
};

/// The procedure. Events are applied in their order; once one is answered `retry`, so are all behind it, and none of
/// them was applied.
struct handle_buffered_event {
  std::vector<event> events{};
  std::string origin{};  // The sender's node.
  BEAMLINE_MESSAGE(handle_buffered_event, "outbox.handle_buffered_event", 1, events, origin)
};

/// The first word of why an event was rejected.
namespace reject {
inline constexpr std::string_view unknown_event_type = "unknown_event_type";
inline constexpr std::string_view invalid = "invalid";
inline constexpr std::string_view expired = "expired";  // Too old to know whether it was applied (D202).
inline constexpr std::string_view unknown_slug = "unknown_slug";
inline constexpr std::string_view unknown_comment = "unknown_comment";
inline constexpr std::string_view too_many = "too_many";  // Of this visitor, or to this post.
}  // namespace reject

}  // namespace beamline::accumulator
