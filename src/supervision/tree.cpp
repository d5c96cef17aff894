#include "supervision/tree.hpp"

#include "actors/environment.hpp"
#include "actors/process_table.hpp"
#include "actors/process_text.hpp"

#include <algorithm>
#include <set>
#include <tuple>
#include <unordered_map>

namespace beamline::supervision {

namespace {

/// Everything that can be a line of the tree, and how it hangs together, before it is decided what is shown.
class forest {
public:
  struct entry {
    process_info facts;
    tree_node::role what = tree_node::role::process;
    slot_state slot = slot_state::stopped;
    const supervisor_board::snapshot* board = nullptr;
    std::size_t parent = none;
    std::size_t first_child = 0;  // Into `order_`.
    std::size_t children = 0;
    bool is_in_trouble = false;
    std::size_t below = 1;          // Entries of its subtree, itself included.
    std::size_t trouble_below = 0;  // ... that are in trouble.
  };
  static constexpr std::size_t none = static_cast<std::size_t>(-1);

  forest(std::vector<process_info> list, const board_snapshots& boards, const tree_options& o) : options_{o} {
    take_processes(std::move(list));
    take_boards(boards);
    sum_up();
    arrange();
  }

  [[nodiscard]] tree_node show(const std::string& node);

private:
  void take_processes(std::vector<process_info> list);
  void take_boards(const board_snapshots& boards);
  void sum_up();
  void arrange();
  [[nodiscard]] bool is_in_trouble(const entry& e) const;
  [[nodiscard]] std::vector<std::size_t> choose(std::size_t first, std::size_t count) const;
  tree_node show_entry(std::size_t at, std::size_t depth);
  void show_children(tree_node& of, std::size_t first, std::size_t count, std::size_t depth);

