#pragma once

#include "base/random.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace beamline::testing {

/// The octets of one file on a simulated disk: what readers see now, and what a loss of power would leave of it. Pure:
/// knows nothing of names, faults or SQLite. Owned by a simulated_disk.
///
/// Kept are the present content and, for every change since the last sync, what it replaced: syncing costs nothing, and
/// losing power undoes changes, last one first, sector by sector.
class stored_file {
public:
  static constexpr std::size_t sector_bytes = 512;
  // More than this is not kept to be undone: the oldest half becomes durable, as kernels write back by themselves.
  static constexpr std::size_t undo_bytes_max = 8U << 20;
  static constexpr std::size_t changes_max = 1U << 16;

  /// What a loss of power did.
  struct loss {
    std::size_t pieces = 0;  // Of changes not synced, cut at sectors.
    std::size_t lost = 0;
    bool is_torn = false;

    loss& operator+=(const loss& other);
  };

  /// Copies from `at` on; returns how many octets there were, the rest of `to` is zero.
  std::size_t read(std::uint64_t at, std::span<std::byte> to) const;
  /// Grows as needed; a gap before `at` reads as zeros.
  void write(std::uint64_t at, std::span<const std::byte> from);
  /// Cuts, or grows with zeros.
  void resize(std::uint64_t size);
  /// All of it is durable now.
  void sync() noexcept;

  [[nodiscard]] std::uint64_t size() const noexcept { return now_.size(); }
  [[nodiscard]] const std::vector<std::byte>& content() const noexcept { return now_; }
  [[nodiscard]] std::uint64_t octets_unsynced() const noexcept;
  /// Pieces that `lose_power` would decide about.
  [[nodiscard]] std::uint64_t pieces_unsynced() const noexcept;

  /// What was not synced survives or does not: per file all, nothing, everything up to some change, or each sector for
  /// itself, where a sector's changes survive up to one of them. `torn`: counts down with every piece that is lost; the
  /// one that finds it at 0 is torn, a part of it survives, and it becomes empty. Afterwards all is durable.
  loss lose_power(random_source& chance, std::optional<std::uint64_t>& torn);

  /// Flips one bit of an octet that is durable; false: there is none, or none was found in a few tries.
  bool flip_bit(random_source& chance);

private:
  // `length` octets at `at` were changed; before, `kept` of them existed, which are in `undo_`.
  struct change {
    std::uint64_t at;
    std::uint64_t length;
    std::size_t undo;
    std::size_t kept;
    std::uint64_t size_before;  // Of the file.
    std::uint64_t size_after;
  };
  class undoing;

  void note_change(std::uint64_t at, std::uint64_t length, std::uint64_t size_after);
  void write_back_oldest();
  /// `length` octets of `c` from `at` on become what they were before it.
  void restore(const change& c, std::uint64_t at, std::uint64_t length);

  std::vector<std::byte> now_;
  std::vector<change> changes_;  // Since the last sync, oldest first.
  std::vector<std::byte> undo_;
};

}  // namespace beamline::testing
