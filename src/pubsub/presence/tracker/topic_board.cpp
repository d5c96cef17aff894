#include "pubsub/presence/tracker/topic_board.hpp"

#include <algorithm>
#include <utility>

namespace beamline::presence {

void topic_board::claim(std::uint64_t version) {
  std::lock_guard lock{mutex_};
  version_ = std::max(version_, version);
}

void topic_board::clear() {
  std::lock_guard lock{mutex_};
  topics_.clear();
  seen_.clear();
}

void topic_board::write(std::uint64_t version, const std::string& topic, const topic_update& u) {
  // Built without the lock: nobody else writes.
  auto entries = u.is_all ? entry_tree{} : read(topic);
  for (const auto& e : u.gone)
    entries = entries.without(e);
  for (const auto& e : u.there)
    entries = entries.with(e);

  content old;  // Goes after the lock: it may be large.
  std::lock_guard lock{mutex_};
  if (version != version_)
    return;
  auto at = topics_.find(topic);
  auto before = at == topics_.end() ? 0 : at->second.count;
  auto count = u.is_all ? u.count : before + static_cast<std::uint64_t>(u.count_change);
  if (at == topics_.end() && !entries.empty())
    at = topics_.emplace(topic, content{}).first;
  if (at == topics_.end())
    return;
  old = std::exchange(at->second, content{std::move(entries), count});
  if (at->second.entries.empty())
    topics_.erase(at);
}

void topic_board::write_clock(std::uint64_t version, clock_map seen) {
  std::lock_guard lock{mutex_};
  if (version == version_)
    seen_ = std::move(seen);
}

clock_map topic_board::clock() const {
  std::lock_guard lock{mutex_};
  return seen_;
}

entry_tree topic_board::read(std::string_view topic) const {
  std::lock_guard lock{mutex_};
  auto at = topics_.find(topic);
  return at == topics_.end() ? entry_tree{} : at->second.entries;
}

std::uint64_t topic_board::count(std::string_view topic) const {
  std::lock_guard lock{mutex_};
  auto at = topics_.find(topic);
  return at == topics_.end() ? 0 : at->second.count;
}

std::vector<std::string> topic_board::topics() const {
  std::lock_guard lock{mutex_};
  std::vector<std::string> names;
  names.reserve(topics_.size());
  for (const auto& [name, c] : topics_)
    names.push_back(name);
  return names;
}

}  // namespace beamline::presence
