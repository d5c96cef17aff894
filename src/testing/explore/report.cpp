#include "testing/explore/report.hpp"

#include "actors/process_text.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace beamline::testing {

namespace {

constexpr std::size_t node_columns_max = 24;
constexpr std::size_t who_columns_max = 30;
// Lines before the one in which two stories differ.
constexpr std::size_t common_lines = 5;

std::string indented(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    auto end = std::min(text.find('\n'), text.size() - 1);
    out.append("  ").append(text.substr(0, end + 1));
    text.remove_prefix(end + 1);
  }
  return out.ends_with('\n') || out.empty() ? out : out + "\n";
}

std::string padded(std::string text, std::size_t width) {
  auto has = columns(text);
  return has < width ? text.append(width - has, ' ') : text;
}

std::string counted(std::size_t n, std::string_view one) {
  return std::to_string(n) + " " + std::string{one} + (n == 1 ? "" : "s");
}

using entries = std::vector<timeline_entry>;

std::string lines_text(entries::const_iterator first, entries::const_iterator last) {
  std::size_t node_width = 0, who_width = 0;
  for (auto e = first; e != last; ++e) {
    node_width = std::max(node_width, std::min(columns(e->node), node_columns_max));
    who_width = std::max(who_width, std::min(columns(e->who), who_columns_max));
  }
  std::string out;
  for (auto e = first; e != last; ++e) {
    auto line = moment_text(e->at - time_point{}) + "  " + padded(printable(e->node, node_columns_max), node_width)
              + "  " + padded(printable(e->who, who_columns_max), who_width) + "  " + e->text;
    out += "  " + printable(line, story_columns_max) + "\n";
  }
  return out;
}

}  // namespace

std::string moment_text(duration since_the_beginning) {
  auto us = std::to_string(std::chrono::duration_cast<std::chrono::microseconds>(since_the_beginning).count());
  constexpr std::size_t digits = 6;
  if (us.size() <= digits)
    us.insert(0, digits + 1 - us.size(), '0');
  us.insert(us.size() - digits, ".");
  return us + "s";
}

std::string story_text(const std::vector<timeline_entry>& story, std::size_t lines) {
  auto shown = std::min(story.size(), lines);
  return lines_text(story.end() - static_cast<std::ptrdiff_t>(shown), story.end());
}

std::string failure_text(const failure& f) {
  const auto& broken = f.outcome.broken;
  const auto& best = f.shrunk.runs > 0 ? f.shrunk.smallest : f.found;
  const auto& outcome = f.shrunk.runs > 0 ? f.shrunk.outcome : f.outcome;
  auto out = "explore \"" + f.campaign + "\": seed " + std::to_string(f.found.seed) + " breaks \""
           + (broken ? broken->invariant : "nothing") + "\" after " + moment_text(f.outcome.broken_at)
           + (f.seeds > 1 ? ", the first to fail of " + std::to_string(f.seeds) + " seeds" : "") + "\n\n";
  if (outcome.broken)
    out += indented(outcome.broken->evidence);
  if (f.shrunk.runs > 0) {
    out += "\nshrunk from " + counted(f.found.faults.size(), "fault") + " to " + std::to_string(best.faults.size())
         + " in " + counted(f.shrunk.runs, "run") + (best.script ? ", and the order of steps to " : "")
         + (best.script ? counted(best.script->size(), "choice") : "") + ". The climate of the seed was\n"
         + indented(climate_text(f.found.weather)) + "The plan, for replay(R\"(...)\") or a file for --plan:\n";
  } else {
    out += "\nThe plan:\n";
  }
  out += indented(to_string(best));
  if (!f.story.empty())
    out += "\nThe end of its story (" + counted(std::min(f.story.size(), f.lines), "line") + " of "
         + std::to_string(f.story.size()) + "):\n" + story_text(f.story, f.lines);
  if (!f.again.empty())
    out += "\nAgain: " + f.again + "\n";
  return out;
}

std::string first_difference(const std::vector<timeline_entry>& once, const std::vector<timeline_entry>& again) {
  auto [a, b] = std::mismatch(once.begin(), once.end(), again.begin(), again.end());
  if (a == once.end() && b == again.end())
    return {};
  auto equal = a - once.begin();
  auto common = std::min<std::ptrdiff_t>(equal, common_lines);
  auto line = [](entries::const_iterator e, const entries& all) {
    return e == all.end() ? std::string{"  (the end)\n"} : lines_text(e, e + 1);
  };
  return "They part after " + std::to_string(equal) + " equal lines:\n" + lines_text(a - common, a) + "once:\n"
       + line(a, once) + "again:\n" + line(b, again);
}

}  // namespace beamline::testing
