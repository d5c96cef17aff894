#pragma once

#include "apps/accumulator/contracts.hpp"
#include "apps/event_horizon/views/comment_draft.hpp"
#include "apps/event_horizon/views/moments.hpp"
#include "apps/event_horizon/views/paths.hpp"
#include "web/live/js.hpp"

#include <algorithm>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

/// What the templates of the discussion say.
namespace beamline::event_horizon {

[[nodiscard]] inline std::string author_of(const accumulator::comment& c) {
  return c.author.empty() ? std::string{accumulator::default_author} : c.author;
}

/// The element id of a comment.
[[nodiscard]] inline std::string comment_id(const uid& id) { return "comment-" + id.str(); }

/// Those that begin a thread, or answer in that one; oldest first.
[[nodiscard]] inline std::vector<own_comment> own_in(const std::vector<own_comment>& all, const uid& thread) {
  auto out = std::vector<own_comment>{};
  std::copy_if(all.begin(), all.end(), std::back_inserter(out),
               [&](const own_comment& o) { return o.what.parent == thread; });
  return out;
}

/// `phx-mounted` of a field that takes the focus when it appears.
[[nodiscard]] inline std::optional<std::string> focus_when(bool wanted) {
  return wanted ? std::optional{web::live::js::focus().text()} : std::nullopt;
}

}  // namespace beamline::event_horizon
