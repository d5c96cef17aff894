#pragma once

#include "testing/disk/stored_file.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace beamline::testing {

/// The shared memory that connections in write-ahead mode talk through. Lives as long as one of them has it.
struct wal_index {
  static constexpr std::size_t slots = 8;

  std::vector<std::unique_ptr<std::byte[]>> regions;
  std::array<int, slots> shared{};
  std::array<bool, slots> is_exclusive{};
};

/// A file and who holds which of SQLite's locks on it; `const void*` is whoever opened it.
struct disk_file {
  stored_file data;
  int shared_locks = 0;
  const void* reserved_by = nullptr;
  const void* pending_by = nullptr;  // Also of the exclusive one.
  std::weak_ptr<wal_index> index;
};

/// The names on a simulated disk and what is behind them, now and after a loss of power. One flat directory. Pure.
///
/// That a name was given or taken away is durable once its file or the directory was synced; until then a loss of power
/// may undo it, each name for itself, to any of its states since.
class file_system {
public:
  // Changes of one name that can be undone; of more, the oldest became durable.
  static constexpr std::size_t name_changes_max = 8;

  struct loss {
    stored_file::loss sectors;
    std::size_t names_undone = 0;
  };

  /// Null: there is none.
  [[nodiscard]] std::shared_ptr<disk_file> find(std::string_view name) const;
  /// Makes an empty file; there must be none of that name.
  std::shared_ptr<disk_file> create(std::string_view name);
  /// False: there is none.
  bool remove(std::string_view name);
  /// Content and name.
  void sync(disk_file& file);
  /// All names.
  void sync_directory();

  [[nodiscard]] std::vector<std::string> names() const;
  [[nodiscard]] std::uint64_t octets() const noexcept;
  [[nodiscard]] std::uint64_t octets_unsynced() const noexcept;

  /// Nobody has anything open any more: locks and shared memory are gone.
  void forget_owners();
  loss lose_power(random_source& chance);

private:
  using file_ptr = std::shared_ptr<disk_file>;  // Null: the name leads to nothing.
  struct entry {
    file_ptr now;
    std::vector<file_ptr> before;  // What it may become again, oldest first; empty: it is durable.
  };

  void change(entry& e, file_ptr to);

  std::map<std::string, entry, std::less<>> entries_;
};

}  // namespace beamline::testing