  tree_options options_;
  std::vector<entry> entries_;  // Parents before their children.
  std::unordered_map<std::uint64_t, std::size_t> by_id_;
  std::vector<std::size_t> order_;  // Siblings together, each group in start order; those without a parent first.
  std::size_t roots_ = 0;
  std::size_t processes_ = 0;
  std::size_t zombies_ = 0;
  std::size_t shown_ = 0;
};

void forest::take_processes(std::vector<process_info> list) {
  // Whoever is just being made belongs to nobody yet.
  std::erase_if(list, [](const process_info& p) { return p.born == 0; });
  std::ranges::sort(list, {}, &process_info::born);
  entries_.reserve(list.size());
  by_id_.reserve(list.size());
  for (auto& p : list) {
    auto parent = by_id_.find(p.parent);
    by_id_.emplace(p.id, entries_.size());
    zombies_ += p.state == process_state::zombie ? 1 : 0;
    auto& e = entries_.emplace_back();
    e.facts = std::move(p);
    e.parent = parent == by_id_.end() ? none : parent->second;
  }
  processes_ = entries_.size();
}

void forest::take_boards(const board_snapshots& boards) {
  std::set<std::pair<std::uint64_t, std::uint64_t>> empty;  // Of which supervisor, at which position.
  for (const auto& b : boards)
    for (const auto& s : b.empty_slots)
      empty.emplace(b.supervisor.id(), s.position);
  // What was started between the two readings.
  for (const auto& e : entries_)
    if (!empty.empty() && e.facts.state != process_state::zombie)
      empty.erase({e.facts.parent, e.facts.position});
  for (const auto& b : boards) {
    auto at = by_id_.find(b.supervisor.id());
    if (at == by_id_.end())
      continue;  // It has ended meanwhile.
    entries_[at->second].board = &b;
    for (const auto& s : b.empty_slots) {
      if (!empty.contains({b.supervisor.id(), s.position}))
        continue;
      auto& e = entries_.emplace_back();
      e.what = tree_node::role::slot;
      e.slot = s.state;
      e.parent = at->second;
      e.facts.parent = b.supervisor.id();
      e.facts.label = s.id;
      e.facts.kind = s.kind;
      e.facts.incarnation = s.incarnation;
      e.facts.position = s.position;
    }
  }
}

bool forest::is_in_trouble(const entry& e) const {
  if (e.what == tree_node::role::slot)
    return e.slot == slot_state::restarting;
  return e.facts.state == process_state::zombie || e.facts.current_age >= options_.stuck_after
      || e.facts.depth >= options_.deep_mailbox || (e.board != nullptr && facts_of(*e.board).is_budget_half_used());
}

void forest::sum_up() {
  for (auto i = entries_.size(); i-- > 0;) {
    auto& e = entries_[i];
    e.is_in_trouble = is_in_trouble(e);
    e.trouble_below += e.is_in_trouble ? 1 : 0;
    if (e.parent != none) {
      entries_[e.parent].below += e.below;
      entries_[e.parent].trouble_below += e.trouble_below;
    }
  }
}

void forest::arrange() {
  order_.resize(entries_.size());
  for (std::size_t i = 0; i < order_.size(); ++i)
    order_[i] = i;
  auto key = [this](std::size_t i) {
    const auto& e = entries_[i];
    return std::tuple{e.parent + 1, e.facts.position, e.facts.born, i};  // `none` comes first.
  };
  std::ranges::sort(order_, {}, key);
  for (std::size_t i = 0; i < order_.size(); ++i) {
    auto parent = entries_[order_[i]].parent;
    if (parent == none) {
      ++roots_;
      continue;
    }
    auto& p = entries_[parent];
    if (p.children++ == 0)
      p.first_child = i;
  }
}

/// Which of so many siblings are shown, in order.
std::vector<std::size_t> forest::choose(std::size_t first, std::size_t count) const {
  std::vector<std::size_t> chosen;
  auto begin = order_.begin() + static_cast<std::ptrdiff_t>(first), end = begin + static_cast<std::ptrdiff_t>(count);
  if (count <= options_.children_shown_max) {
    chosen.assign(begin, end);
    return chosen;
  }
  for (auto wants_trouble : {true, false})
    for (auto i = begin; i != end && chosen.size() < options_.children_shown_max; ++i)
      if ((entries_[*i].trouble_below > 0) == wants_trouble)
        chosen.push_back(static_cast<std::size_t>(i - order_.begin()));
  std::ranges::sort(chosen);
  for (auto& c : chosen)
    c = order_[c];
  return chosen;
}

void forest::show_children(tree_node& of, std::size_t first, std::size_t count, std::size_t depth) {
  std::size_t below = 0, trouble = 0, shown = 0;
  for (auto i = first; i < first + count; ++i) {
    below += entries_[order_[i]].below;
    trouble += entries_[order_[i]].trouble_below;
  }
  if (depth < options_.depth_max)
    for (auto i : choose(first, count)) {
      if (shown_ >= options_.nodes_max)
        break;
      ++shown;
      below -= entries_[i].below;  // What is left out below it, it says itself.
      trouble -= entries_[i].trouble_below;
      of.children.push_back(show_entry(i, depth + 1));
    }
  of.children_left_out = count - shown;
  of.left_out = below;
  of.left_out_in_trouble = trouble;
}

tree_node forest::show_entry(std::size_t at, std::size_t depth) {
  ++shown_;
  auto& e = entries_[at];
  tree_node n;
  n.what = e.what;
  n.facts = std::move(e.facts);
  n.slot = e.slot;
  n.is_in_trouble = e.is_in_trouble;
  if (e.board != nullptr)
    n.supervisor = facts_of(*e.board);
  if (e.parent == none)
    n.gone_parent = n.facts.parent;
  show_children(n, e.first_child, e.children, depth);
  return n;
}

tree_node forest::show(const std::string& node) {
  tree_node root;
  if (auto at = by_id_.find(options_.root); at != by_id_.end()) {
    root = show_entry(at->second, 0);
    root.gone_parent = 0;
  } else {
    root.what = tree_node::role::node;
    root.facts.name = node;
    if (options_.root == 0)
      show_children(root, 0, roots_, 0);
  }
  root.processes = processes_;
  root.zombies = zombies_;
  return root;
}

}  // namespace

tree_node build_tree(const std::string& node, std::vector<process_info> list, const board_snapshots& boards,
                     const tree_options& o) {
  return forest{std::move(list), boards, o}.show(node);
}

board_snapshots read_boards(const board_registry* boards, time_point now) {
  board_snapshots all;
  if (boards != nullptr)
    for (const auto& [id, board] : boards->all())
      all.push_back(board->read(now));
  return all;
}

tree_node read_tree(environment& env, const board_registry* boards, const tree_options& o) {
  auto now = env.time().now();
  // The boards first: a child that is started meanwhile is on both lists then, and not on none.
  auto snapshots = read_boards(boards, now);
  return build_tree(env.self()->name, env.processes().list(now), snapshots, o);
}

const std::string& title_of(const process_info& p) noexcept {
  return !p.label.empty() ? p.label : !p.name.empty() ? p.name : p.kind;
}

std::string_view short_kind(std::string_view kind) noexcept {
  constexpr std::string_view ours = "beamline::";
  return kind.starts_with(ours) ? kind.substr(ours.size()) : kind;
}

supervisor_facts facts_of(const supervisor_board::snapshot& s) {
  return {.strategy = s.flags.strategy,
          .intensity = s.flags.intensity,
          .period = s.flags.period,
          .restarts_in_period = s.restarts_in_period,
          .restarts = s.restarts,
          .zombies = s.zombies.size(),
          .is_stopping = s.is_stopping};
}

std::string facts_text(const supervisor_facts& s) {
  auto out = std::string{to_string(s.strategy)} + " " + grouped(s.restarts_in_period) + "/"
           + grouped(static_cast<std::uint64_t>(std::max(s.intensity, 0))) + " in " + span_text(s.period);
  if (s.is_budget_half_used())
    out += " (half used)";
  if (s.zombies > 0)
    out += ", " + grouped(s.zombies) + (s.zombies == 1 ? " zombie" : " zombies");
  return s.is_stopping ? out + ", stopping" : out;
}

}  // namespace beamline::supervision
