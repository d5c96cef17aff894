#pragma once

#include "base/time.hpp"
#include "net/outbox/entry.hpp"
#include "net/outbox/event_class.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace beamline::net::outbox {

/// The events that wait for their target, in order, and the dead letters: what an outbox knows. Pure: input and time
/// in; what is to be written comes out of `next_save`, and nothing counts as accepted before `saved` says it is. A
/// memory outbox says so at once.
///
///   add ----> dirty --next_save--> being written --saved(true)--> kept --seal--> sealed --applied--> gone
///    \refused        \saved(false): the new part is taken back      ^---unseal---/  \--reject--> dead letter
///
/// An event may be merged into the last one of its key that waits, if their class says how, they were made within the
/// time that it says, and that one was never sealed: what was once on its way may have been applied under its id, and
/// must not change any more (D198). Rows that were loaded are closed for the same reason.
///
/// Bounds: `limits`. When they are reached events of classes that may be dropped make room, oldest first, never one
/// that is sealed or being written; when there is none the new event is refused. They go with the write that brings the
/// new one, and stay if it fails: nothing is lost for an event that could not be kept, and none comes back after a
/// crash when later ones of its key have been applied.
class queue {
public:
  using ticket = std::uint64_t;  // Stands for who waits to hear that an event is kept. The caller's; 0: nobody.

  struct limits {
    std::size_t entries_max = 10'000;
    std::uint64_t bytes_max = 16U << 20;
    // More dead letters: the oldest are handed out by `take_evicted`.
    std::size_t dead_max = 1000;
    std::uint64_t dead_bytes_max = 4U << 20;
  };

  /// `classes` must outlive the queue.
  queue(const class_table& classes, limits l) : classes_{classes}, limits_{l} {}

  /// What a life before this one left behind; before anything else. Ages go on from `wall_now`.
  void load(std::vector<row> rows, time_point now, wall_time wall_now);

  // -- in ----------------------------------------------------------------------------------

  enum class outcome : std::uint8_t {
    taken,    // The ticket comes out of `saved`.
    known,    // An event of that id is kept already; the ticket is not used.
    refused,  // There is no room.
  };
  struct added {
    outcome what = outcome::refused;
    uid id{};  // Of the entry it is, or is part of.
  };
  struct how {
    place at = 0;            // From `reserve`; 0: behind all others.
    bool is_closed = false;  // It may have been sent already: nothing is merged into it, nor it into anything.
  };
  added add(event e, ticket t, time_point now) { return add(std::move(e), t, now, how{}); }
  added add(event e, ticket t, time_point now, how h);
  /// A place, and room, for an event that tries another way first; nothing: there is none, and nothing is dropped for
  /// it. It is followed by `release` of the same event, and only then, if that way failed, by its `add`.
  [[nodiscard]] std::optional<place> reserve(const event& e);
  void release(const event& e);

  // -- writing -------------------------------------------------------------------------------

  [[nodiscard]] bool has_changes() const noexcept { return !dirty_.empty() || has_owed(); }
  /// Somebody waits for them.
  [[nodiscard]] bool has_new() const noexcept { return !dirty_.empty(); }
  [[nodiscard]] bool is_saving() const noexcept { return is_saving_; }
  /// What is to be written next, at most so many rows; one save at a time.
  [[nodiscard]] row_changes next_save(std::size_t rows_max);
  struct saved_tickets {
    std::vector<ticket> kept, failed;
    std::vector<event> dropped;  // Those that made room for what was kept; without their payloads.
  };
  /// How that went. After a failure what was new is taken back, the rest is owed and comes with the next save.
  [[nodiscard]] saved_tickets saved(bool ok);

  // -- out ---------------------------------------------------------------------------------

  struct batch_limits {
    std::size_t events_max = batch_events_max;
    std::uint64_t bytes_max = 1U << 20;  // One event always fits.
    duration age_max = duration::max();  // What is older becomes a dead letter here.
  };
  /// The first ones that may go, in order: those before the first that is still being written, or whose key
  /// `is_blocked`. They are sealed from now on. Nothing may be sealed already.
  [[nodiscard]] std::vector<place> seal(const batch_limits& l, const std::function<bool(std::string_view)>& is_blocked,
                                        time_point now, wall_time wall_now);
  [[nodiscard]] const event& at(place p) const { return waiting_.at(p).what; }
  [[nodiscard]] std::uint64_t merged(place p) const { return waiting_.at(p).merged; }
  /// A sealed one has taken effect.
  void applied(place p);
  /// A sealed one never will.
  void reject(place p, std::string why, wall_time wall_now);
  /// All that are still sealed wait again.
  void unseal();

  // -- dead letters ------------------------------------------------------------------------

  /// Waits again, at its old place; its age begins anew, until the next `load` reckons it from when it was accepted.
  /// False: no such dead letter, or no room.
  bool retry(const uid& id, time_point now);
  bool discard(const uid& id);
  [[nodiscard]] const std::map<place, row>& dead() const noexcept { return dead_; }
  /// Those for which there was no room; their rows stay until `forget`.
  [[nodiscard]] std::vector<row> take_evicted();
  void forget(place p) { drops_.insert(p); }

