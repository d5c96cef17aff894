#pragma once

#include "base/time.hpp"

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>

namespace beamline::event_horizon {

// Telling a view of a change, until its page is on the wire, counts as this long. That is about six times what it
// takes, so that telling leaves most of a core to those who like, comment and come.
inline constexpr duration telling_per_view = std::chrono::microseconds{100};
// So few views are told of every change at once.
inline constexpr std::size_t unpaced_views_max = 100;
// However many views there are, they are never told later than this.
inline constexpr duration telling_pause_max = std::chrono::seconds{1};

/// Decides when the views of a post are told of a change. The first change is told at once. While a post has many
/// views, what changes soon after that is told together, once telling them all may be afforded again: each is told the
/// newest state, and none has to work through what nobody sees any more. Pure; belongs to one process. Holds a time per
/// key.
///
///   changed(key) -> nothing: a telling is due already
///                   0: tell now, then told(key, how many)
///                   a pause: after it, tell what is newest then, then told(key, how many)
class telling_pace {
public:
  [[nodiscard]] std::optional<duration> changed(const std::string& key, time_point now);
  void told(const std::string& key, std::size_t views, time_point now);

private:
  struct state {
    time_point next{};  // Not before.
    bool is_due = false;
  };
  std::map<std::string, state, std::less<>> keys_;
};

}  // namespace beamline::event_horizon
