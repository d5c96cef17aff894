#pragma once

#include "actors/process_stats.hpp"
#include "base/result.hpp"
#include "supervision/tree.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace beamline::supervision {

/// How people name processes:
///
///   cart_service             a registered name
///   <5.1>  5.1  <n.5.1>      a pid as trees and lists show it; so does <one@host.5.1>
///   cart   shop/cart         its path in the tree, or the end of it: what the tree calls it and those above it
///   /shop/cart               the whole path
///
/// A pid, a registered name, and a path are looked for in this order. Zombies answer to their pid only: their
/// successors have their names.
class process_names {
public:
  // Nearest names and candidates in a message.
  static constexpr std::size_t hints_max = 6;
  // Longer ones are not looked for.
  static constexpr std::size_t name_bytes_max = 4'096;

  /// Borrows all of it.
  process_names(std::string_view node, const std::vector<process_info>& list, const board_snapshots& boards);

  /// A process. `not_found` with the names that are nearest, `conflict` with those it could be, `invalid` for what
  /// cannot be a name.
  [[nodiscard]] result<const process_info*> find(std::string_view text) const;

  /// A child of a supervisor: its process, or the slot it should be in.
  struct child {
    const process_info* process = nullptr;
    const supervisor_board::snapshot* supervisor = nullptr;  // Null: its parent is none.
    std::string id;
  };
  [[nodiscard]] result<child> find_child(std::string_view text) const;

  /// `shop/cart`
  [[nodiscard]] std::string path(const process_info& p) const;

private:
  [[nodiscard]] const process_info* by_id(std::uint64_t id) const;
  [[nodiscard]] bool matches(const process_info& p, std::string_view text) const;
  [[nodiscard]] std::vector<const process_info*> ends_with(std::string_view text) const;
  [[nodiscard]] std::vector<child> empty_slots(std::string_view text) const;
  [[nodiscard]] error unknown(std::string_view text) const;

  std::string_view node_;
  const std::vector<process_info>& list_;
  const board_snapshots& boards_;
  std::vector<std::size_t> by_id_;  // Into `list_`, by id.
};

}  // namespace beamline::supervision
