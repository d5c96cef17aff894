#pragma once

#include "supervision/child_spec.hpp"
#include "web/live/view.hpp"

#include <string>
#include <string_view>

/// Who is reading, on all hosts: the presence "presence" of each node with a blog.
///
///   void mount(...) {
///     attend(s, std::string{site_attendance}, visitor);
///     attend(s, attendance_of(slug), visitor);
///     live::watch_count(s, attendance_of(slug));            // handle_info(const presence::count_changed&)
///   }
///
/// An entry is a view of a connected page, under the key of its reader: so a reader with several tabs, on several hosts
/// even, counts once where keys are counted, as `watch_count` does. Its meta is
/// `{"joined_at": 1795356603412, "socket_id": "<the view's process>", "node": "host_1@..."}`, the time in milliseconds
/// since 1970. It ends with the view: with the tab, its connection, and each navigation to another page.
namespace beamline::event_horizon {

inline constexpr std::string_view attendance_name = "presence";

/// The topic of those who are anywhere on the site.
inline constexpr std::string_view site_attendance = "presence:site";
/// That of those who read this post.
[[nodiscard]] std::string attendance_of(std::string_view slug);

/// From now on the visitor is there, until the view ends. Also when the presence is restarted: the view comes again
/// after a pause. Nothing while the first HTML is made, for a session without a visitor, and on a node without
/// presence: pages do not depend on it. To be called in a turn of the view, once per topic.
void attend(web::live::view_socket& s, std::string topic, const std::string& visitor);

/// The presence, to run behind the node's PubSub system and before its web server.
[[nodiscard]] supervision::child_spec attendance_child();

}  // namespace beamline::event_horizon
