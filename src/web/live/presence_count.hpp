#pragma once

#include "pubsub/presence/presence.hpp"
#include "web/live/view.hpp"

#include <string>
#include <string_view>
#include <utility>

namespace beamline::web::live {

/// From now on the view is sent `presence::count_changed`, how many are in that topic: at once, then at most once in
/// `at_most_every`. Declare it among the view's infos. Does nothing while the first HTML is made.
inline void watch_count(view_socket& s, std::string topic, presence::count_watch_options o = {},
                        std::string_view presence = "presence") {
  if (s.connected())
    s.cast(presence::presence_on(s.env(), presence), presence::watch_count{std::move(topic), s.self(), std::move(o)});
}
inline void unwatch_count(view_socket& s, std::string topic, std::string_view presence = "presence") {
  if (s.connected())
    s.cast(presence::presence_on(s.env(), presence), presence::unwatch_count{std::move(topic), s.self()});
}

}  // namespace beamline::web::live
