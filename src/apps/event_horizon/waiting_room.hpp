#pragma once

#include "apps/event_horizon/last_call.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace beamline::event_horizon {

/// Who waits for the first word about which post. Pure; belongs to one process.
class waiting_room {
public:
  // First renders that wait at the same time; one more is let go at once.
  static constexpr std::size_t waiting_max = 10'000;

  using number = std::uint64_t;

  /// Keeps `who` until `release` or `drop`; nothing: there is no room, and it is let go.
  std::optional<number> add(std::string slug, std::shared_ptr<const last_call> who) {
    if (by_number_.size() >= waiting_max)
      return std::nullopt;
    auto n = ++last_;
    by_number_.emplace(n, slug);
    by_slug_[std::move(slug)].emplace(n, std::move(who));
    return n;
  }
  /// There is word of the post: lets go of all who wait for it.
  void release(std::string_view slug) {
    auto known = by_slug_.find(slug);
    if (known == by_slug_.end())
      return;
    for (const auto& [n, who] : known->second)
      by_number_.erase(n);
    by_slug_.erase(known);
  }
  /// There will be none soon: lets go of everybody.
  void release_all() {
    by_number_.clear();
    by_slug_.clear();
  }
  /// Its time is up.
  void drop(number n) {
    auto known = by_number_.extract(n);
    if (!known)
      return;
    auto of = by_slug_.find(known.mapped());
    of->second.erase(n);
    if (of->second.empty())
      by_slug_.erase(of);
  }
  [[nodiscard]] std::size_t size() const noexcept { return by_number_.size(); }

private:
  number last_ = 0;
  std::map<number, std::string> by_number_;
  std::map<std::string, std::map<number, std::shared_ptr<const last_call>>, std::less<>> by_slug_;
};

}  // namespace beamline::event_horizon
