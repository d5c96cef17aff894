#include "net/discovery/status.hpp"

#include <algorithm>
#include <array>

namespace beamline::net {

namespace {

constexpr std::size_t columns = 5;
using row = std::array<std::string, columns>;

std::string seconds(duration d) {
  auto tenths = to_ms(d) / 100;
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + "s";
}

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const auto& w : words)
    out += (out.empty() ? "" : ", ") + w;
  return out;
}

std::string remark(const discovery_status::target& t) {
  std::string out;
  if (t.next_attempt_in && t.tries > 0)
    out = "again in " + seconds(*t.next_attempt_in);
  if (!t.last_error.empty())
    out += (out.empty() ? "" : ", ") + t.last_error;
  return out;
}

std::string table(const std::vector<row>& rows) {
  std::array<std::size_t, columns> widths{};
  for (const auto& r : rows)
    for (std::size_t i = 0; i < columns; ++i)
      widths[i] = std::max(widths[i], r[i].size());
  std::string out;
  for (const auto& r : rows) {
    std::string line;
    for (std::size_t i = 0; i < columns; ++i)
      line += r[i] + std::string(widths[i] - r[i].size() + 2, ' ');
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + "\n";
  }
  return out;
}

}  // namespace

std::string to_text(const discovery_status& s) {
  std::string out = "round " + std::to_string(s.rounds) + (s.is_round_under_way ? " under way" : "") + ", next in "
                  + seconds(s.next_round_in) + ", " + std::to_string(s.attempts) + " attempts under way\n";
  std::vector<row> sources{{"SOURCE", "ANSWER", "ADDRESSES", "AGE", ""}};
  for (const auto& q : s.sources)
    sources.push_back({q.label, q.state, std::to_string(q.addresses), q.age ? seconds(*q.age) : "-", q.why});
  std::vector<row> targets{{"ADDRESS", "STATE", "NODE", "NAMED BY", ""}};
  for (const auto& t : s.targets)
    targets.push_back({t.endpoint, t.state, t.node.empty() ? "-" : t.node, joined(t.sources), remark(t)});
  return out + table(sources) + table(targets);
}

}  // namespace beamline::net
