#pragma once

#include "actors/pid.hpp"
#include "actors/reason.hpp"

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <string_view>

namespace beamline::event_horizon {

/// Which views are told about which post. Pure; belongs to one process.
class audience {
public:
  enum class outcome {
    first,    // The first one of this view: from now on its end must be watched.
    another,  // The view is known already; asking twice for one post counts once.
    full,     // `subscriptions_max` are there; nothing was added.
  };

  explicit audience(std::size_t subscriptions_max) : max_{subscriptions_max} {}

  outcome add(std::string_view slug, const pid& view);
  /// Forgets a view with everything it asked for.
  void remove(const pid& view);

  /// The views of a post, in the order of their pids.
  [[nodiscard]] const std::set<pid>& of(std::string_view slug) const;
  /// How many posts have views.
  [[nodiscard]] std::size_t topics() const noexcept { return by_slug_.size(); }
  /// Why a view was not added.
  [[nodiscard]] reason refusal() const;
  /// Of all posts together.
  [[nodiscard]] std::size_t size() const noexcept { return size_; }

private:
  std::size_t max_;
  std::size_t size_ = 0;
  std::map<std::string, std::set<pid>, std::less<>> by_slug_;
  std::map<pid, std::set<std::string, std::less<>>> by_view_;
};

}  // namespace beamline::event_horizon
