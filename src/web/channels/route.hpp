#pragma once

#include "web/channels/channel.hpp"
#include "web/channels/spawner.hpp"

#include <concepts>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

namespace beamline::web {

/// Which topics a class of channels serves: an exact topic, or everything that begins with what stands before a `*` at
/// the end. The first route of a socket that matches decides.
struct channel_route {
  std::string pattern;
  std::function<pid(const channels::spawner&, channel_setup)> start;

  [[nodiscard]] bool matches(std::string_view topic) const noexcept {
    return pattern.ends_with('*') ? topic.starts_with(std::string_view{pattern}.substr(0, pattern.size() - 1))
                                  : topic == pattern;
  }
};

/// `C` is made anew for each join, with copies of `args` behind its setup.
template <std::derived_from<channel> C, class... Args>
[[nodiscard]] channel_route channel_at(std::string pattern, Args... args) {
  return {std::move(pattern), [... kept = std::move(args)](const channels::spawner& s, channel_setup setup) {
            return s.spawn<C>(std::move(setup), kept...);
          }};
}

}  // namespace beamline::web
