#pragma once

#include "apps/event_horizon/discussion.hpp"

#include <cstddef>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

namespace beamline::event_horizon {

/// The discussions a node knows, as snapshots. Written by the process `discussions`, which bounds them; read from
/// everywhere: thread-safe, each call under one short lock.
class discussion_board {
public:
  void put(discussion_ref now) {
    auto lock = std::scoped_lock{mutex_};
    auto slug = now->slug;
    all_.insert_or_assign(std::move(slug), std::move(now));
  }
  void drop(std::string_view slug) {
    auto lock = std::scoped_lock{mutex_};
    if (auto known = all_.find(slug); known != all_.end())
      all_.erase(known);
  }
  void clear() {
    auto lock = std::scoped_lock{mutex_};
    all_.clear();
  }

  /// Null: not known.
  [[nodiscard]] discussion_ref get(std::string_view slug) const {
    auto lock = std::scoped_lock{mutex_};
    auto known = all_.find(slug);
    return known == all_.end() ? nullptr : known->second;
  }

private:
  mutable std::mutex mutex_;
  std::map<std::string, discussion_ref, std::less<>> all_;
};

}  // namespace beamline::event_horizon
