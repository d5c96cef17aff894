#pragma once

// The outbox of a node, for its other processes.
//
//   auto e = make_event(env(), "update_likes", slug, encode(like));
//   execute_or_buffer(*this, std::move(e), [this](const outcome& o) {
//     if (const auto* a = std::get_if<applied>(&o)) ...      it counts, and this is what the target answered
//     else if (std::get_if<buffered>(&o)) ...                it is kept, and will count once the target is there
//     else std::get<refused>(o).why                          it does not count
//   });
//
// The function is called once, in a later turn of the process, at the latest after `answer_time`; never, when the
// process ends before. In a durable outbox `buffered` means: on the disk.

#include "actors/process.hpp"
#include "net/outbox/messages.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace beamline::net::outbox {

/// The name under which the outbox of a node is found.
inline constexpr std::string_view outbox_name = "outbox";
[[nodiscard]] inline pid outbox_on(const environment& env) { return {env.self(), std::string{outbox_name}}; }

// -- outcomes ------------------------------------------------------------------------------

/// The target has applied it, or had before.
struct applied {
  bytes answer;
};
/// It is kept and will be sent.
struct buffered {
  uid id;  // Of the entry that it is, or is part of.
};
struct refused {
  enum class cause : std::uint8_t {
    buffer_full,  // It cannot be kept now; trying again later may help.
    invalid,      // It never can take effect.
  };
  cause what = cause::buffer_full;
  std::string why{};  // For people.
};
using outcome = std::variant<applied, buffered, refused>;

// Whoever submits an event waits this long. The direct way has outbox.call_time of it, at most `call_time_max`.
inline constexpr duration answer_time = 10s;

/// A new event, with its id.
[[nodiscard]] event make_event(const environment& env, std::string type, std::string key, bytes payload);

/// Sends it directly if the target is there and nothing of its key waits, else keeps it; see `server`.
void execute_or_buffer(process& self, event e, std::function<void(const outcome&)> done);
/// Keeps it, to be sent in its turn.
void enqueue(process& self, event e, std::function<void(const outcome&)> done);
/// Whether an entry that `buffered` named is still to be applied. True, too, if the outbox cannot say: it is kept.
void ask_waiting(process& self, const uid& entry, std::function<void(bool)> done);

// -- messages to the process `outbox` -------------------------------------------------------

/// Call, answered `outcome`.
struct submit {
  event what;
  bool is_direct = true;
  bool is_repeat = false;  // An outbox that ended meanwhile may have kept it.
};
/// Call or cast: do not wait for anything but a target. Answered with whether something waits and a target is there.
struct trigger_sync {};

/// Call, answered `std::uint64_t`: how many entries wait.
struct get_queue_size {};

/// Call, answered `bool`: whether the entry waits, or is on its way; true, too, as long as the table is being read.
struct is_waiting {
  uid entry;
};

/// Call, answered `standing`; from then on `who` is cast one whenever it has changed, at most every `watch_interval`,
/// until one of the two ends. Refused beyond `watchers_max`.
struct watch_standing {
  pid who;
};
/// What others may want to show of an outbox all the time.
struct standing {
  std::uint64_t size = 0;   // Entries that wait.
  bool has_target = false;  // One is linked.

  friend bool operator==(const standing&, const standing&) = default;
};
inline constexpr duration watch_interval = std::chrono::milliseconds{250};

/// Call, answered `status`.
struct get_status {};
struct status {
  std::uint64_t size = 0;
  std::uint64_t octets = 0;
  std::uint64_t entries_max = 0;
  std::uint64_t bytes_max = 0;
  std::uint64_t dead = 0;
  std::uint64_t direct = 0;  // On the direct way.
  bool is_ready = true;      // False: it is reading its table, and the rest says nothing yet.
  bool is_durable = true;
  bool is_syncing = false;
  bool is_failing = false;
  std::optional<std::string> target;  // None: none is linked.
  std::vector<std::string> targets;
  std::optional<duration> oldest;        // How long the first one has waited.
  std::optional<duration> next_attempt;  // From now.
  std::string last_error;                // Of the last attempt, until one goes well.
  std::uint64_t accepted = 0, applied = 0, rejected = 0, refused = 0, dropped = 0, merged = 0,
                lost = 0;  // Since start.
};

/// Call, answered `entry_list`: the first ones that wait, or dead letters.
struct peek {
  std::size_t count = 10;
};
struct list_dead {
  std::size_t count = 100;
};
struct listed {
  event what;  // Payload included.
  std::uint64_t merged = 1;
  duration age{};     // Since it was accepted; of a dead letter, since it died.
  std::string state;  // As `queue::view` has it; of a dead letter, why.
};
struct entry_list {
  std::vector<listed> entries;
  std::uint64_t total = 0;
};

/// Calls, answered `std::uint64_t`: how many. Without an id: all of them.
struct retry_dead {
  std::optional<uid> id;
};
struct discard_dead {
  std::optional<uid> id;
};

/// Call, answered `import_report` when all that was taken is kept. Ids stay as they are.
struct import_events {
  std::vector<event> events;
};
struct import_report {
  std::uint64_t kept = 0;
  std::uint64_t known = 0;           // They wait already, or are dead letters.
  std::vector<std::string> refused;  // `<id>: why`.
};

}  // namespace beamline::net::outbox
