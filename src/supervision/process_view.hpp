#pragma once

// Processes one by one and in lists, for people and programs: what `info`, `processes` and `zombies` show.

#include "actors/process_stats.hpp"
#include "base/json_fwd.hpp"
#include "supervision/tree.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace beamline::supervision {

/// A process somebody else has to do with: as far as it is known still.
struct related_process {
  std::uint64_t id = 0;
  std::string title;  // Empty: it has ended.
};

/// Everything there is to say about one process.
struct process_view {
  std::string node;
  process_info facts;
  std::vector<related_process> ancestors;  // Its parent first.
  std::vector<related_process> links;
  std::vector<related_process> watched_by;
  std::vector<related_process> watches;
  std::size_t children = 0;
  std::optional<supervisor_facts> supervisor;

  /// `shop/cart`: from the top.
  [[nodiscard]] std::string path() const;
};

// Of each kind of relation this many are named, in texts and in JSON; the rest is counted.
inline constexpr std::size_t relations_shown_max = 100;

/// Nothing when there is no such process. Looks at all processes.
[[nodiscard]] std::optional<process_view> view_process(environment& env, const board_registry* boards,
                                                       std::uint64_t id);

[[nodiscard]] std::string process_text(const process_view& v);
[[nodiscard]] json process_json(const process_view& v);
/// The members that processes have in trees and lists, too.
[[nodiscard]] json facts_json(const process_info& p);
[[nodiscard]] json facts_json(const supervisor_facts& s);

/// What a list of processes is sorted by, largest first; ties by birth.
enum class process_order : std::uint8_t {
  depth,  // Messages waiting.
  busy,   // Time in handlers, ever.
  memory,
  age,  // Oldest first.
};
[[nodiscard]] std::string_view to_string(process_order o) noexcept;
[[nodiscard]] std::optional<process_order> parse_process_order(std::string_view text) noexcept;

/// The first `at_most` of them.
[[nodiscard]] std::vector<process_info> sort_processes(std::vector<process_info> all, process_order by,
                                                       std::size_t at_most);
/// A table, one line each.
[[nodiscard]] std::string processes_text(const std::vector<process_info>& some);
/// Zombies, oldest first, with what they are stuck in.
[[nodiscard]] std::vector<process_info> zombies_of(std::vector<process_info> all);
[[nodiscard]] std::string zombies_text(const std::vector<process_info>& zombies);

}  // namespace beamline::supervision
