#include "actors/process_text.hpp"
#include "supervision/tree.hpp"

#include <algorithm>
#include <array>

namespace beamline::supervision {

namespace {

// Longer names are cut; a line stays readable, whatever children are called.
constexpr std::size_t title_max = 48;
constexpr std::size_t kind_max = 40;
constexpr std::size_t message_max = 80;

/// One line; the last column is as long as it likes.
struct row {
  std::array<std::string, 7> cells;
  bool is_note = false;  // Only the first cell, and it widens nothing.
};

std::string count_of(std::uint64_t n, std::string_view one, std::string_view many) {
  return grouped(n) + " " + std::string{n == 1 ? one : many};
}

std::string mailbox_text(const process_info& p) {
  return "mailbox " + grouped(static_cast<std::uint64_t>(std::max<std::int64_t>(p.depth, 0)));
}

/// What there is to say beside the columns that each process has.
std::string remarks(const tree_node& n) {
  std::string out;
  auto say = [&](const std::string& what) { out += (out.empty() ? "" : ", ") + what; };
  const auto& p = n.facts;
  if (n.supervisor)
    say(facts_text(*n.supervisor));
  if (!p.current.empty())
    say("in " + printable(short_kind(p.current), message_max) + " for " + span_text(p.current_age));
  if (p.state == process_state::zombie)
    say("killed " + span_text(p.zombie_for) + " ago");
  if (p.is_asked_to_stop && p.state != process_state::zombie)
    say("asked to stop");
  if (p.shed > 0)
    say("shed " + count_of(p.shed, "message", "messages"));
  if (n.gone_parent != 0)
    say("its parent " + short_text(n.gone_parent) + " has ended");
  return out;
}

row row_of(const tree_node& n, const std::string& prefix) {
  const auto& p = n.facts;
  auto title = prefix + printable(short_kind(title_of(p)), title_max);
  auto kind = printable(short_kind(p.kind), kind_max);
  auto life = "life " + std::to_string(p.incarnation);
  if (n.what == tree_node::role::slot)
    return {{title, "-", kind, std::string{to_string(n.slot)}, "", life, ""}};
  auto state = p.state == process_state::zombie ? std::string{"ZOMBIE"} : std::string{to_string(p.state)};
  auto rest = "age " + span_text(p.age);
  if (auto more = remarks(n); !more.empty())
    rest += std::string(rest.size() < 10 ? 10 - rest.size() : 0, ' ') + "  " + more;
  return {{title, short_text(p.id), kind, state, mailbox_text(p), life, rest}};
}

std::string left_out_text(const tree_node& n) {
  auto out = "... " + grouped(n.children_left_out) + " more";
  if (n.left_out > n.children_left_out)
    out += " with " + grouped(n.left_out - n.children_left_out) + " below";
  if (n.left_out_in_trouble > 0)
    out += ", " + grouped(n.left_out_in_trouble) + " in trouble";
  return out;
}

void add_rows(std::vector<row>& rows, const tree_node& of, const std::string& prefix) {
  for (std::size_t i = 0; i < of.children.size(); ++i) {
    auto is_last = i + 1 == of.children.size() && of.children_left_out == 0;
    rows.push_back(row_of(of.children[i], prefix + (is_last ? "└─ " : "├─ ")));
    add_rows(rows, of.children[i], prefix + (is_last ? "   " : "│  "));
  }
  if (of.children_left_out > 0)
    rows.push_back({{prefix + "└─ " + left_out_text(of)}, true});
}

std::string aligned(const std::vector<row>& rows) {
  std::array<std::size_t, 7> widths{};
  for (const auto& r : rows)
    for (std::size_t i = 0; i + 1 < r.cells.size() && !r.is_note; ++i)
      widths[i] = std::max(widths[i], columns(r.cells[i]));
  std::string out;
  for (const auto& r : rows) {
    std::string line;
    for (std::size_t i = 0; i < r.cells.size(); ++i) {
      line += r.cells[i];
      if (auto used = columns(r.cells[i]); i + 1 < r.cells.size() && !r.is_note)
        line += std::string(widths[i] - std::min(used, widths[i]) + (widths[i] > 0 ? 2 : 0), ' ');
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + "\n";
  }
  return out;
}

}  // namespace

std::string tree_text(const tree_node& root) {
  std::vector<row> rows;
  std::string out;
  if (root.what == tree_node::role::node) {
    out = root.facts.name + ": " + count_of(root.processes, "process", "processes");
    if (root.zombies > 0)
      out += ", " + count_of(root.zombies, "zombie", "zombies");
    out += "\n";
  } else {
    rows.push_back(row_of(root, ""));
  }
  add_rows(rows, root, "");
  return out + aligned(rows);
}

}  // namespace beamline::supervision
