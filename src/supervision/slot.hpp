#pragma once

#include "supervision/api.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string_view>
#include <unordered_map>

namespace beamline::supervision {

/// A child specification and the life it has at the moment, if any (OTP's child record).
struct slot {
  child_spec spec;
  std::uint64_t position = 0;  // Its place in the start order.
  slot_state state = slot_state::stopped;
  pid who{};                // Its process; the last one when there is none now.
  std::uint64_t ref = 0;    // Start reference of that process; 0: there is none.
  bool is_foreign = false;  // Not spawned by us, but watched (S18).
  bool is_added = false;    // Through the API, not from the list of the supervisor (S28).
  std::uint32_t incarnation = 0;
  std::uint32_t in_a_row = 0;    // Restarts since its last long life; for back-off.
  std::uint64_t retry = 0;       // Number of the attempt that is due; 0: none.
  time_point since{};            // When its start was begun, and from `running` on: when it had started.
  std::optional<reason> gone{};  // It has ended, and that is not dealt with yet.

  [[nodiscard]] bool has_process() const noexcept { return ref != 0; }
  [[nodiscard]] bool is_alive() const noexcept { return has_process() && !gone; }
};

/// The slots of one supervisor in start order, found by id and by start reference in constant time. References to slots
/// stay valid until they are removed.
class slot_table {
public:
  using slots = std::map<std::uint64_t, slot>;

  /// Appends; the id must be new.
  slot& add(child_spec spec, bool is_added);
  void remove(slot& s);

  [[nodiscard]] slot* find(std::string_view id);
  [[nodiscard]] const slot* find(std::string_view id) const;
  [[nodiscard]] slot* find_ref(std::uint64_t ref);
  [[nodiscard]] slot* at(std::uint64_t position);

  /// It has a process with that start reference from now on; 0: none.
  void set_ref(slot& s, std::uint64_t ref);
  /// The same slot with another spec of the same id.
  void replace_spec(slot& s, child_spec spec);
  /// Moves it behind all others.
  void move_to_end(slot& s);

  [[nodiscard]] const slots& all() const noexcept { return slots_; }
  [[nodiscard]] slots& all() noexcept { return slots_; }

private:
  slots slots_;
  std::unordered_map<std::string_view, slot*> by_id_;  // The key is the slot's own `spec.id`.
  std::unordered_map<std::uint64_t, slot*> by_ref_;
  std::uint64_t last_position_ = 0;
};

}  // namespace beamline::supervision
