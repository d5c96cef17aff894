#include "pubsub/presence/tracker/trackers.hpp"

namespace beamline::presence {

std::shared_ptr<const trackers::tracker> trackers::find(std::string_view name) const {
  std::lock_guard lock{mutex_};
  auto at = running_.find(name);
  return at == running_.end() ? nullptr : at->second;
}

std::vector<std::string> trackers::names() const {
  std::lock_guard lock{mutex_};
  std::vector<std::string> all;
  for (const auto& [name, t] : running_)
    all.push_back(name);
  return all;
}

result<void> trackers::open(const std::string& name, tracker_mode mode, std::size_t shards) {
  std::lock_guard lock{mutex_};
  auto at = running_.find(name);
  if (at != running_.end() && at->second->mode == mode && at->second->shards.size() == shards)
    return {};
  if (at == running_.end() && running_.size() >= trackers_max)
    return error{errc::invalid, "the tracker " + name + " is one more than the " + std::to_string(trackers_max)
                                    + " that one node runs"};
  auto made = std::make_shared<tracker>(tracker{name, mode, {}});
  for (std::size_t i = 0; i < shards; ++i)
    made->shards.push_back(std::make_shared<shard_memory>());
  running_[name] = std::move(made);
  return {};
}

void trackers::close(std::string_view name) {
  std::lock_guard lock{mutex_};
  if (auto at = running_.find(name); at != running_.end())
    running_.erase(at);
}

std::uint64_t trackers::next_start(const std::string& name) {
  std::lock_guard lock{mutex_};
  return ++starts_[name];
}

}  // namespace beamline::presence
