#pragma once

#include "actors/environment.hpp"
#include "actors/pid.hpp"
#include "base/result.hpp"

#include <array>
#include <atomic>
#include <concepts>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace beamline::supervision {

/// The same number for the same text in every process, on every machine, in every release (S121): keys may be stored.
[[nodiscard]] std::uint64_t stable_hash(std::string_view key) noexcept;

/// A signed number as routing takes it: -6 goes where 6 goes.
[[nodiscard]] constexpr std::uint64_t routing_number(std::integral auto key) noexcept {
  if constexpr (std::signed_integral<decltype(key)>)
    return key < 0 ? ~static_cast<std::uint64_t>(key) + 1 : static_cast<std::uint64_t>(key);
  else
    return static_cast<std::uint64_t>(key);
}

/// Who serves which part of the keys of one partition supervisor (M26). Written by that supervisor, read by anybody
/// without a lock and without asking it; a restarted partition is found in the slot of the old one.
class partition_table {
public:
  partition_table(node_identity_ptr node, std::string name, std::size_t partitions);

  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  /// As many as it was started with.
  [[nodiscard]] std::size_t capacity() const noexcept { return capacity_; }
  /// As many as keys are spread over right now; 0: the supervisor does not run, or was resized to none.
  [[nodiscard]] std::size_t count() const noexcept { return count_.load(std::memory_order_acquire); }

  /// Integers: |key| mod count. Empty: there is no partition, or its slot is empty.
  [[nodiscard]] pid of(std::integral auto key) const { return at_number(routing_number(key)); }
  /// Text: its stable hash mod count.
  [[nodiscard]] pid of(std::string_view key) const { return at_number(stable_hash(key)); }

  /// The partition in that slot.
  [[nodiscard]] pid at(std::size_t index) const;

  // -- for the supervisor ------------------------------------------------------------------

  void set(std::size_t index, std::uint64_t process) noexcept { ids_[index].store(process, std::memory_order_release); }
  void set_count(std::size_t n) noexcept { count_.store(n, std::memory_order_release); }

private:
  [[nodiscard]] pid at_number(std::uint64_t number) const;

  node_identity_ptr node_;
  std::string name_;
  std::size_t capacity_;
  std::atomic<std::size_t> count_{0};
  std::unique_ptr<std::atomic<std::uint64_t>[]> ids_;
};

/// The partition tables of one node, by name. Whoever wires the node provides it through the environment. Lookups take
/// no lock; tables live as long as the directory, so a reference to one may be kept.
class partition_directory {
public:
  // Different (name, size) pairs ever; one more partition supervisor is refused.
  static constexpr std::size_t tables_max = 256;

  /// `partitions_default`: of partition supervisors that are not told; as a rule the node's scheduler threads.
  explicit partition_directory(std::size_t partitions_default = 2)
      : partitions_default_{partitions_default > 0 ? partitions_default : 1} {}
  ~partition_directory();
  partition_directory(const partition_directory&) = delete;
  partition_directory& operator=(const partition_directory&) = delete;

  [[nodiscard]] std::size_t partitions_default() const noexcept { return partitions_default_; }

  /// Null: there never was a partition supervisor of that name.
  [[nodiscard]] const partition_table* find(std::string_view name) const noexcept;

  /// For the supervisor: the table of that name and size, made or taken up again.
  [[nodiscard]] result<partition_table*> open(const node_identity_ptr& node, const std::string& name,
                                              std::size_t partitions);

private:
  std::size_t partitions_default_;
  std::mutex mutex_;  // Of writers.
  std::atomic<std::size_t> used_{0};
  std::array<std::atomic<partition_table*>, tables_max> tables_{};  // Owned.
};

/// Where `key` goes among the partitions of the supervisor registered as `name`. Empty: there is none, or its slot is;
/// while a partition is being restarted its old pid, which nobody answers to. Throws `std::logic_error` when the node
/// has no partition_directory.
template <class Key>
[[nodiscard]] pid partition_of(const environment& env, std::string_view name, const Key& key) {
  const auto* t = env.get<partition_directory>().find(name);
  return t == nullptr ? pid{} : t->of(key);
}

/// How many partitions keys are spread over. `not_found`: no partition supervisor of that name runs (S123).
[[nodiscard]] result<std::size_t> partition_count(const environment& env, std::string_view name);

}  // namespace beamline::supervision
