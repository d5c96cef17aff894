#pragma once

#include "actors/names.hpp"
#include "actors/pid.hpp"
#include "actors/process_stats.hpp"
#include "actors/reason.hpp"
#include "actors/signals.hpp"
#include "base/result.hpp"

#include <caf/actor_control_block.hpp>
#include <caf/mailbox_element.hpp>

#include <array>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace beamline {

/// All processes of one node: id -> handle, name -> id, who watches whom, who is linked with whom.
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
  /// It has ended: its id and name find nobody from now on, then its watchers and links are told.
  /// False: it had been given up, and all of that was done then, with `killed`.
  bool retire(std::uint64_t id, const reason& why);
  /// Grows from call to call: births, and references of watches and calls.
  [[nodiscard]] std::uint64_t next_ref() { return ++last_ref_; }

  // -- zombies (M9) ----------------------------------------------------------------

  /// Gives up a process that was killed and does not return from its handler: as `retire` with `killed`; what it sends
  /// from now on reaches nobody, and it ends as soon as its handler returns. It counts as a process until then.
  /// False: it has ended by itself.
  bool fence(std::uint64_t id, time_point now);

  // -- sending -------------------------------------------------------------------

  [[nodiscard]] caf::strong_actor_ptr find(std::uint64_t id);
  /// Whether that process is there; one under construction is, a zombie is not.
  [[nodiscard]] bool is_alive(std::uint64_t id);
  /// False when nobody has that id; the message is gone then.
  bool deliver(std::uint64_t id, caf::mailbox_element_ptr message, caf::execution_unit* from);
  /// The same for a message of the layer itself, or any local one, from nobody.
  template <class M>
  bool tell(std::uint64_t id, M m) {
    return deliver(id, caf::make_mailbox_element(nullptr, caf::make_message_id(), {}, std::move(m)), nullptr);
  }
  /// Sends an exit signal, a kill past everything that waits. False when nobody has that id.
  bool exit(std::uint64_t id, exit_signal e, caf::execution_unit* from = nullptr);
  /// The id a local pid means right now; 0 when nobody is there or it is not local.
  [[nodiscard]] std::uint64_t resolve(const pid& p);

  /// How a process that was found before ended; nullopt once its slot is used again.
  [[nodiscard]] std::optional<reason> exit_reason(std::uint64_t id);
  /// What it handled last, so long; null: nothing, or not known any more.
  [[nodiscard]] const std::type_info* last_handled(std::uint64_t id);

  // -- names ---------------------------------------------------------------------

  /// Errors: `exists` (the name is taken), `not_found` (no such process), `invalid` (empty name, too long).
  /// A stable address answers only once its new owner has opened it, see name_table.
  result<void> register_name(std::uint64_t id, const std::string& name);
  [[nodiscard]] std::uint64_t whereis(const std::string& name) const { return names_.whereis(name); }
  [[nodiscard]] name_table& names() noexcept { return names_; }

  // -- monitors ------------------------------------------------------------------

  // The watcher of whoever watches for another node: no process, see `tell_outside`.
  static constexpr std::uint64_t outside = ~0ULL;

  /// When `target` ends, `watcher` is cast a down_signal{ref}. False: there is no such process.
  bool watch(std::uint64_t target, std::uint64_t ref, std::uint64_t watcher);
  void unwatch(std::uint64_t target, std::uint64_t ref);
  /// What the watcher `outside` is told: who ended, under which ref, and why. It is called by the process that ends,
  /// after everything it sent, with nothing locked. Set before the first process is there, for good.
  void tell_outside(std::function<void(std::uint64_t target, std::uint64_t ref, const reason& why)> told) {
    outside_told_ = std::move(told);
  }

  // -- links, kept at both ends ----------------------------------------------------

  /// False when `with` has ended; then nothing is linked.
  bool link(std::uint64_t by, std::uint64_t with);
  void unlink(std::uint64_t by, std::uint64_t with);
  /// Takes the record of a link whose other end has died. False: it was unlinked meanwhile.
  bool forget_link(std::uint64_t of, std::uint64_t dead);

  // -- the node's view -------------------------------------------------------------

  /// From now on `reserve` throws: the node is ending.
  void close();
  [[nodiscard]] std::size_t count() const noexcept { return count_.load(std::memory_order_acquire); }
  /// In the order of their birth, zombies included. Takes one short lock per slot, none over all.
  [[nodiscard]] std::vector<process_info> list(time_point now);
  [[nodiscard]] std::optional<process_info> info(std::uint64_t id, time_point now);
  /// Looks at all processes.
  [[nodiscard]] process_relations relations(std::uint64_t id);
  /// The smallest ids it is linked with.
  [[nodiscard]] std::vector<std::uint64_t> links_of(std::uint64_t id, std::size_t at_most);
  [[nodiscard]] std::vector<std::uint64_t> ids();
  /// Of everybody, zombies included: for the simulator, which ends them all.
  [[nodiscard]] std::vector<caf::strong_actor_ptr> handles();
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
    std::unique_ptr<std::set<std::uint64_t>> links;  // Made with the first.
    std::string name;
    const std::type_info* ended_after = nullptr;  // The message it had handled last.
    std::unique_ptr<reason> ended;                // Of the last process here, until the slot is taken again.
    // Of the process itself: senders may still count there when the slot is used again.
    process_stats* stats = nullptr;
  };

  // Somebody who sends to a process. All of them together cost it its last moment at most, and it stays its own last
  // holder: its destructor runs in its own turn, not in that of whoever sent to it last.
  class visit {
  public:
    visit(process_table& table, std::uint64_t id) noexcept;
    ~visit() {
      if (stats_ != nullptr)
        stats_->visitors.fetch_sub(1, std::memory_order_release);
    }
    visit(const visit&) = delete;
    visit& operator=(const visit&) = delete;
    explicit operator bool() const noexcept { return stats_ != nullptr; }
    [[nodiscard]] caf::abstract_actor& host() const noexcept { return *host_; }
    [[nodiscard]] process_stats& stats() const noexcept { return *stats_; }

  private:
    caf::abstract_actor* host_ = nullptr;
    process_stats* stats_ = nullptr;
  };

  // Holds the locks of two slots, taken in the order of their addresses; of one when they are the same.
  class pair_lock {
  public:
    pair_lock(slot& a, slot& b) noexcept : first_{&a}, second_{&b} {
      if (std::less<>{}(second_, first_))
        std::swap(first_, second_);
      first_->mutex.lock();
      if (second_ != first_)
        second_->mutex.lock();
    }
    ~pair_lock() {
      if (second_ != first_)
        second_->mutex.unlock();
      first_->mutex.unlock();
    }
    pair_lock(const pair_lock&) = delete;
    pair_lock& operator=(const pair_lock&) = delete;

  private:
    slot* first_;
    slot* second_;
  };

  // What a slot holds of a process, taken out when it ends.
  struct remains {
    caf::strong_actor_ptr handle;
    process_stats* stats = nullptr;
    std::vector<watcher> watchers;
    std::unique_ptr<std::set<std::uint64_t>> links;
  };

  class type_names;

  // Read under a lock, made readable after it.
  struct raw_types {
    const std::type_info* kind = nullptr;
    const std::type_info* current = nullptr;
    const std::type_info* last = nullptr;
  };

  struct zombie {
    caf::strong_actor_ptr handle;
    process_stats* stats;
    time_point since;
  };

  static constexpr std::uint64_t index_bits = 24;
  static constexpr std::uint64_t index_mask = (1ULL << index_bits) - 1;
  static constexpr std::size_t chunk_size = 256;
  static constexpr std::size_t chunks_max = (1ULL << index_bits) / chunk_size;
  using chunk = std::array<slot, chunk_size>;

  slot* find_slot(std::uint64_t id) noexcept;
  slot& slot_at(std::uint64_t id);
  static bool is_current(const slot& s, std::uint64_t id) noexcept { return s.is_taken && s.use == id >> index_bits; }
  bool begin_end(slot& s, std::uint64_t id, std::string& name);
  static remains take_remains(slot& s, const reason& why);
  void tell_end(std::uint64_t id, const remains& r, const reason& why);
  void reap(std::uint64_t id);
  static void read(const process_stats& t, time_point now, process_info& into, raw_types& types);
  bool read_slot(std::uint64_t id, time_point now, process_info& into, raw_types& types);
  bool read_zombie(std::uint64_t id, time_point now, process_info& into, raw_types& types);
  [[nodiscard]] std::optional<process_info> info(std::uint64_t id, time_point now, type_names& names);

  node_identity_ptr self_;
  std::size_t processes_max_;
  std::unique_ptr<std::atomic<chunk*>[]> chunks_;
  name_table names_;
  std::function<void(std::uint64_t, std::uint64_t, const reason&)> outside_told_;
  mutable std::mutex mutex_;  // Guards what follows. Who needs a slot's lock, too, takes this one first.
  std::condition_variable empty_;
  std::size_t slots_made_ = 0;
  bool is_closed_ = false;
  std::deque<std::uint64_t> free_;  // Oldest first, so that a slot rests before it is used again.
  std::map<std::uint64_t, zombie> zombies_;
  std::atomic<std::size_t> count_{0};
  std::atomic<std::uint64_t> last_ref_{0};
};

/// Thrown by spawn when the node has `processes_max` processes already.
class process_limit_reached : public std::runtime_error {
public:
  using std::runtime_error::runtime_error;
};

}  // namespace beamline
