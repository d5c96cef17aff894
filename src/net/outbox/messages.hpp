#pragma once

#include "actors/message.hpp"
#include "base/bytes.hpp"
#include "base/id.hpp"
#include "base/time.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// What an outbox and its target say to each other.
///
///   outbox (host)                                      target (accumulator)
///     rpc outbox.handle_buffered_event{events} ---->     applies them one after another, in this order
///     <---- event_answers, one for each                  when all of what it did is durable
///
/// The target applies an event once, however often it comes: it remembers ids, in the transaction of the effect (D201).
/// It answers in the order of the events. `retry` ends the answer: that event and all behind it were not applied.
namespace beamline::net::outbox {

/// Something that happened and must take effect at the target once. Its id, of version 7, is made once and never
/// changes: not by a retry, another way there, a restart or an import (D198).
struct event {
  uid id{};
  std::string type{};  // Its class, see event_class.hpp.
  bytes payload{};     // What the class makes of it.
  std::string key{};   // Events of one key are applied in the order they were accepted.
  wall_time at{};      // When it was accepted, by the host's clock.
  BEAMLINE_MESSAGE(event, "outbox.event", 1, id, type, payload, key, at)

  friend bool operator==(const event&, const event&) = default;
};

/// The procedure of the target; answered with `event_answers`.
struct handle_buffered_event {
  std::vector<event> events{};
  std::string origin{};  // The host's name.
  BEAMLINE_MESSAGE(handle_buffered_event, "outbox.handle_buffered_event", 1, events, origin)
};

/// What became of an event (D200). Numbers are the protocol; one that a newer target sends is taken as `retry`.
enum class event_outcome : std::uint8_t {
  retry = 0,      // Not now, or nobody knows; whatever is behind it was not looked at.
  applied = 1,    // Its effect is durable.
  duplicate = 2,  // So it was before.
  rejected = 3,   // It never can be: malformed, unknown type. `why` says so.
};

struct event_answer {
  uid id{};
  event_outcome outcome = event_outcome::retry;
  std::string why{};  // For people, with `rejected` and `retry`; may begin with a word for programs and a colon.
  bytes answer{};     // With `applied` and `duplicate`, what the class answers; may be empty.
  BEAMLINE_MESSAGE(event_answer, "outbox.answer", 1, id, outcome, why, answer)

  friend bool operator==(const event_answer&, const event_answer&) = default;
};

struct event_answers {
  std::vector<event_answer> answers{};  // Of the first events, in order; those it does not reach are as after `retry`.
  BEAMLINE_MESSAGE(event_answers, "outbox.answers", 1, answers)
};

/// How it begins why a target rejects an event whose type it does not know. A host that is newer than the target keeps
/// it: an event that was sent directly is queued then, and one from the queue becomes a dead letter, to be retried
/// after the upgrade.
inline constexpr std::string_view unknown_event_type = "unknown_event_type";

// What one batch may hold: a target may refuse more.
inline constexpr std::size_t batch_events_max = 100;
// An event with a longer payload is refused as invalid; coalescing stops there.
inline constexpr std::size_t payload_bytes_max = 128 * 1024;
// Longer or empty types and keys are refused as invalid.
inline constexpr std::size_t type_bytes_max = 64;
inline constexpr std::size_t key_bytes_max = 256;

[[nodiscard]] std::string_view to_string(event_outcome o) noexcept;

}  // namespace beamline::net::outbox
