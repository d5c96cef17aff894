#pragma once

// The supervision tree of a node as it is right now, read without asking anybody: from the process table, where each
// process shows what it does, and from the boards of the supervisors. A stuck process shows as stuck, and a supervisor
// in a restart storm does not delay the reader (S190, S191).
//
//   auto tree = read_tree(node.env(), boards);                                  the whole node
//   std::cout << tree_text(tree);
//
//   one@host: 7 processes, 1 zombie
//   ├─ shop         <1.1>  supervisor::supervisor  idle     mailbox 0  life 1  age 2m05s  one_for_one 2/3 in 5s (half
//   used) │  ├─ cart      <5.1>  app::cart               running  mailbox 9  life 2  age 41s    in app::query for 12.3s
//   │  ├─ stock     -      app::stock              stopped             life 1
//   │  └─ ... 9,984 more
//
// The parts are each exact, the whole is a picture of moving things: a process that ends meanwhile may be missing.

#include "actors/process_stats.hpp"
#include "base/json_fwd.hpp"
#include "supervision/api.hpp"
#include "supervision/board.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace beamline {
class environment;
}

namespace beamline::supervision {

/// What a supervisor shows beside what it shows as a process.
struct supervisor_facts {
  supervision::strategy strategy = strategy::one_for_one;
  int intensity = 0;
  duration period{};
  std::size_t restarts_in_period = 0;
  std::uint64_t restarts = 0;  // Ever.
  std::size_t zombies = 0;
  bool is_stopping = false;

  /// Half of its restarts are used: one looks before it gives up.
  [[nodiscard]] bool is_budget_half_used() const noexcept {
    return restarts_in_period > 0 && 2 * restarts_in_period >= static_cast<std::size_t>(intensity < 0 ? 0 : intensity);
  }
};

struct tree_node {
  enum class role : std::uint8_t {
    node,  // The root of a whole node; `facts` is empty but for its name.
    process,
    slot,  // A child that its supervisor knows and that has no process: label, kind, position and incarnation only.
  };

  role what = role::process;
  process_info facts;
  std::optional<supervisor_facts> supervisor;
  slot_state slot = slot_state::stopped;  // Of a slot.
  std::uint64_t gone_parent = 0;          // Its parent has ended, so it stands at the top.
  bool is_in_trouble = false;             // It alone; see `tree_options`.
  std::vector<tree_node> children;        // In start order; a zombie before its successor.

  // What is not shown: children of this node, and all processes and slots below it with them.
  std::size_t children_left_out = 0;
  std::size_t left_out = 0;
  std::size_t left_out_in_trouble = 0;

  // Only of the root: of all that was read.
  std::size_t processes = 0;
  std::size_t zombies = 0;
};

struct tree_options {
  std::uint64_t root = 0;  // A process; 0: the whole node.
  // Deeper ones are left out and counted.
  std::size_t depth_max = 32;
  // Of more children of one process these are shown: first those in trouble or with trouble below them, then the first
  // ones. The rest is left out and counted.
  std::size_t children_shown_max = 16;
  // In the whole tree; then everything further is left out and counted.
  std::size_t nodes_max = 5'000;
  // In trouble is: a zombie, a process for longer in one handler, or with more messages waiting, a child that waits for
  // its restart, a supervisor whose budget is half used.
  duration stuck_after = 1s;
  std::int64_t deep_mailbox = 1'000;
};

using board_snapshots = std::vector<supervisor_board::snapshot>;

/// Builds the tree. `node` is the name of its root. Pure; what `list` says is moved out of it. A root that is not in
/// `list` gives a tree with nothing in it.
[[nodiscard]] tree_node build_tree(const std::string& node, std::vector<process_info> list,
                                   const board_snapshots& boards, const tree_options& o = {});

/// Reads a node and builds its tree. From any thread; holds no lock for longer than one process takes. Without boards
/// supervisors are shown as plain processes.
[[nodiscard]] tree_node read_tree(environment& env, const board_registry* boards, const tree_options& o = {});
[[nodiscard]] board_snapshots read_boards(const board_registry* boards, time_point now);

/// Lines for people, in UTF-8, with a newline after each.
[[nodiscard]] std::string tree_text(const tree_node& root);

/// The same for programs; `docs/operating/inspecting.md` lists the members.
[[nodiscard]] json tree_json(const tree_node& root);

/// What a line calls it: label, registered name, or class.
[[nodiscard]] const std::string& title_of(const process_info& p) noexcept;
/// `app::cart` for `beamline::app::cart`.
[[nodiscard]] std::string_view short_kind(std::string_view kind) noexcept;
[[nodiscard]] supervisor_facts facts_of(const supervisor_board::snapshot& s);
/// `one_for_one 2/3 in 5s (half used), stopping`.
[[nodiscard]] std::string facts_text(const supervisor_facts& s);

}  // namespace beamline::supervision
