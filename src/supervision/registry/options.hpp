#pragma once

#include "actors/pid.hpp"
#include "base/result.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace beamline::supervision {

/// How many may share a key (S135).
enum class key_rule : std::uint8_t {
  unique,     // A key has one owner: a name.
  duplicate,  // Any number of owners, also several entries of one: a topic.
};

/// Which partition an entry is kept in.
enum class partition_rule : std::uint8_t {
  by_key,    // A key is in one partition: fast to ask for. The only rule for unique keys.
  by_owner,  // All entries of an owner are together, a key is asked for in every partition: for few, hot keys.
};

/// Fixed for the life of a registry.
struct registry_options {
  std::string name;  // For people: reports, lists, error messages.
  key_rule keys = key_rule::unique;
  std::size_t partitions = 1;
  partition_rule partitioned = partition_rule::by_key;
  // Names of processes of this node that are told of each explicit registration and its end (S142).
  std::vector<std::string> listeners{};
  // Of one partition; one more is answered `full`.
  std::size_t entries_max = std::size_t{1} << 20;
  // Holders and waiters of one partition's locks; one more is answered `full`.
  std::size_t locks_max = std::size_t{1} << 16;

  static constexpr std::size_t partitions_max = 1024;
  // Entries of metadata; one more is refused with `too_large`.
  static constexpr std::size_t meta_max = 1024;
};

/// The error names the option, the value and what is allowed.
[[nodiscard]] result<void> check_options(const registry_options& o);

/// Why nothing was registered.
struct registration_error {
  enum class kind : std::uint8_t {
    already_registered,  // `who` has the key; perhaps the caller itself.
    not_running,  // No partition process serves that key: the registry's supervisor was not started, or restarts it.
    full,         // The partition has `entries_max` entries, or `locks_max` locks.
  };
  kind what = kind::not_running;
  pid who{};

  friend bool operator==(const registration_error&, const registration_error&) = default;
};
[[nodiscard]] std::string to_string(const registration_error& e);

/// What came of it: true, or the error.
class [[nodiscard]] registration {
public:
  registration() = default;
  registration(registration_error e) : error_{std::move(e)} {}  // NOLINT: implicit on purpose

  [[nodiscard]] bool ok() const noexcept { return !error_.has_value(); }
  explicit operator bool() const noexcept { return ok(); }
  /// Only to be called when `!ok()`.
  [[nodiscard]] const registration_error& error() const { return error_.value(); }

private:
  std::optional<registration_error> error_;
};

}  // namespace beamline::supervision
