#pragma once

#include "actors/pid.hpp"
#include "actors/process_stats.hpp"
#include "actors/reason.hpp"
#include "base/result.hpp"

#include <caf/actor_control_block.hpp>
#include <caf/mailbox_element.hpp>

#include <array>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace beamline {

/// All processes of one node: id -> handle, name -> id, who watches whom.
///
/// As on the BEAM the table keeps a process alive until it ends by itself or is made to (plain CAF
/// destroys an idle actor when the last handle goes). Monitors are kept here and not in CAF, where
/// those of dead observers leak (CAF note, section 3). One of each per node; thread-safe; every
/// operation on one process costs one short lock of its slot.
///
/// An id is a slot number (24 bits) and how often that slot was used (40 bits): stale ids find nobody.
class process_table {
public:
  // A node refuses to spawn more than this; the spawner sees `process_limit_reached`.
  static constexpr std::size_t processes_max_default = 1U << 20;

  process_table(node_identity_ptr self, std::size_t processes_max);
  ~process_table();
  process_table(const process_table&) = delete;
  process_table& operator=(const process_table&) = delete;

  [[nodiscard]] const node_identity_ptr& identity() const noexcept { return self_; }

  // -- life of a process, called by `process` itself ---------------------------

  /// Takes a slot for a process under construction. Throws `process_limit_reached`.
  std::uint64_t reserve();
  /// From here on it can be found. `stats` is borrowed until it is retired.
  void publish(std::uint64_t id, caf::strong_actor_ptr handle, process_stats& stats);
  /// It has ended: its id and name find nobody from now on, then its watchers are told.
  void retire(std::uint64_t id, const reason& why);
  /// Who spawned it; for the tree.
  void set_parent(std::uint64_t id, std::uint64_t parent);

  // -- sending -------------------------------------------------------------------

  [[nodiscard]] caf::strong_actor_ptr find(std::uint64_t id);
  /// False when nobody has that id; the message is gone then.
  bool deliver(std::uint64_t id, caf::mailbox_element_ptr message, caf::execution_unit* from);
  /// The id a local pid means right now; 0 when nobody is there or it is not local.
  [[nodiscard]] std::uint64_t resolve(const pid& p);

  /// How a process that was found before ended; nullopt once its slot is used again.
  [[nodiscard]] std::optional<reason> exit_reason(std::uint64_t id);

  // -- names ---------------------------------------------------------------------

  /// Errors: `exists` (the name is taken), `not_found` (no such process), `invalid` (empty name).
  result<void> register_name(std::uint64_t id, std::string name);
  void unregister_name(const std::string& name);
  [[nodiscard]] std::uint64_t whereis(const std::string& name) const;

  // -- monitors ------------------------------------------------------------------

  /// When `target` ends, `watcher` is cast a down_signal{ref}. False: there is no such process.
  bool watch(std::uint64_t target, std::uint64_t ref, std::uint64_t watcher);
  void unwatch(std::uint64_t target, std::uint64_t ref);
  [[nodiscard]] std::uint64_t next_ref() { return ++last_ref_; }

  // -- the node's view -------------------------------------------------------------

  /// From now on `reserve` throws: the node is ending.
  void close();
  [[nodiscard]] std::size_t count() const noexcept { return count_.load(std::memory_order_acquire); }
  /// In the order of their slots. Takes one short lock per slot, none over all.
  [[nodiscard]] std::vector<process_info> list(time_point now);
  [[nodiscard]] std::vector<std::uint64_t> ids();
  /// Blocks the caller (never a process) until nobody is left, or for `limit` of real time.
  bool wait_until_empty(duration limit);

private:
  class slot_lock {
  public:
    void lock() noexcept {
      while (held_.test_and_set(std::memory_order_acquire))
        std::this_thread::yield();
    }
    void unlock() noexcept { held_.clear(std::memory_order_release); }

  private:
    std::atomic_flag held_ = ATOMIC_FLAG_INIT;
  };

  struct watcher {
    std::uint64_t ref;
    std::uint64_t process;  // 0 once forgotten.
  };

  struct slot {
    slot_lock mutex;
    std::uint64_t use = 0;  // How often this slot was taken; part of the id.
    bool is_taken = false;
    bool is_ending = false;  // Gets no name any more.
    caf::strong_actor_ptr handle;
    std::vector<watcher> watchers;  // Sorted by ref.
    std::size_t watchers_forgotten = 0;
    std::string name;
    std::unique_ptr<reason> ended;  // Of the last process here, until the slot is taken again.
    process_stats* stats =
        nullptr;  // Of the process itself: senders may still count there when the slot is used again.
  };

  static constexpr std::uint64_t index_bits = 24;
  static constexpr std::uint64_t index_mask = (1ULL << index_bits) - 1;
  static constexpr std::size_t chunk_size = 256;
  static constexpr std::size_t chunks_max = (1ULL << index_bits) / chunk_size;
  using chunk = std::array<slot, chunk_size>;

  slot* find_slot(std::uint64_t id) noexcept;
  slot& slot_at(std::uint64_t id);
  static bool is_current(const slot& s, std::uint64_t id) noexcept { return s.is_taken && s.use == id >> index_bits; }

  node_identity_ptr self_;
  std::size_t processes_max_;
  std::unique_ptr<std::atomic<chunk*>[]> chunks_;
  mutable std::mutex mutex_;  // Guards what follows; never held together with a slot's lock by the same caller.
  std::condition_variable empty_;
  std::size_t slots_made_ = 0;
  bool is_closed_ = false;
  std::deque<std::uint64_t> free_;  // Oldest first, so that a slot rests before it is used again.
  std::map<std::string, std::uint64_t> names_;
  std::atomic<std::size_t> count_{0};
  std::atomic<std::uint64_t> last_ref_{0};
};

/// Thrown by spawn when the node has `processes_max` processes already.
class process_limit_reached : public std::runtime_error {
public:
  using std::runtime_error::runtime_error;
};

}  // namespace beamline
