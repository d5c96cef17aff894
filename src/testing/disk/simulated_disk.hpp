#pragma once

#include "base/time.hpp"
#include "testing/observer.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace beamline::testing {

struct disk_state;
class machine;
class world;

/// The files of one machine, in memory, and what goes wrong with them. A node sees them through SQLite's VFS (`vfs`)
/// only.
///
/// What is written is seen at once by everybody who reads, and stays when the node's process dies. It survives a loss
/// of power only once its file was synced; of the rest, as the seed says: all, nothing, what was written first, or each
/// sector for itself, also out of order; one sector may be torn. Octets that were not written since the last sync are
/// never harmed ("power-safe overwrite", as SQLite assumes on Linux). A file that was never synced may be gone, and one
/// that was deleted may be back, unless the directory was synced.
///
/// Everything that happens goes into the world's trace hash, but for SQLite's own random numbers (the salts of its
/// logs), which come from a generator that the whole process shares.
class simulated_disk {
public:
  static constexpr std::size_t sector_bytes = 512;
  // All files together, unless set_capacity says less: a machine that needs more in a test has a leak.
  static constexpr std::uint64_t bytes_max = 256U << 20;

  simulated_disk(world& w, machine& m);
  ~simulated_disk();
  simulated_disk(const simulated_disk&) = delete;
  simulated_disk& operator=(const simulated_disk&) = delete;

  /// The name under which SQLite knows this disk, for `store::sqlite::open_options::vfs`; unique in the process. Valid
  /// for the run of the node that asks: after `node_ended` (and when the disk is gone) whatever is still open on it
  /// gets I/O errors and changes nothing, and the next run asks again. Used in the world's thread. Names of files are
  /// taken as they are; there are no directories.
  [[nodiscard]] const std::string& vfs();

  // -- faults ---------------------------------------------------------------------------

  /// Files do not grow: SQLITE_FULL; of a write beyond the end, what lies before it arrives.
  void set_full(bool is_full);
  /// What all files together may hold, at most (and at first) bytes_max; then it is as if the disk were full.
  void set_capacity(std::uint64_t octets);
  /// Writes and syncs fail: SQLITE_IOERR; a part of the write may have arrived, as the seed says. What a failed sync
  /// covered is not durable until a later one succeeds. (That a kernel may then drop it is not modelled: no program on
  /// top of SQLite survives that.)
  void set_failing(bool is_failing);
  /// Commits take so many times as long; read by simulated_database. At least 1.
  void set_slowness(std::uint64_t factor);
  [[nodiscard]] std::uint64_t slowness() const noexcept;
  /// Ends all of these but the capacity.
  void heal();
  /// Flips one bit of a file, chosen by the seed among what is durable: bit rot. False: the file has nothing durable.
  bool rot(std::string_view file);

  // -- single operations ------------------------------------------------------------------

  enum class operation : std::uint8_t { create, write, sync, truncate, remove };
  enum class verdict : std::uint8_t {
    allow,
    full,  // SQLITE_FULL; nothing happened.
    fail,  // SQLITE_IOERR, or that the file cannot be created; nothing happened.
  };
  using judge_function = std::function<verdict(operation, std::string_view file)>;
  /// Asked before each operation that changes a file; for tests that strike single ones. It may call `node_ended`: the
  /// operation then fails like all others of that run. Null: allow all. Stays when the run of the node ends.
  void set_judge(judge_function judge);

  // -- for the world and for checkers ---------------------------------------------------

  /// The run of the node is over; on power loss what was not synced goes, too.
  void node_ended(node_end how);
  /// Content as a reader sees it now; empty: no such file.
  [[nodiscard]] std::vector<std::byte> content(std::string_view file) const;
  [[nodiscard]] std::vector<std::string> files() const;
  [[nodiscard]] std::uint64_t syncs() const noexcept;
  [[nodiscard]] std::uint64_t octets_unsynced() const noexcept;
  /// Since the world began: what losses of power took.
  [[nodiscard]] std::uint64_t sectors_lost() const noexcept;
  [[nodiscard]] std::uint64_t sectors_torn() const noexcept;

private:
  std::unique_ptr<disk_state> state_;
};

}  // namespace beamline::testing
