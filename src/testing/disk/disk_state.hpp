#pragma once

#include "base/random.hpp"
#include "base/time.hpp"
#include "testing/disk/file_system.hpp"
#include "testing/disk/simulated_disk.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

namespace beamline::testing {

class disk_vfs;

/// The inside of a simulated disk, as its VFS sees it.
struct disk_state {
  using operation = simulated_disk::operation;
  using verdict = simulated_disk::verdict;

  disk_state(testing::world& w, testing::machine& m);

  /// How many octets all files together may still grow by.
  [[nodiscard]] std::uint64_t room() const noexcept;
  /// Into the trace hash. `file` is the trace_tag of a name.
  void note(operation what, std::uint64_t file, std::uint64_t a = 0, std::uint64_t b = 0);
  void note(std::string_view what, std::uint64_t a, std::uint64_t b = 0);

  testing::world& world;
  testing::machine& machine;
  seeded_random chance;
  file_system files;
  std::shared_ptr<disk_vfs> vfs;  // Of the present run; null: nobody asked yet.
  simulated_disk::judge_function judge;
  std::uint64_t capacity = simulated_disk::bytes_max;
  bool is_full = false;
  bool is_failing = false;
  std::uint64_t slowness = 1;
  std::uint64_t syncs = 0;
  std::uint64_t sectors_lost = 0;
  std::uint64_t sectors_torn = 0;
};

/// A hash of octets, the same in every build; a page in less than a microsecond.
[[nodiscard]] std::uint64_t hash_octets(std::span<const std::byte> octets) noexcept;

}  // namespace beamline::testing
