#include "actors/process_text.hpp"
#include "supervision/process_view.hpp"

#include <algorithm>
#include <array>

namespace beamline::supervision {

namespace {

using cells = std::vector<std::string>;

/// Columns side by side; numbers to the right, the last column as long as it likes.
std::string table(const std::vector<cells>& lines, const std::vector<bool>& is_number) {
  std::vector<std::size_t> widths(is_number.size());
  for (const auto& l : lines)
    for (std::size_t i = 0; i < l.size(); ++i)
      widths[i] = std::max(widths[i], columns(l[i]));
  std::string out;
  for (const auto& l : lines) {
    std::string line;
    for (std::size_t i = 0; i < l.size(); ++i) {
      std::string space(widths[i] - columns(l[i]), ' ');
      line += (i == 0 ? "" : "  ") + (is_number[i] ? space + l[i] : l[i] + space);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + "\n";
  }
  return out;
}

/// Larger first.
std::int64_t weight(const process_info& p, process_order by) {
  switch (by) {
    case process_order::depth: return p.depth;
    case process_order::busy: return p.busy.count();
    case process_order::memory: return static_cast<std::int64_t>(p.memory_bytes);
    case process_order::age: return p.age.count();
  }
  return 0;
}

constexpr std::array orders{process_order::depth, process_order::busy, process_order::memory, process_order::age};

}  // namespace

std::string_view to_string(process_order o) noexcept {
  switch (o) {
    case process_order::depth: return "depth";
    case process_order::busy: return "busy";
    case process_order::memory: return "memory";
    case process_order::age: return "age";
  }
  return "unknown";
}

std::optional<process_order> parse_process_order(std::string_view text) noexcept {
  for (auto o : orders)
    if (to_string(o) == text)
      return o;
  return std::nullopt;
}

std::vector<process_info> sort_processes(std::vector<process_info> all, process_order by, std::size_t at_most) {
  std::erase_if(all, [](const process_info& p) { return p.born == 0; });
  auto middle = all.begin() + static_cast<std::ptrdiff_t>(std::min(at_most, all.size()));
  std::ranges::partial_sort(all, middle, [by](const process_info& a, const process_info& b) {
    auto x = weight(a, by), y = weight(b, by);
    return x != y ? x > y : a.born < b.born;
  });
  all.erase(middle, all.end());
  return all;
}

std::string processes_text(const std::vector<process_info>& some) {
  std::vector<cells> lines{{"pid", "called", "class", "state", "mailbox", "handled", "busy", "memory", "age", "in"}};
  for (const auto& p : some)
    lines.push_back(
        {short_text(p.id), printable(p.label.empty() ? p.name : p.label, 32), printable(short_kind(p.kind), 40),
         std::string{to_string(p.state)}, grouped(static_cast<std::uint64_t>(std::max<std::int64_t>(p.depth, 0))),
         grouped(p.handled), span_text(p.busy), bytes_text(p.memory_bytes), span_text(p.age),
         p.current.empty() ? "" : printable(short_kind(p.current), 60) + " for " + span_text(p.current_age)});
  return table(lines, {false, false, false, false, true, true, true, true, true, false});
}

std::vector<process_info> zombies_of(std::vector<process_info> all) {
  std::erase_if(all, [](const process_info& p) { return p.state != process_state::zombie; });
  std::ranges::sort(all, [](const process_info& a, const process_info& b) {
    return a.zombie_for != b.zombie_for ? a.zombie_for > b.zombie_for : a.born < b.born;
  });
  return all;
}

std::string zombies_text(const std::vector<process_info>& zombies) {
  if (zombies.empty())
    return "no zombies: every process that was killed has ended\n";
  std::vector<cells> lines{{"pid", "called", "class", "life", "zombie for", "parent", "stuck in"}};
  for (const auto& p : zombies)
    lines.push_back({short_text(p.id), printable(p.label.empty() ? p.name : p.label, 32),
                     printable(short_kind(p.kind), 40), std::to_string(p.incarnation), span_text(p.zombie_for),
                     p.parent == 0 ? "-" : short_text(p.parent),
                     printable(short_kind(p.current), 60) + " for " + span_text(p.current_age)});
  return table(lines, {false, false, false, true, true, false, false});
}

}  // namespace beamline::supervision
