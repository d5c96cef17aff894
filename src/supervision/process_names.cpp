#include "supervision/process_names.hpp"

#include "actors/process_text.hpp"

#include <algorithm>
#include <set>

namespace beamline::supervision {

namespace {

// Names that are compared to find near ones, and how much of each.
constexpr std::size_t compared_max = 20'000;
constexpr std::size_t compared_bytes_max = 48;

/// How many letters to change, add or drop to make one of the other.
std::size_t distance(std::string_view a, std::string_view b) {
  a = a.substr(0, compared_bytes_max);
  b = b.substr(0, compared_bytes_max);
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j < row.size(); ++j)
    row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    auto diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      auto changed = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({changed, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row.back();
}

std::string quoted(std::string_view text) { return "\"" + printable(text, 64) + "\""; }

std::string_view last_part(std::string_view path) { return path.substr(path.rfind('/') + 1); }

bool is_there(const process_info& p) { return p.born != 0 && p.state != process_state::zombie; }

}  // namespace

process_names::process_names(std::string_view node, const std::vector<process_info>& list,
                             const board_snapshots& boards)
    : node_{node}, list_{list}, boards_{boards}, by_id_(list.size()) {
  for (std::size_t i = 0; i < by_id_.size(); ++i)
    by_id_[i] = i;
  std::ranges::sort(by_id_, {}, [this](std::size_t i) { return list_[i].id; });
}

const process_info* process_names::by_id(std::uint64_t id) const {
  auto i = std::ranges::lower_bound(by_id_, id, {}, [this](std::size_t at) { return list_[at].id; });
  return i != by_id_.end() && list_[*i].id == id ? &list_[*i] : nullptr;
}

std::string process_names::path(const process_info& p) const {
  auto out = title_of(p);
  // Parents are older than their children, so this ends.
  for (auto* up = by_id(p.parent); up != nullptr; up = by_id(up->parent))
    out = title_of(*up) + "/" + out;
  return out;
}

/// Whether its path ends with `text`. Names may contain slashes themselves.
bool process_names::matches(const process_info& p, std::string_view text) const {
  for (std::string_view called : {std::string_view{p.label}, std::string_view{p.name}, std::string_view{title_of(p)}}) {
    if (called.empty() || !text.ends_with(called))
      continue;
    auto above = text.substr(0, text.size() - called.size());
    if (above.empty())
      return true;
    if (above.back() != '/')
      continue;
    above.remove_suffix(1);
    const auto* parent = by_id(p.parent);
    if (above.empty() ? parent == nullptr : parent != nullptr && matches(*parent, above))
      return true;
  }
  return false;
}

std::vector<const process_info*> process_names::ends_with(std::string_view text) const {
  std::vector<const process_info*> all;
  for (const auto& p : list_)
    if (is_there(p) && matches(p, text))
      all.push_back(&p);
  return all;
}

error process_names::unknown(std::string_view text) const {
  std::set<std::pair<std::size_t, std::string>> near;
  std::set<std::string_view> compared;
  auto consider = [&](const std::string& name) {
    if (name.empty() || compared.size() >= compared_max || !compared.insert(name).second)
      return;
    auto d = std::min(distance(text, name), distance(last_part(text), name));
    if (d <= std::max<std::size_t>(2, name.size() / 2))
      near.emplace(d, name);
    if (near.size() > hints_max)
      near.erase(std::prev(near.end()));
  };
  for (const auto& p : list_) {
    consider(p.name);
    consider(title_of(p));
  }
  for (const auto& b : boards_)
    for (const auto& s : b.empty_slots)
      consider(s.id);
  auto message = "there is no process " + quoted(text) + " on " + std::string{node_};
  if (near.empty())
    return {errc::not_found, message + "; `tree` shows all there are"};
  message += "; near are";
  for (const auto& [d, name] : near)
    message += " " + quoted(name);
  return {errc::not_found, message};
}

result<const process_info*> process_names::find(std::string_view text) const {
  if (text.empty() || text.size() > name_bytes_max)
    return error{errc::invalid,
                 "a process is named by its pid, its registered name or its path, such as \"web/sessions\"; "
                 "got "
                     + (text.empty() ? std::string{"nothing"} : quoted(text))};
  if (auto id = parse_pid_text(text, node_)) {
    const auto* p = by_id(*id);
    if (p == nullptr || p->born == 0)
      return error{errc::not_found, "there is no process " + short_text(*id) + " on " + std::string{node_}
                                        + " any more; `tree` shows who is there"};
    return p;
  }
  for (const auto& p : list_)
    if (is_there(p) && p.name == text)
      return &p;
  auto all = ends_with(text);
  if (all.size() == 1)
    return all.front();
  if (all.empty())
    return unknown(text);
  auto message = quoted(text) + " could be any of " + grouped(all.size()) + " processes:";
  for (std::size_t i = 0; i < std::min(all.size(), hints_max); ++i)
    message += (i == 0 ? " " : ", ") + printable(path(*all[i]), 200) + " " + short_text(all[i]->id);
  return error{errc::conflict,
               message + (all.size() > hints_max ? ", ..." : "") + "; give more of its path, or its pid"};
}

std::vector<process_names::child> process_names::empty_slots(std::string_view text) const {
  std::vector<child> all;
  for (const auto& b : boards_) {
    const auto* supervisor = by_id(b.supervisor.id());
    for (const auto& s : b.empty_slots) {
      if (supervisor == nullptr || s.id.empty() || !text.ends_with(s.id))
        continue;
      auto above = text.substr(0, text.size() - s.id.size());
      if (above.empty() || (above.back() == '/' && matches(*supervisor, above.substr(0, above.size() - 1))))
        all.push_back({nullptr, &b, s.id});
    }
  }
  return all;
}

result<process_names::child> process_names::find_child(std::string_view text) const {
  auto p = find(text);
  if (!p && p.error().code == errc::not_found) {
    auto slots = empty_slots(text);
    if (slots.size() == 1)
      return slots.front();
    if (slots.size() > 1)
      return error{errc::conflict, quoted(text) + " could be a child of any of " + grouped(slots.size())
                                       + " supervisors; put the supervisor's name and a slash before it"};
  }
  if (!p)
    return p.error();
  child found{*p, nullptr, (*p)->label};
  for (const auto& b : boards_)
    if (b.supervisor.id() == (*p)->parent)
      found.supervisor = &b;
  return found;
}

}  // namespace beamline::supervision
