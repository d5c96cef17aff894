#pragma once

#include "actors/pid.hpp"

#include <caf/actor_control_block.hpp>
#include <caf/mailbox_element.hpp>

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <stdexcept>
#include <string>

namespace beamline {

/// Thrown by a spawn whose name somebody else has (S37).
class name_taken : public std::runtime_error {
public:
  name_taken(const std::string& name, pid owner);
  [[nodiscard]] const pid& owner() const noexcept { return owner_; }

private:
  pid owner_;
};

/// The registered names of one node: one owner each (S14). Part of the process table; thread-safe.
///
/// A name may be declared a *stable address*: while nobody answers to it, messages to it are parked and handed to the
/// next owner, in order, before anything that is sent later.
class name_table {
public:
  // A name that is longer is refused: it travels in messages and stands in every list.
  static constexpr std::size_t name_bytes_max = 255;

  /// What became of a message to a name.
  enum class fate : std::uint8_t {
    found,    // Somebody answers to it: the message is still the caller's.
    parked,   // Kept for the next owner.
    refused,  // As many as may be parked are: the message is gone, a call was answered `busy`.
    nobody,   // The message is still the caller's.
  };
  struct route {
    fate what = fate::nobody;
    std::uint64_t id = 0;  // When found.
    std::uint64_t refused_total = 0;
  };

  /// Gives the name to `id`, which answers to it at once, or, at a stable address, from `open` on. Returns the id of
  /// the owner when it is taken, else 0.
  std::uint64_t take(const std::string& name, std::uint64_t id);
  /// From now on the owner answers; what was parked goes to `deliver`, one by one, before anything new. `deliver` must
  /// not use this table nor run code of the user: the table is locked meanwhile.
  void open(const std::string& name, std::uint64_t id, const std::function<void(caf::mailbox_element_ptr)>& deliver);
  void release(const std::string& name, std::uint64_t id);
  [[nodiscard]] std::uint64_t whereis(const std::string& name) const;

  /// From now on at most `park_max` messages are parked in each gap.
  void declare(const std::string& name, std::size_t park_max);
  /// No more; what is parked is gone, calls among it are answered `noproc`.
  void withdraw(const std::string& name);
  /// Drops everything, unanswered: the node is ending, nobody is left.
  void clear();

  /// Where a message to `name` goes; takes it unless found or nobody.
  [[nodiscard]] route find_or_park(const std::string& name, caf::mailbox_element_ptr& m);

private:
  struct entry {
    std::uint64_t owner = 0;   // 0: nobody.
    bool is_open = false;      // Nothing is parked any more.
    std::size_t park_max = 0;  // 0: not declared.
    std::uint64_t refused = 0;
    std::deque<caf::mailbox_element_ptr> parked;
  };

  void erase_if_unused(std::map<std::string, entry>::iterator e);

  mutable std::mutex mutex_;
  std::map<std::string, entry> names_;
};

}  // namespace beamline