  // -- what there is ---------------------------------------------------------------------------

  [[nodiscard]] std::size_t size() const noexcept { return waiting_.size() - doomed_; }
  [[nodiscard]] std::uint64_t octets() const noexcept { return octets_; }
  [[nodiscard]] std::size_t sealed() const noexcept { return sealed_.size(); }
  [[nodiscard]] bool waits(std::string_view key) const { return keys_.contains(key); }
  /// The same of the entry of that id, however it is; a dead letter does not.
  [[nodiscard]] bool waits(const uid& id) const {
    auto known = ids_.find(id);
    return known != ids_.end() && waiting_.contains(known->second);
  }
  [[nodiscard]] bool knows(const uid& id) const { return ids_.contains(id); }
  /// Events that had to go, each merged one counted.
  [[nodiscard]] std::uint64_t dropped() const noexcept { return dropped_; }
  /// Since when the first one waits.
  [[nodiscard]] std::optional<time_point> oldest() const;
  struct view {
    const event& what;
    std::uint64_t merged;
    duration age;
    std::string_view state;  // `waiting`, `being written`, `being dropped` or `sent`.
  };
  void look(std::size_t count, time_point now, const std::function<void(const view&)>& each) const;
  /// All that wait and were accepted, in order: for who has to write them down elsewhere.
  [[nodiscard]] std::vector<row> all_kept() const;

private:
  struct content {
    bytes payload;
    std::uint64_t merged = 1;
  };
  struct entry {
    event what;
    std::uint64_t merged = 1;
    time_point born{};
    bool is_closed = false;
    bool is_sealed = false;
    bool is_dirty = false;            // Its content is to be written, for those of `waiting`.
    bool has_row = false;             // Some content of it is kept.
    bool is_doomed = false;           // It makes room for one that is being written.
    std::optional<content> kept{};    // That content, when it is another than `what`.
    std::optional<content> flying{};  // What is being written now, for those of `flying_for`.
    std::vector<ticket> waiting{}, flying_for{};
    std::vector<place> victims{};  // Those that make room for it, and what they take beyond that: they may stay.
    std::size_t spare_entries = 0;
    std::uint64_t spare_octets = 0;

    [[nodiscard]] bool is_settled() const noexcept { return !is_dirty && !flying; }
  };
  struct key_state {
    std::size_t count = 0;
    place last = 0;
  };
  using entries = std::map<place, entry>;

  [[nodiscard]] static std::uint64_t octets_of(const event& e);
  [[nodiscard]] bool has_owed() const noexcept { return !owed_.empty() || !drops_.empty() || !dead_dirty_.empty(); }
  [[nodiscard]] bool is_droppable(const entry& e) const;
  void sort_in(place p, const entry& e);
  void sort_out(place p, const entry& e);
  bool merge(const event& e, ticket t, place reserved, uid& into);
  [[nodiscard]] bool fits(std::uint64_t octets, std::size_t without, std::uint64_t octets_without) const;
  [[nodiscard]] std::optional<std::vector<place>> make_room(std::uint64_t octets);
  void doom(place p);
  void release(entry& e);
  void spare(place p);
  entry& insert(place p, entry e);
  void erase(entries::iterator i);
  void bury(entries::iterator i, std::string why, wall_time wall_now);
  void add_dead(row r);
  void remove_dead(std::map<place, row>::iterator i);
  void take_back(entries::iterator i, std::vector<ticket>& failed);

  const class_table& classes_;
  limits limits_;
  place next_place_ = 1;
  entries waiting_;
  std::map<std::string, key_state, std::less<>> keys_;
  std::map<uid, place> ids_;  // Of all that wait or are dead.
  std::set<place> sealed_;
  std::set<place> droppable_;
  std::uint64_t droppable_octets_ = 0;
  std::uint64_t octets_ = 0;
  std::size_t doomed_ = 0;         // They count no more: neither in `size` nor in `octets`.
  std::size_t spare_entries_ = 0;  // Kept free for those that may stay.
  std::uint64_t spare_octets_ = 0;
  std::size_t reserved_entries_ = 0;  // And for those that may come back from another way.
  std::uint64_t reserved_octets_ = 0;
  std::uint64_t dropped_ = 0;
  std::map<place, row> dead_;
  std::uint64_t dead_octets_ = 0;
  std::vector<row> evicted_;

  std::set<place> dirty_;       // Of `waiting_`, new content.
  std::set<place> owed_;        // Of `waiting_`, whose row may hold something else than what is kept.
  std::set<place> dead_dirty_;  // Of `dead_`.
  std::set<place> drops_;
  std::vector<place> saving_puts_, saving_dead_, saving_drops_;  // What is being written.
  bool is_saving_ = false;
};

}  // namespace beamline::net::outbox
