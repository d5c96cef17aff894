#include "testing/disk/file_system.hpp"

#include <utility>

namespace beamline::testing {

std::shared_ptr<disk_file> file_system::find(std::string_view name) const {
  auto i = entries_.find(name);
  return i == entries_.end() ? nullptr : i->second.now;
}

void file_system::change(entry& e, file_ptr to) {
  if (e.before.size() == name_changes_max)
    e.before.erase(e.before.begin());
  e.before.push_back(std::exchange(e.now, std::move(to)));
}

std::shared_ptr<disk_file> file_system::create(std::string_view name) {
  auto made = std::make_shared<disk_file>();
  change(entries_.try_emplace(std::string{name}).first->second, made);
  return made;
}

bool file_system::remove(std::string_view name) {
  auto i = entries_.find(name);
  if (i == entries_.end() || !i->second.now)
    return false;
  change(i->second, nullptr);
  return true;
}

void file_system::sync(disk_file& file) {
  file.data.sync();
  for (auto& [name, e] : entries_)
    if (e.now.get() == &file)
      e.before.clear();
}

void file_system::sync_directory() {
  for (auto& [name, e] : entries_)
    e.before.clear();
  std::erase_if(entries_, [](const auto& named) { return named.second.now == nullptr; });
}

std::vector<std::string> file_system::names() const {
  std::vector<std::string> found;
  for (const auto& [name, e] : entries_)
    if (e.now)
      found.push_back(name);
  return found;
}

std::uint64_t file_system::octets() const noexcept {
  std::uint64_t sum = 0;
  for (const auto& [name, e] : entries_)
    if (e.now)
      sum += e.now->data.size();
  return sum;
}

std::uint64_t file_system::octets_unsynced() const noexcept {
  std::uint64_t sum = 0;
  for (const auto& [name, e] : entries_)
    if (e.now)
      sum += e.now->data.octets_unsynced();
  return sum;
}

void file_system::forget_owners() {
  auto forget = [](disk_file& f) {
    f.shared_locks = 0;
    f.reserved_by = f.pending_by = nullptr;
    f.index.reset();
  };
  for (auto& [name, e] : entries_) {
    if (e.now)
      forget(*e.now);
    for (auto& f : e.before)
      if (f)
        forget(*f);
  }
}

file_system::loss file_system::lose_power(random_source& chance) {
  loss result;
  std::uint64_t pieces = 0;
  for (auto& [name, e] : entries_) {
    const auto back = static_cast<std::size_t>(chance.below(e.before.size() + 1));
    if (back > 0) {
      e.now = e.before[e.before.size() - back];
      ++result.names_undone;
    }
    if (e.now)
      pieces += e.now->data.pieces_unsynced();
  }
  sync_directory();
  auto torn = std::optional<std::uint64_t>{};
  if (pieces > 0)
    torn = chance.below(pieces);
  for (auto& [name, e] : entries_)
    result.sectors += e.now->data.lose_power(chance, torn);
  return result;
}

}  // namespace beamline::testing
